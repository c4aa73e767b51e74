"""Rows of the balance for the matrix of routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.capacity.operations import compute_base
from hwrisk.clock import today
from hwrisk.security import Viewer

OWN: dict[str, Callable[[Any], dict[str, Any]]] = {}
OPEN: dict[str, Callable[[Any], dict[str, Any]]] = {
    "capacity.run": lambda w: {"public_id": w.rows["capacity_run"].public_id}
}
"""A run speaks of the city: it holds sums, and nothing of one unit."""


def rows(session: Session, world: Any) -> dict[str, Any]:
    """Return a run of this year."""
    return {"capacity_run": compute_base(session, year=today().year, as_of=today(), actor=Viewer.system())}
