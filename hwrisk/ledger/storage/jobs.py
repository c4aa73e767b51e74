"""Job of storage: what changed since yesterday of roles, rule packs and calendar reaches the limits before the rate."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.jobs import Job, Schedule
from hwrisk.ledger.storage.recomputing import recompute_limits


def _run(session: Session, *, as_of: date) -> dict[str, int]:  # noqa: ARG001 - limits follow the days of their batches
    return {"changed": recompute_limits(session)}


JOBS = (Job(name="storage-limits", label="贮存期限重算", schedule=Schedule(hour=5, minute=30), run=_run, catch_up=1),)
