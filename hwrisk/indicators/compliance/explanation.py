"""What stands behind a value of the compliance rate: its units with verdicts and coverage, and the ones to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Assessment, Grade, Headline, Reason, Subject
from hwrisk.db.chunks import chunked
from hwrisk.db.types import Labelled
from hwrisk.indicators.compliance.computing import UnitRow
from hwrisk.indicators.compliance.models import ComplianceRow
from hwrisk.indicators.models import IndicatorValue
from hwrisk.indicators.naming import unit_names
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.regions.queries import region_names
from hwrisk.units.models import Unit
from hwrisk.web.paging import Page, SortKey, page_of

UNDETERMINED_LABEL = "待定"


class Place(Labelled):
    """Where a unit stands in the coverage (评估情况)."""

    COVERED = "covered", "应评已评"
    MISSING = "missing", "应评未评"
    EXCLUDED = "excluded", "不具备评估条件"
    EXTRA = "extra", "非应评已评"


class Asked(NamedTuple):
    """Which of the rows to show; None asks for all."""

    subject: Subject | None = None
    grade: Grade | None = None
    place: Place | None = None


class UnitDetail(NamedTuple):
    """One unit behind a value, ready to show."""

    row: UnitRow
    unit_public_id: UUID
    unit_no: str
    unit_name: str
    """Name on the day of the assessment, else on the last day of the value."""
    office: str
    district: str
    first_public_id: UUID | None
    first_no: str
    """Number of the assessment that gives 首次, or empty."""
    after_public_id: UUID | None
    after_no: str
    """Number of the re-check that counts, or empty."""

    @property
    def place(self) -> Place:
        """Where it stands in the coverage."""
        return place_of(self.row)

    @property
    def reasons(self) -> str:
        """Why it must be assessed, in words; empty where it need not be."""
        return "、".join(reason.label for reason in self.row.reasons)

    @property
    def place_text(self) -> str:
        """Where it stands in the coverage, with the reason of who has left it."""
        return f"{self.place.label}：{self.row.excluded_reason}" if self.row.excluded_reason else self.place.label


def place_of(row: UnitRow) -> Place:
    """Return where a unit stands in the coverage."""
    if row.excluded_reason:
        return Place.EXCLUDED
    if not row.reasons:
        return Place.EXTRA
    return Place.COVERED if row.is_covered else Place.MISSING


def row_of_stored(row: ComplianceRow) -> UnitRow:
    """Return a stored row as it was worked out."""
    return UnitRow(
        unit_id=row.unit_id,
        subject=row.subject,
        office_code=row.office_code,
        admin_code=row.admin_code,
        assessment_id=row.assessment_id,
        first=row.first,
        after_id=row.after_id,
        after=row.after,
        level=row.level,
        counted_on=row.counted_on,
        reasons=tuple(Reason(text) for text in row.reasons.split()),
        is_covered=row.is_covered,
        excluded_reason=row.excluded_reason,
    )


def is_asked(row: UnitRow, asked: Asked, which: Headline) -> bool:
    """Tell whether a row is asked for; the verdict is the one that heads the rate."""
    return (
        asked.subject in (None, row.subject)
        and asked.grade in (None, row.verdict(which))
        and asked.place in (None, place_of(row))
    )


def value_page(
    session: Session, value: IndicatorValue, asked: Asked, *, which: Headline, cursor: str | None = None
) -> Page[UnitDetail]:
    """Return one page of the units behind a stored value that are asked for, by their number in the register."""
    found = page_of(
        session, _rows_of(value, asked, which), keys=(SortKey(ComplianceRow.id, lambda row: row.id),), cursor=cursor
    )
    day = ReportingPeriod(value.period_kind, value.period_start, value.period_end).last_day
    return Page(details(session, map(row_of_stored, found.rows), day=day), found.next_cursor, found.previous_cursor)


def stream_details(session: Session, rows: Iterable[UnitRow], *, day: date) -> Iterator[UnitDetail]:
    """Yield the rows with their units; a fixed number of statements per few hundred rows."""
    for chunk in chunked(rows):
        yield from details(session, chunk, day=day)


def details(session: Session, rows: Iterable[UnitRow], *, day: date) -> list[UnitDetail]:
    """Return the rows with their units, in the order given; `day` is the last of the value's period."""
    rows = list(rows)
    units = {
        row.id: row
        for row in session.execute(
            select(Unit.id, Unit.public_id, Unit.unit_no).where(Unit.id.in_([row.unit_id for row in rows]))
        )
    }
    names = unit_names(session, [(row.unit_id, row.counted_on or day) for row in rows])
    assessments = _assessments(session, rows)
    regions = region_names(session, as_of=day)
    return [
        _detail(row, units[row.unit_id], names[row.unit_id, row.counted_on or day], assessments, regions)
        for row in rows
    ]


def _detail(
    row: UnitRow, unit: Any, name: str, assessments: Mapping[int, tuple[UUID, str]], regions: Mapping[str, str]
) -> UnitDetail:
    first_public_id, first_no = assessments.get(row.assessment_id or 0, (None, ""))
    after_public_id, after_no = assessments.get(row.after_id or 0, (None, ""))
    return UnitDetail(
        row=row,
        unit_public_id=unit.public_id,
        unit_no=unit.unit_no,
        unit_name=name,
        office=regions.get(row.office_code, row.office_code) or UNDETERMINED_LABEL,
        district=regions.get(row.admin_code, row.admin_code) or UNDETERMINED_LABEL,
        first_public_id=first_public_id,
        first_no=first_no,
        after_public_id=after_public_id,
        after_no=after_no,
    )


def _assessments(session: Session, rows: Sequence[UnitRow]) -> dict[int, tuple[UUID, str]]:
    wanted = {number for row in rows for number in (row.assessment_id, row.after_id) if number is not None}
    found = select(Assessment.id, Assessment.public_id, Assessment.assessment_no).where(Assessment.id.in_(wanted))
    return {number: (public_id, text) for number, public_id, text in session.execute(found)}


def _rows_of(value: IndicatorValue, asked: Asked, which: Headline) -> Select[ComplianceRow]:
    statement = select(ComplianceRow).where(ComplianceRow.value_id == value.id)
    if asked.subject is not None:
        statement = statement.where(ComplianceRow.subject == asked.subject)
    if asked.grade is not None:
        verdict = ComplianceRow.first if which is Headline.FIRST else ComplianceRow.after
        statement = statement.where(verdict == asked.grade)
    return statement if asked.place is None else statement.where(_is_at(asked.place))


def _is_at(place: Place) -> ColumnElement[bool]:
    """Return `place_of` in SQL."""
    stays, is_due = ComplianceRow.excluded_reason == "", ComplianceRow.reasons != ""
    return {
        Place.EXCLUDED: ~stays,
        Place.EXTRA: and_(stays, ~is_due),
        Place.COVERED: and_(stays, is_due, ComplianceRow.is_covered),
        Place.MISSING: and_(stays, is_due, ~ComplianceRow.is_covered),
    }[place]
