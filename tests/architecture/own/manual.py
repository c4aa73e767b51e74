"""The manual's routes; its pictures are made by `make manual` and may be missing."""

from __future__ import annotations

from typing import Any

from hwrisk.web.manual import chapter_keys

# A picture may not have been made, which is answered as a row out of sight is.
OWN: dict[str, Any] = {"manual.picture": lambda _: {"name": "nothing.png"}}
OPEN: dict[str, Any] = {"manual.chapter": lambda _: {"key": chapter_keys()[0]}}


def rows(_session: Any, _world: Any) -> dict[str, Any]:
    """Return nothing: the manual is the same for everybody."""
    return {}
