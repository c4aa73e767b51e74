"""指标表: both rates on one official sheet for leaders, as PDF in A4 and as xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.clock import local
from hwrisk.errors import NotFound
from hwrisk.indicators.compliance.reading import ComplianceReading
from hwrisk.indicators.compliance.words import NOTES as COMPLIANCE_NOTES
from hwrisk.indicators.models import ScopeKind, ValueState
from hwrisk.indicators.overdue.exports import DEFINITION, DEFINITION_LIMIT
from hwrisk.indicators.overview import Overview, overview
from hwrisk.indicators.readings import Reading
from hwrisk.reporting import Column, Making, Report, ReportRequest, Written
from hwrisk.reporting.document import render_report_page
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.reporting.report import CHECKING_NOTE
from hwrisk.security.permissions import Permission

REPORT_ID = "indicator-sheet"
TITLE = "危险废物管理考核指标表"
FOLDER = "indicator_sheet"
PROVISIONAL_MARK = "＊"
"""Beside a rate from which units are missing: a ledger not confirmed, or an assessment not made."""
TARGET_NOTE = "目标值依据连云港市“十四五”生态环境保护规划第三章第七节；规划期至 2025 年，2026 年起延续（待核）。"
NOTES = (TARGET_NOTE, DEFINITION, DEFINITION_LIMIT, *COMPLIANCE_NOTES)


class Line(NamedTuple):
    """One line of the sheet: an indicator for a scope."""

    scope: str
    reading: Reading

    @property
    def rate(self) -> Fraction | str:
        """The exact rate, or the state in words."""
        return self.reading.text if self.reading.share is None else self.reading.share

    @property
    def verdict(self) -> str:
        """Whether the target is met, and whose data are missing."""
        missing = f"（{self.reading.missing}）" if self.reading.missing and self.reading.share is not None else ""
        return f"{self.reading.verdict}{missing}"

    @property
    def shown_rate(self) -> Decimal | str:
        """The ratio as it is printed, below the target never the target itself, or the state in words."""
        percent = self.reading.percent
        return self.reading.text if percent is None else _ratio(percent)

    @property
    def target(self) -> Decimal:
        """The target as a ratio."""
        return _ratio(self.reading.target_percent)

    @property
    def qualified_rate(self) -> Decimal | None:
        """合格率 of the compliance rate as a ratio."""
        return _ratio(self.qualified) if self.qualified else None

    @property
    def qualified(self) -> str:
        """合格率 of the compliance rate as per cent, else empty."""
        return (self.reading.qualified_percent or "") if isinstance(self.reading, ComplianceReading) else ""


def _ratio(percent: str) -> Decimal:
    return Decimal(percent) / 100


def sheet_lines(session: Session, request: ReportRequest) -> list[Line]:
    """Return the headline of every indicator, then all of them by office.

    Raises:
        NotFound: the indicators were never computed for this person.
    """
    found = _overview(session, request)
    return [
        *(Line(head.scope_name, head) for head in found.heads),
        *(Line(office.name, reading) for office in found.offices for reading in office.readings.values()),
    ]


def write_pdf(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    """Write the sheet as one page of A4, or as many as the offices need.

    Raises:
        PdfUnavailable: pango is missing on this machine.
    """
    found = _overview(session, request)
    made = render_report_page(
        FOLDER,
        path,
        title=making.title,
        stamp=making.stamp,
        qr=qr_data_uri(making.stamp.text),
        made_at=local(making.made_at),
        made_by=making.made_by,
        cutoff_at=local(making.cutoff_at),
        as_of=request.as_of,
        scope=found.heads[0].scope_name,
        heads=[_cells(Line(head.scope_name, head)) for head in found.heads],
        indicators=[(i.reading.short, i.reading.of_what) for i in found.indicators],
        offices=[
            (office.name, [_office_cells(office.readings.get(i.id)) for i in found.indicators])
            for office in found.offices
            if len(found.offices) > 1 or found.heads[0].scope.kind is not ScopeKind.OFFICE
        ],
        notes=NOTES,
        mark=PROVISIONAL_MARK,
    )
    return Written(len(sheet_lines(session, request)), made.warnings)


def _overview(session: Session, request: ReportRequest) -> Overview:
    found = overview(session, user=request.user, as_of=request.as_of)
    if not found.heads or any(head.as_of != request.as_of for head in found.heads):
        found = overview(session, user=request.user, as_of=request.as_of, is_past=True)
    if not found.heads:
        raise NotFound
    return found


def _cells(line: Line) -> dict[str, Any]:
    reading = line.reading
    return {
        "title": reading.title,
        "period": reading.period.label,
        "value": f"{reading.percent} %" if reading.percent is not None else reading.state.label,
        "qualified": f"{line.qualified} %" if line.qualified else "",
        "coverage": reading.total.covered if isinstance(reading, ComplianceReading) else None,
        "target": f"{reading.target_percent} %",
        "numerator": reading.quantity_shown(reading.numerator),
        "denominator": reading.quantity_shown(reading.denominator),
        "of_what": reading.of_what,
        "measure": reading.measure,
        "verdict": reading.verdict,
        "missing": reading.missing or (reading.text if reading.percent is None else ""),
        "is_met": reading.is_met,
    }


def _office_cells(reading: Reading | None) -> dict[str, Any]:
    if reading is None:
        return {"value": "未核算", "of": "—", "verdict": "—", "mark": "", "is_met": None}
    shown = reading.state is not ValueState.NOT_APPLICABLE
    numerator, denominator = map(reading.quantity_shown, (reading.numerator, reading.denominator))
    return {
        "value": f"{reading.percent} %" if reading.percent is not None else reading.text,
        "of": f"{numerator} / {denominator}" if shown else "—",
        "verdict": reading.verdict if shown else "—",
        "mark": PROVISIONAL_MARK if reading.unreported_units and reading.percent is not None else "",
        "is_met": reading.is_met,
    }


def _cutoff(session: Session, request: ReportRequest) -> datetime:
    known_at = _overview(session, request).known_at
    if known_at is None:
        raise NotFound
    return known_at


def _summary(session: Session, request: ReportRequest) -> Sequence[str]:
    return [f"{h.scope_name} {h.title}：{h.text}，目标 {h.target_percent} %" for h in _overview(session, request).heads]


SHEET = Report(
    id=REPORT_ID,
    title=TITLE,
    permission=Permission.INDICATOR_READ,
    columns=(
        Column("scope", "统计范围", "scope", width=20),
        Column("indicator", "指标", "reading.title", width=26),
        Column("period", "统计期", "reading.period.label", width=26),
        # The targets of the two differ, and neither may be printed where it is missed: the ratio is rounded so already.
        Column("rate", "指标值", "shown_rate", kind="percent", width=14),
        Column("target", "目标", "target", kind="percent", width=9),
        Column("numerator", "分子", lambda line: line.reading.numerator, kind="number", width=14),
        Column("denominator", "分母", lambda line: line.reading.denominator, kind="number", width=14),
        Column("measure", "计量单位", "reading.measure", width=9),
        Column("verdict", "结果", "verdict", width=22),
        Column("qualified", "合格率", "qualified_rate", kind="percent", width=11),
    ),
    rows=sheet_lines,
    count=lambda session, request: len(sheet_lines(session, request)),
    summary=lambda session, request: tuple(_summary(session, request)),
    cutoff=_cutoff,
    notes=(CHECKING_NOTE, *NOTES),
    writers={"pdf": write_pdf},
)
