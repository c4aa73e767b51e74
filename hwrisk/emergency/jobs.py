"""The scheduled job of materials."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.config import settings
from hwrisk.emergency.operations.phones import record_spooled
from hwrisk.jobs import Job, Schedule


def record_phone_views(session: Session, *, as_of: date) -> dict[str, int]:  # noqa: ARG001 - whatever waits is recorded
    """Record the telephone numbers that were seen while the database could not be written."""
    return {"补记": record_spooled(session, settings().home)}


JOBS = (
    Job(
        name="material-phone-views",
        label="补记查看值班电话",
        schedule=Schedule(hour=3, minute=40),
        run=record_phone_views,
        catch_up=1,
    ),
)
