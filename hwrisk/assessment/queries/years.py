"""The units of a year: who is to be assessed, who was, with which verdict, by office."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from hwrisk.assessment import counting
from hwrisk.assessment.models import Assessment, Grade, Level, Reason, Subject
from hwrisk.assessment.queries.conditions import CHUNK, has_word, one_of, pasted_units, year_of
from hwrisk.assessment.rules import compliance_rate
from hwrisk.assessment.verdicts import scheme_of_year
from hwrisk.db.types import Labelled
from hwrisk.imports.cells import half_width
from hwrisk.regions.queries import region_names
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import UNDECIDED
from hwrisk.units.scope import visible_units
from hwrisk.web.paging import Page, SortKey, page_of


class UnitState(Labelled):
    """Where a unit stands in a year (评估情况)."""

    COVERED = "covered", "已评估"
    OPEN = "open", "未评估"
    EXCLUDED = "excluded", "不具备评估条件"
    EXTRA = "extra", "应评之外已评估"
    RECHECK = "recheck", "不达标待复查"
    """A narrower look at the assessed: what the to-do page counts; no row is shown as being in it."""


@dataclass(frozen=True, kw_only=True)
class YearConditions:
    """What the units of a year are narrowed by; None sets no condition."""

    year: int
    office: str | None = None
    admin: str | None = None
    subject: Subject | None = None
    level: Level | None = None
    first: Grade | None = None
    after: Grade | None = None
    state: UnitState | None = None
    reason: Reason | None = None
    text: str | None = None
    pasted: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class YearRow:
    """A unit in a year, ready to show."""

    unit_id: int
    unit_public_id: UUID
    unit_no: str
    unit_name: str
    office_name: str
    admin_name: str
    subject: Subject
    reasons: tuple[Reason, ...]
    state: UnitState
    excluded_reason: str
    level: Level | None
    counted_on: date | None
    first: Grade | None
    after: Grade | None
    after_on: date | None
    score: str
    """Score and full marks of the first, 43/46, or empty."""
    veto_items: str
    assessment_public_id: UUID | None
    after_public_id: UUID | None

    @property
    def reason_label(self) -> str:
        """Why the unit must be assessed, in words."""
        return "、".join(reason.label for reason in self.reasons)


class YearTotals(NamedTuple):
    """How many units a year has, in the scope and under the conditions asked for."""

    must: int
    """Units that must be assessed, those not assessable included."""
    covered: int
    open: int
    excluded: int
    extra: int
    met: int
    basic: int
    not_met: int
    after_met: int
    after_basic: int
    after_not_met: int

    @property
    def assessed(self) -> int:
        """Units an authority assessed, whether they had to be or not."""
        return self.met + self.basic + self.not_met

    @property
    def coverage(self) -> Fraction | None:
        """Assessed over to be assessed, without those not assessable; None where nobody is to be assessed."""
        return Fraction(self.covered, self.must - self.excluded) if self.must > self.excluded else None

    @property
    def first_rate(self) -> Fraction | None:
        """Share of the assessed that were met at first (达标率), or None where none was assessed."""
        return compliance_rate(met=self.met, assessed=self.assessed)

    @property
    def after_rate(self) -> Fraction | None:
        """Share of the assessed that are met after rectification, or None where none was assessed."""
        return compliance_rate(met=self.after_met, assessed=self.assessed)


class OfficeLine(NamedTuple):
    """The totals of one office; `code` is None for units without one (待定)."""

    code: str | None
    name: str
    totals: YearTotals


def year_conditions_from(values: Mapping[str, str], *, as_of: date) -> YearConditions:
    """Return the conditions that the filters of a page or export state; what is not understood sets none."""
    return YearConditions(
        year=year_of(values) or as_of.year,
        office=values.get("office") or None,
        admin=values.get("admin") or None,
        subject=one_of(Subject, values.get("subject")),
        level=one_of(Level, values.get("level")),
        first=one_of(Grade, values.get("first")),
        after=one_of(Grade, values.get("after")),
        state=one_of(UnitState, values.get("state")),
        reason=one_of(Reason, values.get("reason")),
        text=values.get("text") or None,
        pasted=tuple(values.get("units", "").split()),
    )


def year_rows(
    session: Session, *, user: Viewer, as_of: date, asked: YearConditions, cursor: str | None = None
) -> Page[YearRow]:
    """Return one page of the units of a year in sight of `user`, by unit number."""
    statement = _rows(session, user=user, as_of=as_of, asked=asked)
    found = page_of(
        session, statement, keys=(SortKey(Unit.unit_no, lambda row: row.unit_no),), cursor=cursor, scalars=False
    )
    shape = _shaper(session, as_of)
    return Page([shape(row) for row in found.rows], found.next_cursor, found.previous_cursor)


def stream_year(session: Session, *, user: Viewer, as_of: date, asked: YearConditions) -> Iterator[YearRow]:
    """Yield all units of a year that match, by unit number."""
    shape = _shaper(session, as_of)
    statement = _rows(session, user=user, as_of=as_of, asked=asked).order_by(Unit.unit_no)
    for row in session.execute(statement.execution_options(yield_per=CHUNK)):
        yield shape(row)


def year_totals(session: Session, *, user: Viewer, as_of: date, asked: YearConditions) -> YearTotals:
    """Return the counts of the units that match; one statement beside the reading of the scheme."""
    rows = _rows(session, user=user, as_of=as_of, asked=asked).subquery()
    return YearTotals(*session.execute(select(*_sums(rows))).one())


def by_office(session: Session, *, user: Viewer, as_of: date, asked: YearConditions) -> list[OfficeLine]:
    """Return the counts of each office that has units in the year, by code, those without an office (待定) last."""
    rows = _rows(session, user=user, as_of=as_of, asked=asked).subquery()
    names = region_names(session, as_of=as_of)
    found = session.execute(
        select(rows.c.office_code, *_sums(rows))
        .group_by(rows.c.office_code)
        .order_by(rows.c.office_code.is_(None), rows.c.office_code)
    )
    return [OfficeLine(code, names.get(code or "", "待定"), YearTotals(*sums)) for code, *sums in found]


def _sums(rows: Any) -> list[ColumnElement[int]]:
    done, must, out = rows.c.assessment_id.is_not(None), rows.c.must, rows.c.excluded_reason.is_not(None)
    tests = [
        must,
        and_(must, done),
        and_(must, ~done, ~out),
        and_(must, ~done, out),
        and_(~must, done),
        *(rows.c.first == grade for grade in Grade),
        *(rows.c.after == grade for grade in Grade),
    ]
    return [func.coalesce(func.sum(case((test, 1), else_=0)), 0) for test in tests]


def _rows(session: Session, *, user: Viewer, as_of: date, asked: YearConditions) -> Select[Any]:
    scheme = scheme_of_year(session, asked.year)
    of_year = counting.to_assess(scheme, year=asked.year, as_of=as_of, with_others=True).subquery()
    first, after = aliased(Assessment), aliased(Assessment)
    statement: Any = select(
        of_year,
        Unit.public_id.label("unit_public_id"),
        Unit.unit_no,
        UnitVersion.name.label("unit_name"),
        first.public_id.label("assessment_public_id"),
        first.score,
        first.full_marks,
        first.veto_items,
        after.public_id.label("after_public_id"),
    )
    found: Select[Any] = (
        statement.join(Unit, Unit.id == of_year.c.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .outerjoin(first, first.id == of_year.c.assessment_id)
        .outerjoin(after, after.id == of_year.c.after_id)
        .where(visible_units(user, as_of=as_of), *_where(of_year, asked))
    )
    return found


def _where(rows: Any, asked: YearConditions) -> list[ColumnElement[bool]]:
    plain = [
        (rows.c.subject, asked.subject),
        (rows.c.level, asked.level),
        (rows.c.first, asked.first),
        (rows.c.after, asked.after),
    ]
    found = [column == value for column, value in plain if value is not None]
    for column, code in ((rows.c.office_code, asked.office), (rows.c.admin_code, asked.admin)):
        if code:
            found.append(column.is_(None) if code == UNDECIDED else column == code)
    if asked.state is not None:
        found.append(_in_state(rows, asked.state))
    if asked.reason is not None:
        found.append(rows.c[_REASON_COLUMNS[asked.reason]])
    if asked.pasted:
        found.append(pasted_units(asked.pasted))
    return [*found, *(has_word(word) for word in half_width(asked.text or "").split())]


_REASON_COLUMNS = {
    Reason.OPERATOR: "is_operator",
    Reason.KEY: "is_key",
    Reason.LAST_YEAR_FAILED: "has_failed",
    Reason.SAMPLE: "is_sampled",
}


def _in_state(rows: Any, state: UnitState) -> ColumnElement[bool]:
    done, out = rows.c.assessment_id.is_not(None), rows.c.excluded_reason.is_not(None)
    tests: dict[UnitState, ColumnElement[bool]] = {
        UnitState.COVERED: and_(done, rows.c.must),
        UnitState.OPEN: and_(~done, ~out),
        UnitState.EXCLUDED: and_(~done, out),
        UnitState.EXTRA: and_(done, ~rows.c.must),
        UnitState.RECHECK: and_(rows.c.first == Grade.NOT_MET, rows.c.after_id.is_(None)),
    }
    return tests[state]


def _shaper(session: Session, as_of: date) -> Any:
    names = region_names(session, as_of=as_of)

    def shape(row: Any) -> YearRow:
        return YearRow(
            unit_id=row.unit_id,
            unit_public_id=row.unit_public_id,
            unit_no=row.unit_no,
            unit_name=row.unit_name,
            office_name=names.get(row.office_code or "", "待定"),
            admin_name=names.get(row.admin_code or "", "待定"),
            subject=row.subject,
            reasons=counting.reasons_of(row),
            state=_state(row),
            excluded_reason=row.excluded_reason or "",
            level=row.level,
            counted_on=row.counted_on,
            first=row.first,
            after=row.after,
            after_on=row.after_on,
            score=f"{row.score}/{row.full_marks}" if row.score else "",
            veto_items=row.veto_items or "",
            assessment_public_id=row.assessment_public_id,
            after_public_id=row.after_public_id,
        )

    return shape


def _state(row: Any) -> UnitState:
    if row.assessment_id is not None:
        return UnitState.COVERED if row.must else UnitState.EXTRA
    return UnitState.EXCLUDED if row.excluded_reason is not None else UnitState.OPEN
