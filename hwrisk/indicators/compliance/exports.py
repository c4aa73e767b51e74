"""Reports of the compliance rate: the sheet by office and district, and the units behind one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.assessment.models import Grade, Headline, Subject
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.indicators.compliance.computing import INDICATOR, TITLE, UnitRow
from hwrisk.indicators.compliance.explanation import Asked, Place, UnitDetail, is_asked, stream_details
from hwrisk.indicators.compliance.reading import ComplianceReading
from hwrisk.indicators.compliance.record import COMPLIANCE_RATE
from hwrisk.indicators.compliance.words import NOTES
from hwrisk.indicators.models import ScopeKind
from hwrisk.indicators.queries import kept_values, kept_years, readings_on
from hwrisk.indicators.readings import combined
from hwrisk.indicators.showing import value_and_rows
from hwrisk.reporting import Column, Parameter, Report, ReportRequest
from hwrisk.reporting.report import CHECKING_NOTE
from hwrisk.security.permissions import Permission

# The target of the plan; a rate below it never prints as it, nor a coverage below the whole as the whole.
TARGET, WHOLE = Fraction(9, 10), Fraction(1)


def sheet_rows(session: Session, request: ReportRequest) -> list[ComplianceReading]:
    """Return the values of the year asked for, of all scopes in sight: city, offices, districts.

    Raises:
        RuleViolation: the year is no number, or lies after the day of the report.
    """
    year = _year(request)
    if year == request.as_of.year:
        return readings_on(session, COMPLIANCE_RATE, user=request.user, as_of=request.as_of)
    if year in kept_years(session, COMPLIANCE_RATE, user=request.user):
        return kept_values(session, COMPLIANCE_RATE, user=request.user, year=year)
    return readings_on(session, COMPLIANCE_RATE, user=request.user, as_of=date(year, 12, 31))


def detail_rows(session: Session, request: ReportRequest) -> Iterable[UnitDetail]:
    """Return the units behind the value asked for, narrowed as asked, by id."""
    reading, rows = _value(session, request)
    return stream_details(session, rows, day=reading.period.last_day)


def _year(request: ReportRequest) -> int:
    text = str(request.params.get("year") or request.filters.get("year") or request.as_of.year)
    if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= request.as_of.year):
        raise RuleViolation(f"年度“{text}”不对，应为 2000 至 {request.as_of.year} 之间的四位数字", field="year")
    return int(text)


def _value(session: Session, request: ReportRequest) -> tuple[ComplianceReading, list[UnitRow]]:
    ref = request.filters.get("value", "")
    if not ref:
        ref = sheet_rows(session, request)[0].ref
    reading, rows = value_and_rows(session, ref, user=request.user)
    if not isinstance(reading, ComplianceReading):
        raise NotFound
    asked = _asked(request)
    return reading, [row for row in rows if is_asked(row, asked, reading.headline)]


def _asked(request: ReportRequest) -> Asked:
    subject, grade, place = (request.filters.get(name) for name in ("subject", "grade", "place"))
    try:
        return Asked(
            Subject(subject) if subject else None, Grade(grade) if grade else None, Place(place) if place else None
        )
    except ValueError as failure:
        raise RuleViolation("导出的筛选条件不认识，请回到明细页重新筛选后导出") from failure


def _head(session: Session, request: ReportRequest) -> ComplianceReading:
    readings = sheet_rows(session, request)
    return combined([reading for reading in readings if reading.scope.kind is readings[0].scope.kind])


def _sheet_filter(session: Session, request: ReportRequest) -> str:
    head = _head(session, request)
    return f"年度：{head.period.start.year}（{head.stage.label}）；结论：{head.headline.label}"


def _detail_filter(session: Session, request: ReportRequest) -> str:
    reading = _value(session, request)[0]
    asked = "".join(f"；{part.label}" for part in _asked(request) if part is not None)
    return f"年度：{reading.period.start.year}（{reading.stage.label}）{asked}"


def in_words(reading: ComplianceReading) -> str:
    """Return a value in one line: both rates, the coverage, target and verdict."""
    return (
        f"{reading.scope_name} {reading.period.label} {TITLE}（{reading.headline.label}）：{reading.text}　　"
        f"合格率：{_percent(reading.qualified_percent)}（权数 {reading.weight_text}，待核）　　"
        f"达标 {reading.quantity_shown(reading.numerator)} / 已评 {reading.quantity_shown(reading.denominator)} 家　　"
        f"覆盖率：{_percent(reading.total.covered)}　　目标 {reading.target_percent} %（待核）　　{reading.verdict}"
    )


def _percent(text: str | None) -> str:
    return "—" if text is None else f"{text} %"


def _scope_kind(reading: ComplianceReading) -> str:
    return "" if reading.scope.kind is ScopeKind.CITY else reading.scope.kind.label


def _rate(of: Subject | None, which: Headline | None) -> Callable[[ComplianceReading], Any]:
    def read(reading: ComplianceReading) -> Any:
        part = reading.total if of is None else reading.part(of)
        return part.tally(which or reading.headline).strict

    return read


def _qualified(reading: ComplianceReading) -> Any:
    return reading.total.tally(reading.headline).weighted(reading.weight)


def _count(of: Subject, name: str) -> Callable[[ComplianceReading], int]:
    return lambda reading: getattr(reading.part(of).tally(reading.headline), name)


def _grade(name: str) -> Callable[[UnitDetail], str]:
    def read(detail: UnitDetail) -> str:
        grade: Grade | None = getattr(detail.row, name)
        return grade.label if grade else "未评"

    return read


YEAR = Parameter("year", "年度", is_required=False)
RATE_SHEET = Report(
    id=INDICATOR,
    title="规范化管理考核达标率表",
    permission=Permission.INDICATOR_READ,
    columns=(
        Column("kind", "划分", _scope_kind, width=9),
        Column("scope", "统计范围", "scope_name", width=18),
        Column("met", "达标（家）", lambda r: int(r.numerator), kind="int", width=9),
        Column("assessed", "已评（家）", lambda r: int(r.denominator), kind="int", width=9),
        Column(
            "rate", "达标率", lambda r: r.share if r.share is not None else r.text, kind="percent", target=TARGET,
            width=10,
        ),
        Column("qualified", "合格率", _qualified, kind="percent", target=TARGET, width=10),
        Column("verdict", "结果", "verdict", width=9),
        Column("state", "状态", lambda r: r.state.label, width=9),
        *(
            Column(which.value, f"{which.label}达标率", _rate(None, which), kind="percent", target=TARGET, width=10)
            for which in Headline
        ),
        *(
            column
            for of in Subject
            for column in (
                Column(f"{of.value}_met", f"{of.label}达标（家）", _count(of, "met"), kind="int", width=9),
                Column(f"{of.value}_basic", f"{of.label}基本达标（家）", _count(of, "basic"), kind="int", width=9),
                Column(f"{of.value}_not", f"{of.label}不达标（家）", _count(of, "not_met"), kind="int", width=9),
                Column(
                    f"{of.value}_rate", f"{of.label}达标率", _rate(of, None), kind="percent", target=TARGET, width=10
                ),
            )
        ),
        Column("to_assess", "应评（家）", "coverage.to_assess", kind="int", width=8),
        Column("covered", "应评已评（家）", "coverage.covered", kind="int", width=8),
        Column("coverage", "覆盖率", "coverage.share", kind="percent", target=WHOLE, width=10),
        Column("missing", "未评（家）", "unreported_units", kind="int", width=8),
        Column("excluded", "不具备条件（家）", "coverage.excluded", kind="int", width=9),
    ),
    rows=sheet_rows,
    count=lambda session, request: len(sheet_rows(session, request)),
    filter_text=_sheet_filter,
    summary=lambda session, request: (in_words(_head(session, request)),),
    cutoff=lambda session, request: _head(session, request).known_at,
    notes=(CHECKING_NOTE, *NOTES),
    parameters=(YEAR,),
    paper="A3",
)  # fmt: skip

RATE_ROWS = Report(
    id=f"{INDICATOR}-rows",
    title="规范化管理考核达标率单位明细",
    permission=Permission.INDICATOR_READ,
    columns=(
        Column("unit_no", "单位编号", "unit_no", kind="code", width=16),
        Column("unit", "单位", "unit_name", width=26),
        Column("subject", "单位类别", lambda d: d.row.subject.label, width=9),
        Column("office", "管辖单位", "office", width=14),
        Column("district", "行政区划", "district", width=10),
        Column("first", "首次结论", _grade("first"), width=9),
        Column("first_no", "评估编号", "first_no", kind="code", width=15),
        Column("after", "整改后结论", _grade("after"), width=9),
        Column("after_no", "复查编号", "after_no", kind="code", width=15),
        Column("level", "评估层级", lambda d: d.row.level.label if d.row.level else "", width=8),
        Column("counted_on", "评估日期", lambda d: d.row.counted_on, kind="day", width=11),
        Column("place", "评估情况", "place_text", width=14),
        Column("reasons", "应评理由", "reasons", width=14),
    ),
    rows=detail_rows,
    count=lambda session, request: len(_value(session, request)[1]),
    scope_text=lambda session, request: _value(session, request)[0].scope_name,
    filter_text=_detail_filter,
    summary=lambda session, request: (in_words(_value(session, request)[0]),),
    cutoff=lambda session, request: _value(session, request)[0].known_at,
    notes=(CHECKING_NOTE, *NOTES),
    parameters=(YEAR,),
)

REPORTS = (RATE_SHEET, RATE_ROWS)
