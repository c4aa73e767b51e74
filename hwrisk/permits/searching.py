"""Licences and disposal projects in the search box."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.permits.models import DisposalProject, Licence
from hwrisk.permits.queries.terms import LicenceHead, heads_of
from hwrisk.search import SearchDoc, SearchSource
from hwrisk.search.operations import index
from hwrisk.security.permissions import Permission

KIND, PROJECT = "licence", "disposal_project"


def doc_of(head: LicenceHead) -> SearchDoc:
    """Return how a licence is found."""
    return SearchDoc(
        kind=KIND,
        ref=str(head.public_id),
        title=head.licence_no,
        subtitle=f"{head.holder} · 危险废物经营许可证 · {head.place.label}",
        link=f"/permits/{head.public_id}",
        codes=(head.licence_no,),
        office_code=head.office_code if head.unit_id is not None else None,
        park_id=head.park_id,
        unit_id=head.unit_id,
        permission=Permission.PERMIT_READ,
    )


def keep(session: Session, licence: Licence) -> None:
    """Bring the index up to date for one licence."""
    index(session, [doc_of(head) for head in heads_of(session, as_of=today(), licence_ids=[licence.id]).values()])


def all_docs(session: Session) -> Iterable[SearchDoc]:
    """Yield every licence with its holder as it stands today."""
    return (doc_of(head) for head in heads_of(session, as_of=today()).values())


def project_docs(session: Session) -> Iterable[SearchDoc]:
    """Yield every disposal project."""
    for project in session.scalars(select(DisposalProject).order_by(DisposalProject.id)):
        yield SearchDoc(
            kind=PROJECT, ref=str(project.public_id), title=project.name, subtitle=f"处置利用项目 · {project.location}",
            link=f"/permits/projects/{project.public_id}", permission=Permission.PERMIT_READ,
        )  # fmt: skip


SOURCES = (
    SearchSource(kind=KIND, label="经营许可证", rows=all_docs),
    SearchSource(kind=PROJECT, label="处置利用项目", rows=project_docs),
)
