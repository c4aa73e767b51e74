"""Reminders: each thing that is due is told once at each stage, and what is settled is taken back (到期提醒)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.db.chunks import chunked
from hwrisk.notices.models import Notice
from hwrisk.notices.operations import audience_of, notify
from hwrisk.notices.queries import is_for
from hwrisk.notices.records import Due, ReminderSource
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

PREFIX = "reminder"
OVERDUE = "overdue"
KEY_LENGTH = 200


class Counts(NamedTuple):
    """How many things of one source a person was told of that are not settled."""

    due: int
    overdue: int


def stage_on(due_on: date, leads: Sequence[int], as_of: date) -> str | None:
    """Return the stage of a thing on a day: overdue, the smallest lead that has begun, or None before the first.

    The due day itself is in time; the day after it is overdue. Who starts late skips to the present stage.
    """
    left = (due_on - as_of).days
    if left < 0:
        return OVERDUE
    begun = [lead for lead in leads if left <= lead]
    return str(min(begun)) if begun else None


def remind(session: Session, sources: Iterable[ReminderSource], *, as_of: date) -> dict[str, int]:
    """Tell what is due and overdue on `as_of`, once per thing and stage; take back what is settled; return counts."""
    told = withdrawn = 0
    for source in sources:
        one, other = _of_source(session, source, as_of)
        told, withdrawn = told + one, withdrawn + other
    return {"told": told, "withdrawn": withdrawn}


def reminder_counts(session: Session, kind: str, *, user: Viewer) -> Counts:
    """Return how many things of a source `user` has been told of and are not settled, overdue ones apart."""
    stem = f"{PREFIX}:{kind}:"
    is_overdue = Notice.key.endswith(f":{OVERDUE}", autoescape=True)
    rows = session.execute(
        select(
            func.count(func.distinct(case((~is_overdue, Notice.key)))),
            func.count(func.distinct(case((is_overdue, Notice.key)))),
        ).where(is_for(user), Notice.key.startswith(stem, autoescape=True))
    ).one()
    return Counts(*rows)


def _of_source(session: Session, source: ReminderSource, as_of: date) -> tuple[int, int]:
    leads = source.leads(session, as_of)
    stem = f"{PREFIX}:{source.kind}:"
    known = {
        (notice.key, notice.audience): notice
        for notice in session.scalars(select(Notice).where(Notice.key.startswith(stem, autoescape=True)))
    }
    standing, told = set(), 0
    for due in source.due(session, as_of=as_of):
        stage = stage_on(due.on, leads, as_of)
        if stage is None:
            continue
        key = f"{stem}{due.key}"[: KEY_LENGTH - len(OVERDUE) - 1] + f":{stage}"
        standing.add(key)
        told += _tell(session, source, due, key=key, stage=stage, known=known, as_of=as_of)
    gone = sorted({key for (key, _), notice in known.items() if notice.withdrawn_at is None} - standing)
    return told, _withdraw(session, gone)


def _tell(
    session: Session,
    source: ReminderSource,
    due: Due,
    *,
    key: str,
    stage: str,
    known: dict[tuple[str, str], Notice],
    as_of: date,
) -> int:
    left = (due.on - as_of).days
    when = f"已逾期 {-left} 天" if stage == OVERDUE else ("今天到期" if left == 0 else f"还有 {left} 天")
    # Nobody named: the city section looks after it.
    is_open = due.to_role is None and due.to_office is None and due.to_park is None and due.to_unit is None
    role = Role.CITY if is_open else due.to_role
    audience = audience_of(role=role, office=due.to_office, park=due.to_park, unit=due.to_unit)
    before = known.get((key, audience))
    if before is not None:
        # Settled once and open again, as when a filing was entered by mistake: it is shown again, not told anew.
        before.withdrawn_at = None
        return 0
    known[(key, audience)] = notify(
        session,
        key=key,
        title=f"{source.label}{'逾期' if stage == OVERDUE else '将到期'}：{due.title}",
        body=f"{when}（期限 {due.on:%Y-%m-%d}）。{due.body}",
        link=due.link,
        to_role=role,
        to_office=due.to_office,
        to_park=due.to_park,
        to_unit=due.to_unit,
    )
    return 1


def _withdraw(session: Session, keys: Sequence[str]) -> int:
    session.flush()
    count, at = 0, now()
    for chunk in chunked(keys):
        gone = session.scalars(
            update(Notice)
            .where(Notice.key.in_(chunk), Notice.withdrawn_at.is_(None))
            .values(withdrawn_at=at)
            .returning(Notice.id)
        ).all()
        count += len(gone)
    return count
