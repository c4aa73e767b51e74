"""Examples of the routes of the park file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from tests.architecture.world import World

OWN: dict[str, Callable[[World], dict[str, Any]]] = {"park_file.show": lambda w: {"public_id": w.ours.park.public_id}}
OPEN: dict[str, Callable[[World], dict[str, Any]]] = {}


def rows(session: Session, world: World) -> dict[str, Any]:
    """Make nothing more."""
    return {}
