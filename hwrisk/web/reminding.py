"""The reminders of all rooms: the job that tells them, and a line of the to-do page for each source (到期提醒)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from hwrisk.db.once import once
from hwrisk.jobs import Job, Schedule
from hwrisk.notices.records import ReminderSource
from hwrisk.notices.reminders import remind, reminder_counts
from hwrisk.security.viewer import Viewer
from hwrisk.web.records import Todo, TodoItem


def reminder_job(sources: Sequence[ReminderSource]) -> Job:
    """Return the daily job that tells what is due; a day missed is made good by the present stage alone."""

    def run(session: Session, *, as_of: date) -> dict[str, int]:
        return remind(session, sources, as_of=as_of)

    return Job(name="reminders", label="到期提醒", schedule=Schedule(hour=6), run=run, catch_up=1)


def reminder_todos(sources: Sequence[ReminderSource]) -> tuple[TodoItem, ...]:
    """Return two lines of the to-do page for each source: what is due, and what is overdue."""
    return tuple(
        item
        for source in sources
        if not source.has_own_todos
        for item in (_item(source, overdue=True), _item(source, overdue=False))
    )


def _item(source: ReminderSource, *, overdue: bool) -> TodoItem:
    def count(session: Session, user: Viewer, as_of: date) -> Todo:  # noqa: ARG001 - what was told is told
        counts = once(
            session, ("reminders", source.kind, user), lambda: reminder_counts(session, source.kind, user=user)
        )
        if overdue:
            return Todo(counts.overdue, state="bad", state_label="逾期", args=source.overdue_args)
        return Todo(counts.due, state="warn", state_label="将到期", args=source.due_args)

    label = f"件{source.label}{'已逾期' if overdue else '将到期'}"
    return TodoItem(label, count, source.endpoint, source.permission)
