"""The sheet of one unit (评估表) as an A4 document and as Excel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.assessment import queries
from hwrisk.assessment.models import Assessment, AssessmentState, Rating
from hwrisk.assessment.queries import SheetFile
from hwrisk.assessment.rules import group_points
from hwrisk.assessment.scheme import Item
from hwrisk.assessment.scope import visible_to
from hwrisk.clock import local
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.imports.cells import half_width
from hwrisk.reporting import Column, Making, Parameter, Report, ReportRequest, Written
from hwrisk.reporting.document import render_report_page
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.reporting.values import rounded_ratio
from hwrisk.rulepacks.queries import citations
from hwrisk.security.permissions import Permission
from hwrisk.units.models import Unit

FOLDER = "assessment"
UNOFFICIAL = (
    "评分表为非官方、待核：核对项按法律和标准条文自拟，不是国家或省的正式评估指标；得分、界值、否决项为本局设置"
)
COUNTING = "自评不计入；一家单位只计一次，高层级优先，同一层级以最近一次为准；整改后取复查结果"
NOTES = (UNOFFICIAL, COUNTING)

SHEET_TITLE = "危险废物规范化环境管理评估表"
YEAR_PARAMETER = Parameter("year", "评估年度", is_required=False)
SHEET_COLUMNS = (
    Column("group", "职责", "group", kind="code", width=12),
    Column("no", "编号", "item.no", kind="code", width=7),
    Column("text", "核对项", "item.text", width=46),
    Column("compulsory", "必查", lambda line: "是" if line.item.is_compulsory else "", kind="code", width=6),
    Column("veto", "否决", lambda line: "是" if line.item.is_veto else "", kind="code", width=6),
    Column("rating", "结果", "rating_label", kind="code", width=10),
    Column("points", "得分", "points", kind="number", width=7),
    Column("reason", "理由", "reason", width=26),
    Column("evidence", "证据", "evidence", width=22),
    Column("basis", "依据", "basis", width=36),
)


class SheetLine(NamedTuple):
    """One item on the sheet of a unit."""

    group: str
    item: Item
    rating: Rating | None
    points: Any
    reason: str
    evidence: str
    basis: str

    @property
    def rating_label(self) -> str:
        """The result in words."""
        return self.rating.label if self.rating else "未填"


def asked_sheet(session: Session, request: ReportRequest) -> SheetFile:
    """Return the sheet a request means: by its number, else the unit's latest closed one (of `year`, if told).

    Raises:
        RuleViolation: neither number nor unit is told.
        NotFound: there is none in sight.
    """
    number, unit = (half_width(str(request.params.get(name) or "")).strip().upper() for name in ("assessment", "unit"))
    if not number and not unit:
        raise RuleViolation("导出评估表须写明评估编号，或者单位编号（可加年度）", field="assessment")
    statement = (
        select(Assessment.public_id)
        .join(Unit, Unit.id == Assessment.unit_id)
        .where(visible_to(request.user, as_of=request.as_of), Assessment.assessed_on <= request.as_of)
        .order_by(Assessment.assessed_on.desc(), Assessment.id.desc())
        .limit(1)
    )
    if number:
        statement = statement.where(Assessment.assessment_no == number)
    else:
        statement = statement.where(Unit.unit_no == unit, Assessment.state == AssessmentState.CLOSED)
        if request.params.get("year"):
            statement = statement.where(Assessment.year == _whole_year(str(request.params["year"])))
    public_id = session.scalar(statement)
    if public_id is None:
        raise NotFound("没有找到这张评估表，或不在您的管辖范围内")
    return queries.sheet_file(session, public_id, user=request.user, as_of=request.as_of)


def _whole_year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise RuleViolation(f"年度“{text}”的写法不对，请写成四位数字，如 2026", field="year")
    return int(text)


def sheet_lines(session: Session, request: ReportRequest) -> list[SheetLine]:
    """Return the items of a sheet by duty, those without result too."""
    file = asked_sheet(session, request)
    cited = citations(session, on=file.row.assessment.assessed_on)
    lines = []
    for group in file.scheme.groups(file.row.assessment.subject):
        for item in group.items:
            entry = file.entries.get(item.no)
            lines.append(
                SheetLine(
                    group.label,
                    item,
                    entry.rating if entry else None,
                    None if entry is None else file.scheme.points.get(entry.rating),
                    entry.reason if entry else "",
                    entry.evidence if entry else "",
                    item.basis_on(cited),
                )
            )
    return lines


def _sheet_summary(session: Session, request: ReportRequest) -> tuple[str, ...]:
    file = asked_sheet(session, request)
    row = file.row.assessment
    marks = f"{file.row.marks}　　等级：{row.grade.label}" if row.grade else "未办结"
    return (
        f"评估编号：{row.assessment_no}　　单位：{file.row.unit_name}（{file.row.unit_no}）　　"
        f"评估类型：{row.subject.label}",
        f"评估年度：{row.year}　　评估日期：{row.assessed_on:%Y-%m-%d}　　层级：{row.level.label}　　"
        f"组织单位：{row.organiser}",
        f"检查人员：{file.people_label or '—'}　　得分：{marks}　　否决项：{row.veto_items or '无'}",
    )


def _sheet_title(session: Session, request: ReportRequest) -> str:
    file = asked_sheet(session, request)
    return f"{SHEET_TITLE}（{file.row.unit_name}）"


def write_sheet_pdf(session: Session, request: ReportRequest, path: Path, making: Making) -> Written:
    """Write the sheet of one unit as an A4 document, with room for signatures.

    Raises:
        PdfUnavailable: pango is missing on this machine.
    """
    file, lines = asked_sheet(session, request), sheet_lines(session, request)
    row = file.row.assessment
    ratings = {no: entry.rating for no, entry in file.entries.items()}
    groups = []
    for group in file.scheme.groups(row.subject):
        points, full = group_points(file.scheme, [item.no for item in group.items], ratings)
        groups.append(
            {
                "label": group.label,
                "lines": [line for line in lines if line.item.no in {item.no for item in group.items}],
                "points": f"{points} / {full}" if full else "—",
            }
        )
    verdict = file.verdict
    made = render_report_page(
        FOLDER,
        path,
        title=making.title,
        heading=f"{row.year} 年{row.subject.label}危险废物规范化环境管理评估表",
        again=row.recheck_of_id is not None,
        is_demo=making.is_demo,
        stamp=making.stamp,
        qr=qr_data_uri(making.stamp.text),
        made_at=local(making.made_at),
        made_by=making.made_by,
        file=file,
        row=row,
        groups=groups,
        deducted=verdict.deducted if verdict else 0,
        percent=f"{rounded_ratio(verdict.ratio) * 100:.2f}%" if verdict else "—",
        is_closed=row.state is AssessmentState.CLOSED,
        notes=NOTES,
    )
    return Written(len(lines), made.warnings)


def _sheet_count(session: Session, request: ReportRequest) -> int:
    return len(sheet_lines(session, request))


def _sheet_totals(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    file = asked_sheet(session, request)
    return {"points": file.verdict.score if file.verdict else None}


SHEET = Report(
    id="assessment-sheet",
    title=SHEET_TITLE,
    permission=Permission.ASSESSMENT_READ,
    columns=SHEET_COLUMNS,
    rows=sheet_lines,
    count=_sheet_count,
    summary=_sheet_summary,
    totals=_sheet_totals,
    title_of=_sheet_title,
    notes=NOTES,
    parameters=(
        Parameter("assessment", "评估编号", is_required=False),
        Parameter("unit", "单位编号", is_required=False),
        YEAR_PARAMETER,
    ),
    writers={"pdf": write_sheet_pdf},
)
