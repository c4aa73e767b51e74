"""What concerns a process as a whole."""

from __future__ import annotations

import gc


def settle_memory() -> None:
    """Set aside what the process has loaded by now and keeps to its end.

    Collecting garbage would go through all of it again and again, some fifty milliseconds in the middle of a request.
    """
    gc.collect()
    gc.freeze()
