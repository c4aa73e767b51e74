"""Single assessments: the list of sheets, and everything about one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from hwrisk.assessment.heads import Entry, Person
from hwrisk.assessment.models import (
    Assessment,
    AssessmentState,
    Grade,
    Inspector,
    ItemResult,
    Level,
    Subject,
    UnitObjection,
)
from hwrisk.assessment.operations.closing import present_verdict
from hwrisk.assessment.operations.drafting import entries_of, people_of
from hwrisk.assessment.queries.conditions import CHUNK, has_word, one_of, year_of
from hwrisk.assessment.rules import Verdict
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.scope import visible_to
from hwrisk.attachments import Attachment, attachments_of
from hwrisk.db.chunks import chunked
from hwrisk.errors import NotFound
from hwrisk.imports.cells import half_width
from hwrisk.regions.queries import region_names
from hwrisk.rulepacks.models import RulePack
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import UNDECIDED, on_or_first
from hwrisk.web.paging import SortKey

NEWEST_FIRST = (
    SortKey(Assessment.assessed_on, lambda row: row[0].assessed_on, descending=True),
    SortKey(Assessment.id, lambda row: row[0].id, descending=True),
)


@dataclass(frozen=True, kw_only=True)
class SheetConditions:
    """What a list of assessments is narrowed by; None sets no condition."""

    year: int | None = None
    office: str | None = None
    level: Level | None = None
    subject: Subject | None = None
    state: AssessmentState | None = None
    grade: Grade | None = None
    is_recheck: bool = False
    unit_id: int | None = None
    text: str | None = None


class SheetRow(NamedTuple):
    """One assessment with its unit as it stands, ready to show."""

    assessment: Assessment
    unit_public_id: UUID
    unit_no: str
    unit_name: str
    office_name: str

    @property
    def marks(self) -> str:
        """Score and full marks, 43/46, or empty while it is not closed."""
        row = self.assessment
        return f"{row.score}/{row.full_marks}" if row.score else ""

    @property
    def ratio(self) -> Fraction | None:
        """Score over full marks as they were closed, or None before."""
        row = self.assessment
        return Fraction(row.score) / Fraction(row.full_marks) if row.score and row.full_marks else None

    @property
    def kind_label(self) -> str:
        """初次评估 or 复查."""
        return "复查" if self.assessment.recheck_of_id else "评估"


class ResultRow(NamedTuple):
    """One assessment with the results of its items in words, as the import form takes them."""

    sheet: SheetRow
    people: str
    results: Mapping[str, str]


class SheetFile(NamedTuple):
    """Everything about one assessment."""

    row: SheetRow
    version: UnitVersion
    """The unit on the day of the assessment."""
    office_then: str
    admin_then: str
    scheme: Scheme
    pack: RulePack
    entries: Mapping[str, Entry]
    people: tuple[Person, ...]
    verdict: Verdict | None
    """What the items come to as they stand, or None while none applies."""
    first: Assessment | None
    """The assessment this one checks again."""
    rechecks: Sequence[Assessment]
    objections: Sequence[UnitObjection]
    files: Sequence[Attachment]

    @property
    def people_label(self) -> str:
        """Who assessed, with card numbers, in words."""
        return "、".join(f"{p.name}（{p.badge_no}）" if p.badge_no else p.name for p in self.people)


def sheet_conditions_from(values: Mapping[str, str]) -> SheetConditions:
    """Return the conditions that the filters of a page or export state; what is not understood sets none."""
    return SheetConditions(
        year=year_of(values),
        office=values.get("office") or None,
        level=one_of(Level, values.get("level")),
        subject=one_of(Subject, values.get("subject")),
        state=one_of(AssessmentState, values.get("state")),
        grade=one_of(Grade, values.get("grade")),
        is_recheck=values.get("recheck") == "1",
        text=values.get("text") or None,
    )


def sheets_matching(user: Viewer, asked: SheetConditions, *, as_of: date) -> Select[Any]:
    """Return the statement for assessment, unit and the unit's state of the sheets in sight of `user` on `as_of`."""
    statement: Any = select(Assessment, Unit, UnitVersion)
    found: Select[Any] = (
        statement.join(Unit, Unit.id == Assessment.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(on_or_first(as_of), visible_to(user, as_of=as_of), Assessment.assessed_on <= as_of, *_conditions(asked))
    )
    return found


def count_sheets(session: Session, *, user: Viewer, as_of: date, asked: SheetConditions) -> int:
    """Return how many assessments match."""
    statement = sheets_matching(user, asked, as_of=as_of).with_only_columns(func.count())
    return session.scalar(statement) or 0


def stream_sheets(session: Session, *, user: Viewer, as_of: date, asked: SheetConditions) -> Iterator[SheetRow]:
    """Yield all assessments that match, the newest first."""
    shape = sheet_shaper(session, as_of)
    statement = sheets_matching(user, asked, as_of=as_of).order_by(Assessment.assessed_on.desc(), Assessment.id.desc())
    for row in session.execute(statement.execution_options(yield_per=CHUNK)):
        yield shape(row)


def stream_results(session: Session, *, user: Viewer, as_of: date, asked: SheetConditions) -> Iterator[ResultRow]:
    """Yield all assessments that match with the results of their items, the newest first.

    Three statements for each few hundred sheets.
    """
    sheets = list(stream_sheets(session, user=user, as_of=as_of, asked=asked))
    for chunk in chunked(sheets):
        ids = [sheet.assessment.id for sheet in chunk]
        results: dict[int, dict[str, str]] = {}
        for item in session.scalars(select(ItemResult).where(ItemResult.assessment_id.in_(ids))):
            said = f"{item.rating.label}（{item.reason}）" if item.reason else item.rating.label
            results.setdefault(item.assessment_id, {})[item.item_no] = said
        people: dict[int, list[str]] = {}
        named = select(Inspector).where(Inspector.assessment_id.in_(ids)).order_by(Inspector.place)
        for person in session.scalars(named):
            card = f"（{person.badge_no}）" if person.badge_no else ""
            people.setdefault(person.assessment_id, []).append(f"{person.name}{card}")
        for sheet in chunk:
            row_id = sheet.assessment.id
            yield ResultRow(sheet, "、".join(people.get(row_id, ())), results.get(row_id, {}))


def sheets_of_unit(
    session: Session, unit_id: int, *, user: Viewer, as_of: date, limit: int | None = None
) -> list[SheetRow]:
    """Return the assessments of one unit in sight of `user` that were not withdrawn, the newest first."""
    statement = (
        sheets_matching(user, SheetConditions(unit_id=unit_id), as_of=as_of)
        .where(Assessment.state != AssessmentState.WITHDRAWN)
        .order_by(Assessment.assessed_on.desc(), Assessment.id.desc())
        .limit(limit)
    )
    shape = sheet_shaper(session, as_of)
    return [shape(row) for row in session.execute(statement)]


def sheet_shaper(session: Session, as_of: date) -> Any:
    """Return the function that turns a row of `sheets_matching` into a `SheetRow`."""
    names = region_names(session, as_of=as_of)

    def shape(row: Any) -> SheetRow:
        assessment, unit, version = row
        office = names.get(version.office_code or "", "待定")
        return SheetRow(assessment, unit.public_id, unit.unit_no, version.name, office)

    return shape


def get_assessment(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> Assessment:
    """Return one assessment.

    Raises:
        NotFound: there is none, or it is out of sight of `user`.
    """
    row = session.scalars(
        select(Assessment).where(Assessment.public_id == public_id, visible_to(user, as_of=as_of))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def get_objection(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> UnitObjection:
    """Return one objection.

    Raises:
        NotFound: there is none, or its assessment is out of sight of `user`.
    """
    row = session.scalars(
        select(UnitObjection)
        .join(Assessment, Assessment.id == UnitObjection.assessment_id)
        .where(UnitObjection.public_id == public_id, visible_to(user, as_of=as_of))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def sheet_file(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> SheetFile:
    """Return everything about one assessment.

    Raises:
        NotFound: there is none, or it is out of sight of `user`.
    """
    assessment = get_assessment(session, public_id, user=user, as_of=as_of)
    unit = session.get_one(Unit, assessment.unit_id)
    now_version, then = (
        session.scalars(select(UnitVersion).where(UnitVersion.unit_id == unit.id, on_or_first(day))).one()
        for day in (as_of, assessment.assessed_on)
    )
    names = region_names(session, as_of=as_of)
    pack = session.get_one(RulePack, assessment.scheme_id)
    scheme = Scheme(pack.parameters)
    office = names.get(now_version.office_code or "", "待定")
    return SheetFile(
        row=SheetRow(assessment, unit.public_id, unit.unit_no, then.name, office),
        version=then,
        office_then=names.get(then.office_code or "", "待定"),
        admin_then=names.get(then.admin_code or "", "待定"),
        scheme=scheme,
        pack=pack,
        entries=entries_of(session, assessment.id),
        people=people_of(session, assessment.id),
        verdict=present_verdict(scheme, session, assessment),
        first=_first(session, assessment, user=user, as_of=as_of),
        rechecks=session.scalars(
            select(Assessment)
            .where(Assessment.recheck_of_id == assessment.id, visible_to(user, as_of=as_of))
            .order_by(Assessment.id)
        ).all(),
        objections=session.scalars(
            select(UnitObjection).where(UnitObjection.assessment_id == assessment.id).order_by(UnitObjection.id)
        ).all(),
        files=attachments_of(session, "assessment", assessment.id),
    )


def _first(session: Session, assessment: Assessment, *, user: Viewer, as_of: date) -> Assessment | None:
    if assessment.recheck_of_id is None:
        return None
    return session.scalars(
        select(Assessment).where(Assessment.id == assessment.recheck_of_id, visible_to(user, as_of=as_of))
    ).one_or_none()


def _conditions(asked: SheetConditions) -> list[ColumnElement[bool]]:
    plain: list[tuple[Any, Any]] = [
        (Assessment.year, asked.year),
        (Assessment.level, asked.level),
        (Assessment.subject, asked.subject),
        (Assessment.state, asked.state),
        (Assessment.grade, asked.grade),
        (Assessment.unit_id, asked.unit_id),
    ]
    found: list[ColumnElement[bool]] = [column == value for column, value in plain if value is not None]
    if asked.office:
        office = UnitVersion.office_code
        found.append(office.is_(None) if asked.office == UNDECIDED else office == asked.office)
    if asked.is_recheck:
        found.append(Assessment.recheck_of_id.is_not(None))
    for word in half_width(asked.text or "").split():
        found.append(or_(has_word(word), Assessment.assessment_no.icontains(word, autoescape=True)))
    return found
