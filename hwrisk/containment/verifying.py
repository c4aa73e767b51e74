"""What must always hold of containment."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from hwrisk.containment.counting import work_out
from hwrisk.containment.methods import scenario_of
from hwrisk.containment.models import (
    ChecklistMark,
    Connection,
    ConnectionVersion,
    Facility,
    FacilityVersion,
    Reading,
    VolumeCheck,
)
from hwrisk.db.checks import Check


def overlapping_states(session: Session) -> list[str]:
    """Return a sentence for each facility or connection with two known states on one day."""
    found = [
        f"防控设施 {no} 在 {day} 起有两个同时有效的情形"
        for no, day in _overlaps(session, FacilityVersion, FacilityVersion.facility_id, Facility, Facility.facility_no)
    ]
    found += [
        f"连接 {no} 在 {day} 起有两个同时有效的情形"
        for no, day in _overlaps(
            session, ConnectionVersion, ConnectionVersion.connection_id, Connection, Connection.connection_no
        )
    ]
    later = aliased(ChecklistMark)
    rows = session.execute(
        select(ChecklistMark.park_id, ChecklistMark.item_key, later.valid_from)
        .join(
            later,
            and_(later.park_id == ChecklistMark.park_id, later.item_key == ChecklistMark.item_key,
                 later.id != ChecklistMark.id),
        )
        .where(*_both_known(ChecklistMark, later))
    )  # fmt: skip
    return found + [f"园区 {park} 的清单事项 {key} 在 {day} 起有两个同时有效的记录" for park, key, day in rows]


def _overlaps(session: Session, version: Any, of: Any, owner: Any, number: Any) -> list[Any]:
    later = aliased(version)
    statement = (
        select(number, later.valid_from)
        .join(version, of == owner.id)
        .join(later, and_(getattr(later, of.key) == owner.id, later.id != version.id))
        .where(*_both_known(version, later))
        .order_by(number)
    )
    return list(session.execute(statement))


def _both_known(row: Any, later: Any) -> list[Any]:
    return [
        row.superseded_at.is_(None),
        later.superseded_at.is_(None),
        or_(row.valid_from < later.valid_from, and_(row.valid_from == later.valid_from, row.id < later.id)),
        or_(row.valid_until.is_(None), row.valid_until > later.valid_from),
    ]


def levels_above_volume(session: Session) -> list[str]:
    """Return a sentence for each level above the effective volume known on its day, at the time it was recorded."""
    rows = session.execute(
        select(Facility.facility_no, Reading.confirmed_at)
        .join(Reading, Reading.facility_id == Facility.id)
        .join(FacilityVersion, FacilityVersion.facility_id == Facility.id)
        .where(
            FacilityVersion.recorded_at <= Reading.recorded_at,
            or_(FacilityVersion.superseded_at.is_(None), FacilityVersion.superseded_at > Reading.recorded_at),
            FacilityVersion.valid_until.is_(None),
            Reading.occupied > FacilityVersion.effective_volume,
        )
        .order_by(Facility.facility_no, Reading.id)
    )
    return [f"防控设施 {number} 在 {at:%Y-%m-%d %H:%M} 确认的现存量超过有效容积" for number, at in rows]


def checks_come_out_again(session: Session) -> list[str]:
    """Return a sentence for each stored check that its own inputs and network no longer give."""
    wrong = []
    for check in session.scalars(select(VolumeCheck).order_by(VolumeCheck.id)):
        if work_out(scenario_of(check.inputs), check.network) != check.result:
            wrong.append(f"容积校核“{check.name}”（{check.as_of}）按所存的输入重算，结果与所存的不同")
    return wrong


CHECKS = (
    Check("containment.overlap", "防控设施、连接和清单每天只有一个有效情形", overlapping_states),
    Check("containment.levels", "现存量不超过有效容积", levels_above_volume),
    Check("containment.checks", "容积校核能按所存的输入重算出同样的结果", checks_come_out_again),
)
