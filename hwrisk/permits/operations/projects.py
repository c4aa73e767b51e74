"""Keeping disposal projects: another state from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.permits.models import DisposalProject, ProjectState, ProjectVersion
from hwrisk.security.viewer import Viewer

FIELDS = (
    "state", "capacity", "method_code", "method_text", "categories", "office_code", "source", "trust", "note",
)  # fmt: skip


def change_project(
    session: Session,
    project: DisposalProject,
    *,
    from_day: date,
    state: ProjectState,
    capacity: Decimal | None,
    source: str,
    actor: Viewer,
    as_of: date,
    note: str = "",
    recorded_at: datetime | None = None,
) -> None:
    """Record another state or capacity of a project from a day on; what held before stays.

    Raises:
        RuleViolation: no source, a capacity not above zero, a day ahead or before the last record, or nothing changes.
    """
    if not source.strip():
        raise RuleViolation("请写明依据（文件、批复或公开来源）", field="source")
    if capacity is not None and capacity <= 0:
        raise RuleViolation("处置能力必须大于 0 吨/年，来源没有写的请留空", field="capacity")
    if from_day > as_of:
        raise RuleViolation("变更日期不得晚于今天", field="from_day")
    held = session.scalars(
        select(ProjectVersion)
        .where(
            ProjectVersion.project_id == project.id,
            ProjectVersion.superseded_at.is_(None),
            ProjectVersion.valid_until.is_(None),
        )
        .with_for_update()
    ).one()
    if from_day < held.valid_from:
        raise RuleViolation(f"{held.valid_from:%Y-%m-%d} 已有登记，变更日期不得早于该日", field="from_day")
    if (held.state, held.capacity, held.source) == (state, capacity, source.strip()):
        raise RuleViolation("与现有登记相同，没有需要变更的内容")
    values: Mapping[str, Any] = {name: getattr(held, name) for name in FIELDS}
    at = recorded_at or now()
    held.superseded_at = at
    if held.valid_from < from_day:
        session.add(
            ProjectVersion(
                project_id=project.id, **values, recorded_by=held.recorded_by, valid_from=held.valid_from,
                valid_until=from_day, recorded_at=at,
            )
        )  # fmt: skip
    changed = {**values, "state": state, "capacity": capacity, "source": source.strip(), "note": note}
    session.add(
        ProjectVersion(project_id=project.id, **changed, recorded_by=actor.label, valid_from=from_day, recorded_at=at)
    )
    session.flush()
    summary = {"项目": project.name, "自": str(from_day), "状态": state.label, "能力（吨/年）": str(capacity or "—")}
    audit.record(session, actor, "project.change", "disposal_project", project.id, summary=summary)
