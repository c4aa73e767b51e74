"""Disposal projects and public facilities of the city, with what was published about them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.models import TreatmentMethod
from hwrisk.db.history import in_force
from hwrisk.errors import NotFound
from hwrisk.parks.models import PublishedFact
from hwrisk.permits.models import DisposalProject, ProjectState, ProjectVersion
from hwrisk.regions.queries import region_names

PENDING = "待定"


class ProjectRow(NamedTuple):
    """A project on a day, with the published figures about it."""

    project: DisposalProject
    version: ProjectVersion
    office: str
    method: str
    facts: tuple[PublishedFact, ...]

    @property
    def is_conflicting(self) -> bool:
        """Whether the published capacities differ."""
        return len({(fact.value, fact.unit) for fact in self.facts if fact.value}) > 1


def project_rows(session: Session, *, as_of: date, state: ProjectState | None = None) -> list[ProjectRow]:
    """Return the projects on `as_of` by reference; four statements however many there are."""
    statement = (
        select(DisposalProject, ProjectVersion)
        .join(ProjectVersion, ProjectVersion.project_id == DisposalProject.id)
        .where(in_force(ProjectVersion, as_of))
        .order_by(DisposalProject.ref)
    )
    if state is not None:
        statement = statement.where(ProjectVersion.state == state)
    rows = session.execute(statement).all()
    refs = {ref for project, _ in rows for ref in _refs(project)}
    facts = {
        fact.ref: fact for fact in session.scalars(select(PublishedFact).where(PublishedFact.ref.in_(sorted(refs))))
    }
    names = region_names(session, as_of=as_of)
    methods = {method.code: method.name for method in session.scalars(select(TreatmentMethod))}
    return [
        ProjectRow(
            project,
            version,
            PENDING if version.office_code is None else names.get(version.office_code, version.office_code),
            _method(version, methods),
            tuple(facts[ref] for ref in _refs(project) if ref in facts),
        )
        for project, version in rows
    ]


def get_project(session: Session, public_id: UUID) -> DisposalProject:
    """Return the project with this public id.

    Raises:
        NotFound: there is none.
    """
    project = session.scalars(select(DisposalProject).where(DisposalProject.public_id == public_id)).one_or_none()
    if project is None:
        raise NotFound
    return project


def project_history(session: Session, project: DisposalProject) -> Sequence[ProjectVersion]:
    """Return every state ever recorded of a project, the latest first."""
    return session.scalars(
        select(ProjectVersion)
        .where(ProjectVersion.project_id == project.id)
        .order_by(ProjectVersion.valid_from.desc(), ProjectVersion.recorded_at.desc(), ProjectVersion.id.desc())
    ).all()


def _refs(project: DisposalProject) -> list[str]:
    return [ref for ref in project.fact_refs.split(";") if ref]


def _method(version: ProjectVersion, methods: dict[str, str]) -> str:
    named = methods.get(version.method_code or "", "")
    if version.method_text and named:
        return f"{version.method_text}（{version.method_code} {named}）"
    return version.method_text or named
