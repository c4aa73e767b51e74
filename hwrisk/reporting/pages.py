"""The templates of `reports/`: plain values in, escaped HTML out, without Flask."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hwrisk.resources import resource_dir


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(resource_dir("reports")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(name: str, **values: Any) -> str:
    """Return the page `name` of `reports/` (such as `ledger/page.html`) filled with `values`.

    Raises:
        jinja2.UndefinedError: the page names a value that was not given.
    """
    return _environment().get_template(name).render(**values)
