"""Job of the key list: the computed management class follows what is known, beside what the authority has set."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.jobs import Job, Schedule
from hwrisk.key_list.operations.classes import compute_classes
from hwrisk.security.viewer import Viewer


def _run(session: Session, *, as_of: date) -> dict[str, int]:
    return compute_classes(session, as_of=as_of, actor=Viewer.system())


JOBS = (
    Job(name="management-class", label="管理类别测算", schedule=Schedule(hour=5, minute=10), run=_run, catch_up=1),
)  # fmt: skip
