"""Loading the disposal projects of the plan and of public sources."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.seeds import seed_rows, upsert
from hwrisk.parks.models import PublishedFact
from hwrisk.permits.models import DisposalProject, ProjectState, ProjectVersion

YEARLY = "吨/年"
SYSTEM = "系统"


def seed(session: Session, *, folder: Path | None = None) -> int:
    """Keep projects by their reference, each with its first state; return how many rows are new or changed.

    What a person has recorded of a project since is left alone. Where the table gives no capacity the first published
    figure in tonnes a year stands in, so that no figure is written down twice.
    """
    rows = seed_rows("permits/projects.csv", folder=folder)
    touched = upsert(
        session,
        DisposalProject,
        {
            row["ref"]: {
                "name": row["name"], "location": row["location"], "fact_refs": row["fact_refs"],
                "unit_key": row["unit_key"],
            }
            for row in rows
        },
        key="ref",
    )  # fmt: skip
    ids = dict(session.execute(select(DisposalProject.ref, DisposalProject.id)).all())
    has_state = set(session.scalars(select(ProjectVersion.project_id)))
    fresh = [row for row in rows if ids[row["ref"]] not in has_state]
    facts = _yearly_figures(session, {ref for row in fresh for ref in row["fact_refs"].split(";")})
    session.add_all(ProjectVersion(project_id=ids[row["ref"]], **_state(row, facts)) for row in fresh)
    session.flush()
    return touched + len(fresh)


def _yearly_figures(session: Session, refs: set[str]) -> dict[str, Decimal]:
    rows = session.scalars(
        select(PublishedFact).where(
            PublishedFact.ref.in_(sorted(refs)), PublishedFact.topic == "facility", PublishedFact.unit == YEARLY
        )
    )
    return {fact.ref: Decimal(fact.value) for fact in rows if fact.value}


def _state(row: dict[str, str], facts: dict[str, Decimal]) -> dict[str, Any]:
    published = [facts[ref] for ref in row["fact_refs"].split(";") if ref in facts]
    stated = Decimal(row["capacity"]) if row["capacity"] else None
    return {
        "state": ProjectState(row["state"]),
        "capacity": stated or (published[0] if published else None),
        "method_code": row["method_code"] or None,
        "method_text": row["method_text"],
        "categories": row["categories"],
        "office_code": row["office_code"] or None,
        "valid_from": date.fromisoformat(row["since"]),
        "source": row["source"],
        "trust": row["trust"],
        "note": row["note"],
        "recorded_by": SYSTEM,
    }
