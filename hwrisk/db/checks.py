"""The record of a self-check that `hwrisk verify` runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Check:
    """One thing that must always hold of the stored data (自检项)."""

    name: str
    """Short English key, as `area.what`."""
    label: str
    """What is checked, in Chinese."""
    run: Callable[[Session], list[str]]
    """Return one Chinese sentence for each problem found; an empty list means all is well."""
