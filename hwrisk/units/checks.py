"""What must always hold of the unit register."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.checks import Check
from hwrisk.units.models import Unit, UnitVersion


def overlapping_states(session: Session) -> list[str]:
    """Return a sentence for each unit with two known states on one day."""
    later = aliased(UnitVersion)
    rows = session.execute(
        select(Unit.unit_no, UnitVersion.valid_from, later.valid_from)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .join(later, and_(later.unit_id == Unit.id, later.id != UnitVersion.id))
        .where(
            UnitVersion.superseded_at.is_(None),
            later.superseded_at.is_(None),
            or_(
                UnitVersion.valid_from < later.valid_from,
                and_(UnitVersion.valid_from == later.valid_from, UnitVersion.id < later.id),
            ),
            or_(UnitVersion.valid_until.is_(None), UnitVersion.valid_until > later.valid_from),
        )
        .order_by(Unit.unit_no, UnitVersion.valid_from)
    )
    return [f"单位 {number} 在 {later} 起有两个同时有效的情形（另一个自 {first} 起）" for number, first, later in rows]


def interrupted_states(session: Session) -> list[str]:
    """Return a sentence for each unit whose known states leave days out, or that has no open state."""
    known = (
        select(
            UnitVersion.unit_id,
            UnitVersion.valid_until,
            func.lead(UnitVersion.valid_from)
            .over(partition_by=UnitVersion.unit_id, order_by=UnitVersion.valid_from)
            .label("next_from"),
        )
        .where(UnitVersion.superseded_at.is_(None))
        .subquery()
    )
    is_broken = or_(
        and_(known.c.valid_until.is_not(None), known.c.next_from.is_(None)),
        known.c.valid_until < known.c.next_from,
    )
    rows = session.execute(
        select(Unit.unit_no, known.c.valid_until)
        .outerjoin(known, known.c.unit_id == Unit.id)
        .where(or_(known.c.unit_id.is_(None), is_broken))
        .order_by(Unit.unit_no)
    )
    return [f"单位 {number} 自 {day or '登记'} 起没有情形记录" for number, day in rows]


CHECKS = (
    Check("units.overlap", "每个单位每天只有一个有效情形", overlapping_states),
    Check("units.gaps", "单位情形前后衔接、没有空档", interrupted_states),
)
