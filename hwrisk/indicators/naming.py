"""Names of units on the days they were counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.units.models import UnitVersion


def unit_names(session: Session, wanted: Iterable[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """Return the name of each unit on its day, in one statement; before the first record the first, else empty."""
    wanted = set(wanted)
    spans: dict[int, list[Any]] = defaultdict(list)
    known = session.execute(
        select(UnitVersion.unit_id, UnitVersion.valid_from, UnitVersion.valid_until, UnitVersion.name)
        .where(UnitVersion.unit_id.in_({unit_id for unit_id, _ in wanted}), UnitVersion.superseded_at.is_(None))
        .order_by(UnitVersion.unit_id, UnitVersion.valid_from)
    )
    for span in known:
        spans[span.unit_id].append(span)

    def name(unit_id: int, day: date) -> str:
        held = [s for s in spans[unit_id] if s.valid_from <= day and (s.valid_until is None or day < s.valid_until)]
        return (held or spans[unit_id])[0].name if spans[unit_id] else ""

    return {(unit_id, day): name(unit_id, day) for unit_id, day in wanted}
