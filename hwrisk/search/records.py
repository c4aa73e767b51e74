"""What rooms hand to the search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hwrisk.security.permissions import Permission


@dataclass(frozen=True, kw_only=True)
class SearchDoc:
    """One thing that can be found (可检索对象), as it stands now."""

    kind: str
    ref: str
    """Identifies it within its kind; the public id where it has one."""
    title: str
    """What people call it; found by pinyin too."""
    link: str
    """Path inside the site."""
    subtitle: str = ""
    """A second line for the list of hits, searched too."""
    codes: tuple[str, ...] = ()
    """Numbers and codes that lead straight to it, as USCC, unit number, waste code."""
    text: str = ""
    """More words to be found by, not shown."""
    office_code: str | None = None
    park_id: int | None = None
    unit_id: int | None = None
    """Who sees it: whoever sees this office, this park or this unit; with none of the three, everybody."""
    permission: Permission | None = None
    """What a viewer must hold besides, or None."""
    boost: int = 0
    """Among equally good hits the higher stands first."""


@dataclass(frozen=True, kw_only=True)
class SearchSource:
    """A kind of things that can be found, and all of them (检索来源), for building the index anew."""

    kind: str
    label: str
    rows: Callable[[Session], Iterable[SearchDoc]]
