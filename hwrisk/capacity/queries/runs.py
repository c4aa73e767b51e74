"""Runs that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.capacity.models import CapacityRun, RunKind
from hwrisk.errors import NotFound


def latest_base(session: Session, *, as_of: date, year: int | None = None) -> CapacityRun | None:
    """Return the latest run of the present state up to `as_of`, of one year or of any, or None."""
    statement = (
        select(CapacityRun)
        .where(CapacityRun.kind == RunKind.BASE, CapacityRun.as_of <= as_of)
        .order_by(CapacityRun.year.desc(), CapacityRun.as_of.desc(), CapacityRun.id.desc())
        .limit(1)
    )
    if year is not None:
        statement = statement.where(CapacityRun.year == year)
    return session.scalar(statement)


def get_run(session: Session, public_id: UUID) -> CapacityRun:
    """Return the run with this public id.

    Raises:
        NotFound: there is none.
    """
    run = session.scalars(select(CapacityRun).where(CapacityRun.public_id == public_id)).one_or_none()
    if run is None:
        raise NotFound
    return run


def recent_runs(session: Session, *, limit: int = 60) -> Sequence[CapacityRun]:
    """Return the latest runs, the newest first."""
    return session.scalars(select(CapacityRun).order_by(CapacityRun.id.desc()).limit(limit)).all()


def scenarios_of(session: Session, base: CapacityRun) -> Sequence[CapacityRun]:
    """Return the scenarios that depart from a run, the newest first."""
    return session.scalars(
        select(CapacityRun).where(CapacityRun.base_id == base.id).order_by(CapacityRun.id.desc())
    ).all()
