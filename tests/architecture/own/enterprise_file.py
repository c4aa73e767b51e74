"""Routes of the enterprise files for the matrix."""

from __future__ import annotations

from typing import Any

OWN: dict[str, Any] = {"enterprise_file.show": lambda w: {"public_id": w.ours.unit.public_id}}
OPEN: dict[str, Any] = {}


def rows(_session: Any, _world: Any) -> dict[str, Any]:
    """Return nothing: the tenant's unit is there."""
    return {}
