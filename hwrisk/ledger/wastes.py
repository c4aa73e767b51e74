"""The wastes of a unit: its own names, proposed stream tags, codes outside the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.catalogue.models import StreamTag
from hwrisk.catalogue.queries import judge_codes
from hwrisk.catalogue.rules import propose_tag
from hwrisk.db.base import new_public_id
from hwrisk.db.chunks import chunked
from hwrisk.errors import RuleViolation
from hwrisk.ledger.models import UnitWaste
from hwrisk.security.viewer import Viewer

WasteKey = tuple[int, str, str]
"""Unit id, waste code, the unit's own name of it."""
COLUMNS = (UnitWaste.unit_id, UnitWaste.waste_code, UnitWaste.waste_name)


def codes_outside(session: Session, pairs: Iterable[tuple[str, date]]) -> set[tuple[str, date]]:
    """Return the (code, day) pairs whose well-formed code the edition of the day does not list (名录外代码（待核）)."""
    return {pair for pair, verdict in judge_codes(session, pairs).items() if not verdict.is_listed}


def keep_unit_wastes(session: Session, wastes: Mapping[WasteKey, bool], *, recorded_at: datetime) -> int:
    """Register the wastes that are new for their unit, and return how many; the value says: outside the catalogue.

    Of known ones that mark is brought up to date: a newer edition may list what an older one did not.
    """
    known = _known(session, wastes)
    for chunk in chunked(sorted(key for key, was in known.items() if was != wastes[key])):
        for row in session.scalars(select(UnitWaste).where(tuple_(*COLUMNS).in_(chunk))):
            row.outside_catalogue = wastes[(row.unit_id, row.waste_code, row.waste_name)]
    new = sorted(wastes.keys() - known.keys())
    if new:
        tags = session.scalars(select(StreamTag).order_by(StreamTag.tag)).all()
        rows = [_row(key, propose_tag(key[2], tags), is_outside=wastes[key], at=recorded_at) for key in new]
        session.execute(insert(UnitWaste), rows)
    return len(new)


def confirm_tag(session: Session, waste: UnitWaste, *, tag: str | None, viewer: Viewer) -> None:
    """Record the stream tag a person decided on; None means that it belongs to no stream followed by itself.

    Raises:
        RuleViolation: there is no such tag.
    """
    if tag is not None and session.get(StreamTag, tag) is None:
        raise RuleViolation("没有这种废物流标签，请从列表中选择", field="tag")
    waste.tag_confirmed = tag
    waste.confirmed_by = viewer.label
    session.flush()
    audit.record(session, viewer, "unit_waste.tag", "unit_waste", waste.id, summary={"标签": tag or "无"})


def _known(session: Session, wastes: Mapping[WasteKey, bool]) -> dict[WasteKey, bool]:
    found: dict[WasteKey, bool] = {}
    for chunk in chunked(sorted(wastes)):
        rows = session.execute(select(*COLUMNS, UnitWaste.outside_catalogue).where(tuple_(*COLUMNS).in_(chunk)))
        found.update({(row.unit_id, row.waste_code, row.waste_name): row.outside_catalogue for row in rows})
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
