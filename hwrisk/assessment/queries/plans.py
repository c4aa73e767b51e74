"""The plan of a year, its drawings, and the units that cannot be assessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, true, union
from sqlalchemy.orm import Session, joinedload

from hwrisk.assessment.models import Assessment, AssessmentPlan, Exclusion, SampleDraw, SampledUnit
from hwrisk.assessment.scheme import PACK_ID
from hwrisk.errors import NotFound
from hwrisk.regions.queries import region_names
from hwrisk.rulepacks.models import RulePack
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import on_or_first
from hwrisk.units.scope import in_scope


class DrawRow(NamedTuple):
    """A drawing with the units it drew."""

    draw: SampleDraw
    office_name: str
    units: Sequence[tuple[UUID, str, str]]
    """Public id, number and name, in the order in which they were drawn."""


class ExclusionRow(NamedTuple):
    """A unit that cannot be assessed."""

    exclusion: Exclusion
    unit_public_id: UUID
    unit_no: str
    unit_name: str
    office_name: str


def plans_of(session: Session, year: int) -> Sequence[AssessmentPlan]:
    """Return what was ever recorded of the plan of a year, the one in force first, each with its scheme."""
    return session.scalars(
        select(AssessmentPlan)
        .where(AssessmentPlan.year == year)
        .options(joinedload(AssessmentPlan.scheme))
        .order_by(AssessmentPlan.id.desc())
    ).all()


def schemes(session: Session) -> Sequence[RulePack]:
    """Return the active versions of the scheme, the latest first."""
    return session.scalars(
        select(RulePack)
        .where(RulePack.pack_id == PACK_ID, RulePack.activated_at.is_not(None))
        .order_by(RulePack.effective_from.desc(), RulePack.id.desc())
    ).all()


def years_known(session: Session, *, as_of: date) -> list[int]:
    """Return the years that have a plan or an assessment, the present one and the one before, the latest first."""
    found = union(select(Assessment.year), select(AssessmentPlan.year))
    return sorted({*session.scalars(found), as_of.year, as_of.year - 1}, reverse=True)


def draws_of(session: Session, year: int, *, user: Viewer, as_of: date) -> list[DrawRow]:
    """Return the drawings of a year of the offices in sight of `user`, with their units; two statements."""
    offices = true() if user.is_city_wide else SampleDraw.office_code.in_(sorted(user.offices))
    draws = session.scalars(
        select(SampleDraw).where(SampleDraw.year == year, offices).order_by(SampleDraw.office_code, SampleDraw.id)
    ).all()
    names = region_names(session, as_of=as_of)
    units: dict[int, list[tuple[UUID, str, str]]] = {}
    rows = session.execute(
        select(SampledUnit.draw_id, Unit.public_id, Unit.unit_no, UnitVersion.name)
        .join(SampleDraw, SampleDraw.id == SampledUnit.draw_id)
        .join(Unit, Unit.id == SampledUnit.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(SampleDraw.year == year, offices, on_or_first(as_of))
        .order_by(SampledUnit.draw_id, SampledUnit.place)
    )
    for draw_id, public_id, number, name in rows:
        units.setdefault(draw_id, []).append((public_id, number, name))
    return [DrawRow(draw, names.get(draw.office_code, draw.office_code), units.get(draw.id, [])) for draw in draws]


def get_draw(session: Session, public_id: UUID, *, user: Viewer) -> SampleDraw:
    """Return one drawing.

    Raises:
        NotFound: there is none, or its office is out of sight of `user`.
    """
    row = session.scalars(select(SampleDraw).where(SampleDraw.public_id == public_id)).one_or_none()
    if row is None or not (user.is_city_wide or row.office_code in user.offices):
        raise NotFound
    return row


def exclusions_of(session: Session, year: int, *, user: Viewer, as_of: date) -> list[ExclusionRow]:
    """Return the units in sight of `user` that were recorded as not assessable in a year, withdrawn ones last."""
    names = region_names(session, as_of=as_of)
    rows = session.execute(
        select(Exclusion, Unit, UnitVersion)
        .join(Unit, Unit.id == Exclusion.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(Exclusion.year == year, on_or_first(as_of), in_scope(user))
        .order_by(Exclusion.withdrawn_at.is_not(None), Unit.unit_no, Exclusion.id)
    )
    return [
        ExclusionRow(row, unit.public_id, unit.unit_no, version.name, names.get(version.office_code or "", "待定"))
        for row, unit, version in rows
    ]


def get_exclusion(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> Exclusion:
    """Return one record of a unit that cannot be assessed.

    Raises:
        NotFound: there is none, or its unit is out of sight of `user`.
    """
    row = session.scalars(
        select(Exclusion)
        .join(UnitVersion, UnitVersion.unit_id == Exclusion.unit_id)
        .where(Exclusion.public_id == public_id, on_or_first(as_of), in_scope(user))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row
