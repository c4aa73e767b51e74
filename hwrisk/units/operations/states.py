"""Recording what becomes of a unit: rows are added and superseded, never overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.audit import Actor
from hwrisk.clock import now, today
from hwrisk.db.chunks import chunked
from hwrisk.errors import RuleViolation
from hwrisk.units import rules
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.operations.change import KIND, STATE_FIELDS, UnitChange, check_state, new_version
from hwrisk.units.searching import index_versions
from hwrisk.units.timeline import Segment, rewrite


@dataclass(frozen=True, kw_only=True)
class StateRecord:
    """A change of one unit on [from_day, until), or from `from_day` on."""

    unit: Unit
    from_day: date
    changes: UnitChange
    reason: str
    until: date | None = None
    has_stock: bool = False
    """Whether the ledger still holds stock of the unit; the ledger stands above this room, so the caller says it."""


def record_state(
    session: Session,
    unit: Unit,
    *,
    from_day: date,
    until: date | None = None,
    changes: UnitChange,
    actor: Actor | None,
    reason: str,
    recorded_at: datetime | None = None,
    has_stock: bool = False,
) -> bool:
    """Record that `changes` hold on [from_day, until), or from `from_day` on; tell whether anything changed.

    What was known before stays readable by `known_at`; fields that are not named stay what they were on each day.

    Raises:
        RuleViolation: no reason, a state that asks for more, a status that cannot follow, or stock left.
    """
    record = StateRecord(unit=unit, from_day=from_day, until=until, changes=changes, reason=reason, has_stock=has_stock)
    return bool(record_states(session, [record], actor=actor, recorded_at=recorded_at))


def record_states(
    session: Session, records: Sequence[StateRecord], *, actor: Actor | None, recorded_at: datetime | None = None
) -> int:
    """Record many changes, of different units or in turn of one, and return how many changed something.

    Raises:
        RuleViolation: as `record_state`.
    """
    at = recorded_at or now()
    known = _known_versions(session, {record.unit.id for record in records})
    changed: set[int] = set()
    count = 0
    for record in records:
        after = _rewritten(known[record.unit.id], record, at)
        if after is None:
            continue
        count += 1
        changed.add(record.unit.id)
        known[record.unit.id] = _store(session, known[record.unit.id], after, record, actor=actor, at=at)
        audit.record(session, actor, "unit.record", KIND, record.unit.id, summary=_summary(record))
    session.flush()
    index_versions(session, [_present(known[unit_id], today()) for unit_id in sorted(changed)])
    return count


def _present(known: Sequence[UnitVersion], day: date) -> UnitVersion:
    begun = [version for version in known if version.valid_from <= day]
    return begun[-1] if begun else known[0]


def _known_versions(session: Session, unit_ids: set[int]) -> dict[int, list[UnitVersion]]:
    found: dict[int, list[UnitVersion]] = {unit_id: [] for unit_id in unit_ids}
    for chunk in chunked(sorted(unit_ids)):
        # The unit is locked, not its versions: whoever waited must see the rows the other one has added.
        session.execute(select(Unit.id).where(Unit.id.in_(chunk)).order_by(Unit.id).with_for_update())
        rows = session.scalars(
            select(UnitVersion)
            .where(UnitVersion.unit_id.in_(chunk), UnitVersion.superseded_at.is_(None))
            .order_by(UnitVersion.valid_from)
            .execution_options(populate_existing=True)
        )
        for version in rows:
            found[version.unit_id].append(version)
    return found


def _rewritten(known: Sequence[UnitVersion], record: StateRecord, at: datetime) -> list[Segment[UnitVersion]] | None:
    if not record.reason.strip():
        raise RuleViolation("请写明变更理由", field="reason")
    if any(version.recorded_at > at for version in known):
        raise RuleViolation("系统时钟早于上一次登记的时间，请核对服务器时间后再登记")
    before = [Segment(v.valid_from, v.valid_until, _state(v), v) for v in known]
    changes = cast(Mapping[str, Any], record.changes)
    after = rewrite(before, from_day=record.from_day, until=record.until, changes=changes)
    if all(segment.row is not None for segment in after):
        return None
    for segment in after:
        if segment.is_changed:
            check_state(segment.state, reason=record.reason, has_stock=record.has_stock)
    for earlier, later in pairwise(after):
        if earlier.is_changed or later.is_changed:
            rules.check_transition(earlier.state["status"], later.state["status"])
    return after


def _store(
    session: Session,
    known: Sequence[UnitVersion],
    after: Sequence[Segment[UnitVersion]],
    record: StateRecord,
    *,
    actor: Actor | None,
    at: datetime,
) -> list[UnitVersion]:
    kept = {id(segment.row) for segment in after if segment.row is not None}
    for version in known:
        if id(version) not in kept:
            version.superseded_at = at
    rows = []
    for segment in after:
        reason = record.reason if segment.is_changed else _reason_of(known, segment.valid_from) or record.reason
        row = segment.row or new_version(record.unit.id, segment.state, actor=actor, reason=reason, at=at)
        row.valid_from, row.valid_until = segment.valid_from, segment.valid_until
        rows.append(row)
    session.add_all(row for row in rows if id(row) not in kept)
    return rows


def _reason_of(known: Sequence[UnitVersion], day: date) -> str:
    # What is left of a divided version was recorded for its own reason, not for that of the change beside it.
    return next((v.reason for v in known if v.valid_from <= day and (v.valid_until is None or day < v.valid_until)), "")


def _state(version: UnitVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in STATE_FIELDS}


def _summary(record: StateRecord) -> dict[str, Any]:
    changes = {name: value if value is None else str(value) for name, value in record.changes.items()}
    return {
        "from_day": record.from_day.isoformat(),
        "until": record.until.isoformat() if record.until else None,
        "reason": record.reason,
        "changes": changes,
    }
