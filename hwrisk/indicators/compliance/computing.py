"""The compliance rate worked out for years and scopes, without storing anything; pages, jobs and commands ask here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Grade, Headline, Level, Reason, Subject
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.verdicts import ToAssess, UnitVerdict, pack_of_year, population, unit_verdicts
from hwrisk.indicators.compliance.rules import Coverage, Tally, value_state
from hwrisk.indicators.models import ValueState
from hwrisk.indicators.periods import ReportingPeriod
from hwrisk.indicators.scopes import Places, RegionBook, ScopeKey, in_order
from hwrisk.indicators.targets import Targets
from hwrisk.indicators.values import UnitsOf, sha
from hwrisk.units.models import Unit

INDICATOR = "assessment-compliance-rate"
TITLE = "规范化管理考核达标率"
PLACES = Decimal("1.0000")


class UnitRow(NamedTuple):
    """One unit behind a value: its verdict, or that it has none, and its place in the coverage."""

    unit_id: int
    subject: Subject
    office_code: str
    admin_code: str
    assessment_id: int | None
    first: Grade | None
    after_id: int | None
    after: Grade | None
    level: Level | None
    counted_on: date | None
    reasons: tuple[Reason, ...]
    """Why it must be assessed; empty where it was assessed without having to be."""
    is_covered: bool
    excluded_reason: str

    @property
    def is_due(self) -> bool:
        """Whether it must be assessed and can be."""
        return bool(self.reasons) and not self.excluded_reason

    @property
    def is_missing(self) -> bool:
        """Whether it is still to be assessed."""
        return self.is_due and not self.is_covered

    def verdict(self, which: Headline) -> Grade | None:
        """Return its verdict, 首次 or 整改后."""
        return self.first if which is Headline.FIRST else self.after


class YearScheme(NamedTuple):
    """What the scheme of a year says of its rate."""

    headline: Headline
    weight: Fraction
    """Of 基本达标 in the 合格率 (待核)."""
    version: str = ""
    """Version of the scheme, for the reader."""


class ComplianceValue(NamedTuple):
    """The rate of one scope in one year, with the units behind it, by id."""

    scope: ScopeKey
    period: ReportingPeriod
    rows: tuple[UnitRow, ...]
    scheme: YearScheme

    @property
    def tally(self) -> Tally:
        """Verdicts that head the rate."""
        return Tally.of(row.verdict(self.scheme.headline) for row in self.rows)

    @property
    def coverage(self) -> Coverage:
        """How far the scope is assessed."""
        return coverage_of(self.rows)

    @property
    def state(self) -> ValueState:
        """What kind of answer it is."""
        return value_state(assessed=self.tally.assessed, missing=self.coverage.missing)

    @property
    def numerator(self) -> Decimal:
        """Units that meet."""
        return Decimal(self.tally.met).quantize(PLACES)

    @property
    def denominator(self) -> Decimal:
        """Units assessed."""
        return Decimal(self.tally.assessed).quantize(PLACES)

    @property
    def unreported_units(self) -> int:
        """Units still to be assessed."""
        return self.coverage.missing

    @property
    def parts(self) -> dict[str, Any]:
        """Numbers of units by subject, verdict and place in the coverage; the weight as an exact fraction."""
        return {
            "headline": self.scheme.headline.value,
            "weight": str(self.scheme.weight),
            "scheme": self.scheme.version,
            "subjects": {
                subject.value: counts_of([row for row in self.rows if row.subject is subject]) for subject in Subject
            },
            "extra": sum(row.first is not None and not row.reasons for row in self.rows),
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the scheme's say and of verdict and coverage of every unit."""
        lines = [f"{row.unit_id} {' '.join(map(str, row[1:]))}" for row in self.rows]
        return sha([f"{self.scheme.headline} {self.scheme.weight}", *lines] if lines else [])


def counts_of(rows: Sequence[UnitRow]) -> dict[str, Any]:
    """Return the numbers of units as they are stored."""
    return {
        "first": Tally.of(row.first for row in rows)._asdict(),
        "after": Tally.of(row.after for row in rows)._asdict(),
        **coverage_of(rows)._asdict(),
    }


def coverage_of(rows: Iterable[UnitRow]) -> Coverage:
    """Return how far these units are assessed."""
    due = [row for row in rows if row.reasons]
    return Coverage(
        to_assess=sum(row.is_due for row in due),
        covered=sum(row.is_due and row.is_covered for row in due),
        excluded=sum(bool(row.excluded_reason) for row in due),
    )


def work_out(
    session: Session,
    periods: Sequence[ReportingPeriod],
    *,
    as_of: date,  # noqa: ARG001 - each period ends on the day it is asked for
    targets: Targets,  # noqa: ARG001 - what the year's scheme says decides
    known_at: datetime | None = None,
    of: UnitsOf | None = None,
) -> dict[ReportingPeriod, list[ComplianceValue]]:
    """Return the values of every scope for each year: the city first, then offices, then districts.

    The number of statements does not depend on how many units there are. `of` narrows to some units; without it every
    region has a value, with it only those that have one of these units.
    """
    regions = RegionBook(session)
    wanted = None if of is None else set(session.scalars(select(Unit.id).where(of(Unit.id))))
    found = {}
    for period in periods:
        asked: dict[str, Any] = {"year": period.start.year, "as_of": period.last_day, "known_at": known_at}
        pack = pack_of_year(session, period.start.year, known_at=known_at)
        scheme = Scheme(pack.parameters)
        rows = merged(unit_verdicts(session, **asked), population(session, **asked))
        found[period] = values_of(
            period,
            [row for row in rows if wanted is None or row.unit_id in wanted],
            regions.on(period.last_day),
            YearScheme(scheme.headline, scheme.qualified_weight, f"{pack.pack_id} {pack.version}"),
            whole_city=of is None,
        )
    return found


def merged(verdicts: Iterable[UnitVerdict], to_assess: Iterable[ToAssess]) -> list[UnitRow]:
    """Return one row for each unit that was assessed or must be, by id.

    Who was assessed stands as on the day of the assessment, wherever it is now; the others where they are.
    """
    rows = {unit.unit_id: _row_of_unit(unit) for unit in to_assess}
    for verdict in verdicts:
        rows[verdict.unit_id] = _row_of_verdict(verdict, rows.get(verdict.unit_id))
    return [rows[unit_id] for unit_id in sorted(rows)]


def values_of(
    period: ReportingPeriod, rows: Sequence[UnitRow], where: Places, scheme: YearScheme, *, whole_city: bool
) -> list[ComplianceValue]:
    """Return the values of every scope: each unit counts in the city, in one office and in one district."""
    rows_of: dict[ScopeKey, list[UnitRow]] = defaultdict(list)
    for row in rows:
        for scope in where.scopes_at(row.office_code, row.admin_code):
            rows_of[scope].append(row)
    scopes = {*(where.all if whole_city else (where.city,)), *rows_of}
    return [
        ComplianceValue(scope, period, tuple(rows_of.get(scope, ())), scheme) for scope in in_order(scopes, where.all)
    ]


def empty_value(scope: ScopeKey, period: ReportingPeriod) -> ComplianceValue:
    """Return the value of a scope without units."""
    return ComplianceValue(scope, period, (), YearScheme(Headline.FIRST, Fraction(0)))


def weight_of(parts: Mapping[str, Any]) -> Fraction:
    """Return the stored weight of 基本达标."""
    return Fraction(parts.get("weight", "0"))


def _row_of_unit(unit: ToAssess) -> UnitRow:
    return UnitRow(
        unit_id=unit.unit_id,
        subject=unit.subject,
        office_code=unit.office_code or "",
        admin_code=unit.admin_code or "",
        assessment_id=None,
        first=None,
        after_id=None,
        after=None,
        level=None,
        counted_on=None,
        reasons=tuple(unit.reasons),
        is_covered=False,
        excluded_reason=unit.excluded_reason,
    )


def _row_of_verdict(verdict: UnitVerdict, due: UnitRow | None) -> UnitRow:
    return UnitRow(
        unit_id=verdict.unit_id,
        subject=verdict.subject,
        office_code=verdict.office_code or "",
        admin_code=verdict.admin_code or "",
        assessment_id=verdict.assessment_id,
        first=verdict.first,
        after_id=verdict.after_id,
        after=verdict.after,
        level=verdict.level,
        counted_on=verdict.counted_on,
        reasons=due.reasons if due else (),
        is_covered=True,
        # Who was assessed after all has not left the coverage.
        excluded_reason="",
    )
