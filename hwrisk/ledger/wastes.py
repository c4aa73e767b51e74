"""The wastes of a unit: its own names, proposed stream tags, codes outside the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.catalogue.models import StreamTag
from hwrisk.catalogue.queries import judge_codes
from hwrisk.catalogue.rules import propose_tag
from hwrisk.db.base import new_public_id
from hwrisk.db.chunks import chunked
from hwrisk.ledger.models import UnitWaste
from hwrisk.security.viewer import Viewer

WasteKey = tuple[int, str, str]
"""Unit id, waste code, the unit's own name of it."""


def keep_unit_wastes(session: Session, wastes: Mapping[WasteKey, date], *, recorded_at: datetime) -> set[WasteKey]:
    """Register the wastes that are new for their unit; return those of all given whose code is outside the catalogue.

    `wastes` names the latest day of generation or entry of each; the code is judged by the edition of that day.
    """
    if not wastes:
        return set()
    verdicts = judge_codes(session, {(code, day) for (_, code, _), day in wastes.items()})
    outside = {key for key, day in wastes.items() if not verdicts[(key[1], day)].is_listed}
    new = sorted(set(wastes) - _known(session, wastes))
    if new:
        tags = session.scalars(select(StreamTag).order_by(StreamTag.tag)).all()
        rows = [_row(key, propose_tag(key[2], tags), is_outside=key in outside, at=recorded_at) for key in new]
        session.execute(insert(UnitWaste), rows)
    return outside


def confirm_tag(session: Session, waste: UnitWaste, *, tag: str | None, viewer: Viewer) -> None:
    """Record the stream tag a person decided on; None means that it belongs to no stream followed by itself."""
    waste.tag_confirmed = tag
    waste.confirmed_by = viewer.label
    session.flush()
    audit.record(session, viewer, "unit_waste.tag", "unit_waste", waste.id, summary={"标签": tag or "无"})


def _known(session: Session, wastes: Mapping[WasteKey, date]) -> set[WasteKey]:
    found: set[WasteKey] = set()
    columns = (UnitWaste.unit_id, UnitWaste.waste_code, UnitWaste.waste_name)
    for chunk in chunked(sorted(wastes)):
        found.update(
            tuple(row) for row in session.execute(select(*columns).where(tuple_(*columns).in_(chunk))).tuples()
        )
    return found


def _row(key: WasteKey, tag: str | None, *, is_outside: bool, at: datetime) -> dict[str, object]:
    unit_id, code, name = key
    return {
        "public_id": new_public_id(),
        "unit_id": unit_id,
        "waste_code": code,
        "waste_name": name,
        "tag_proposed": tag,
        "outside_catalogue": is_outside,
        "recorded_at": at,
    }
