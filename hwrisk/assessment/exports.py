"""Excel and PDF of assessments: the units of a year, coverage, the list of sheets, one sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.assessment import queries
from hwrisk.assessment.imports import ITEM_NUMBERS
from hwrisk.assessment.models import Assessment, AssessmentState, Rating
from hwrisk.assessment.queries import (
    OfficeLine,
    SheetFile,
    YearTotals,
    sheet_conditions_from,
    year_conditions_from,
)
from hwrisk.assessment.rules import group_points
from hwrisk.assessment.scheme import Item
from hwrisk.assessment.scope import visible_to
from hwrisk.assessment.verdicts import compliance_target, pack_of_year
from hwrisk.clock import local
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.imports.cells import half_width
from hwrisk.regions.queries import region_names
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

YEAR_COLUMNS = (
    Column("unit_no", "单位编号", "unit_no", kind="code", width=17),
    Column("unit", "单位名称", "unit_name", width=28),
    Column("office", "管辖单位", "office_name", width=14),
    Column("admin", "行政区划", "admin_name", width=10),
    Column("subject", "评估类型", "subject.label", kind="code", width=10),
    Column("reason", "应评理由", "reason_label", width=18),
    Column("state", "评估情况", "state.label", kind="code", width=14),
    Column("excluded", "不具备条件的理由", "excluded_reason", width=16),
    Column("level", "评估层级", lambda row: row.level.label if row.level else "", kind="code", width=9),
    Column("day", "评估日期", "counted_on", kind="day", width=12),
    Column("score", "得分/满分", "score", kind="code", width=10),
    Column("first", "首次等级", lambda row: row.first.label if row.first else "", kind="code", width=10),
    Column("veto", "否决项", "veto_items", kind="code", width=10),
    Column("after", "整改后等级", lambda row: row.after.label if row.after else "", kind="code", width=11),
    Column("after_on", "复查日期", "after_on", kind="day", width=12),
)
COVERAGE_COLUMNS = (
    Column("office", "管辖单位", "name", width=20),
    Column("must", "应评（家）", "totals.must", kind="int", width=10),
    Column("excluded", "不具备条件（家）", "totals.excluded", kind="int", width=14),
    Column("covered", "已评估（家）", "totals.covered", kind="int", width=11),
    Column("open", "未评估（家）", "totals.open", kind="int", width=11),
    Column("coverage", "覆盖率", "totals.coverage", kind="percent", width=10),
    Column("extra", "应评之外（家）", "totals.extra", kind="int", width=13),
    Column("met", "首次达标（家）", "totals.met", kind="int", width=13),
    Column("basic", "首次基本达标（家）", "totals.basic", kind="int", width=15),
    Column("not_met", "首次不达标（家）", "totals.not_met", kind="int", width=14),
    Column("first_rate", "首次达标率", "first_rate", width=11),
    Column("after_rate", "整改后达标率", "after_rate", width=12),
)
LIST_COLUMNS = (
    Column("no", "评估编号", "assessment.assessment_no", kind="code", width=17),
    Column("unit_no", "单位编号", "unit_no", kind="code", width=17),
    Column("unit", "单位名称", "unit_name", width=28),
    Column("office", "管辖单位", "office_name", width=14),
    Column("year", "评估年度", lambda row: str(row.assessment.year), kind="code", width=9),
    Column("level", "评估层级", "assessment.level.label", kind="code", width=9),
    Column("kind", "初次或复查", "kind_label", kind="code", width=10),
    Column("subject", "评估类型", "assessment.subject.label", kind="code", width=10),
    Column("day", "评估日期", "assessment.assessed_on", kind="day", width=12),
    Column("organiser", "组织单位", "assessment.organiser", width=18),
    Column("state", "办理状态", "assessment.state.label", kind="code", width=11),
    Column("marks", "得分/满分", "marks", kind="code", width=10),
    Column(
        "grade", "等级", lambda row: row.assessment.grade.label if row.assessment.grade else "", kind="code", width=9
    ),
    Column("veto", "否决项", "assessment.veto_items", kind="code", width=10),
    Column("accidents", "事故（次）", "assessment.accidents", kind="int", width=9),
    Column("version", "评分表版本", "assessment.scheme_version", kind="code", width=10),
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


class RatedOffice(NamedTuple):
    """The totals of an office with its rates as they may be printed: never the target where it is missed."""

    name: str
    totals: YearTotals
    first_rate: str
    after_rate: str


def _year_asked(request: ReportRequest) -> dict[str, Any]:
    values = {**request.filters, **({"year": str(request.params["year"])} if request.params.get("year") else {})}
    return {"user": request.user, "as_of": request.as_of, "asked": year_conditions_from(values, as_of=request.as_of)}


def _year_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return queries.stream_year(session, **_year_asked(request))


def _year_count(session: Session, request: ReportRequest) -> int:
    totals = queries.year_totals(session, **_year_asked(request))
    return totals.must + totals.extra


def _coverage_rows(session: Session, request: ReportRequest) -> list[RatedOffice]:
    target = compliance_target(session, on=request.as_of)
    lines = queries.by_office(session, **_year_asked(request))
    total = OfficeLine(None, "合计", queries.year_totals(session, **_year_asked(request)))
    return [
        RatedOffice(
            line.name, line.totals, _percent(line.totals.first_rate, target), _percent(line.totals.after_rate, target)
        )
        for line in [*lines, total]
    ]


def _percent(rate: Any, target: Any) -> str:
    return "—" if rate is None else f"{rounded_ratio(rate, target) * 100:.2f}%"


def _year_words(session: Session, request: ReportRequest) -> str:
    asked = _year_asked(request)["asked"]
    names = region_names(session, as_of=request.as_of) if asked.office or asked.admin else {}
    said = (
        ("评估年度", f"{asked.year} 年"),
        ("管辖单位", names.get(asked.office or "", "待定") if asked.office else None),
        ("行政区划", names.get(asked.admin or "", "待定") if asked.admin else None),
        ("评估类型", asked.subject and asked.subject.label),
        ("评估情况", asked.state and asked.state.label),
        ("应评理由", asked.reason and asked.reason.label),
        ("评估层级", asked.level and asked.level.label),
        ("首次等级", asked.first and asked.first.label),
        ("整改后等级", asked.after and asked.after.label),
        ("查找", asked.text),
        ("名单", f"粘贴的 {len(asked.pasted)} 项" if asked.pasted else None),
    )
    return "；".join(f"{label}：{value}" for label, value in said if value)


def _scheme_line(session: Session, request: ReportRequest) -> tuple[str, ...]:
    pack = pack_of_year(session, _year_asked(request)["asked"].year)
    return (f"评分表：{pack.title} {pack.version}",)


def _list_asked(request: ReportRequest) -> dict[str, Any]:
    return {"user": request.user, "as_of": request.as_of, "asked": sheet_conditions_from(request.filters)}


def _list_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return queries.stream_sheets(session, **_list_asked(request))


def _list_count(session: Session, request: ReportRequest) -> int:
    return queries.count_sheets(session, **_list_asked(request))


def _list_words(session: Session, request: ReportRequest) -> str:
    asked = sheet_conditions_from(request.filters)
    names = region_names(session, as_of=request.as_of) if asked.office else {}
    said = (
        ("评估年度", f"{asked.year} 年" if asked.year else None),
        ("管辖单位", names.get(asked.office or "", "待定") if asked.office else None),
        ("评估层级", asked.level and asked.level.label),
        ("评估类型", asked.subject and asked.subject.label),
        ("办理状态", asked.state and asked.state.label),
        ("等级", asked.grade and asked.grade.label),
        ("只看复查", "是" if asked.is_recheck else None),
        ("查找", asked.text),
    )
    return "；".join(f"{label}：{value}" for label, value in said if value)


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


def _coverage_count(session: Session, request: ReportRequest) -> int:
    return len(_coverage_rows(session, request))


def _sheet_count(session: Session, request: ReportRequest) -> int:
    return len(sheet_lines(session, request))


def _sheet_totals(session: Session, request: ReportRequest) -> Mapping[str, Any]:
    file = asked_sheet(session, request)
    return {"points": file.verdict.score if file.verdict else None}


YEAR = Report(
    id="assessment-year",
    title="规范化环境管理年度评估表",
    permission=Permission.ASSESSMENT_READ,
    columns=YEAR_COLUMNS,
    rows=_year_rows,
    count=_year_count,
    filter_text=_year_words,
    summary=_scheme_line,
    notes=NOTES,
    parameters=(YEAR_PARAMETER,),
    paper="A3",
)
COVERAGE = Report(
    id="assessment-coverage",
    title="规范化环境管理应评与覆盖情况表",
    permission=Permission.ASSESSMENT_READ,
    columns=COVERAGE_COLUMNS,
    rows=_coverage_rows,
    count=_coverage_count,
    filter_text=_year_words,
    summary=_scheme_line,
    notes=(*NOTES, "覆盖率不计不具备评估条件的单位；未达 100% 时达标率为暂定"),
    parameters=(YEAR_PARAMETER,),
)
ASSESSMENTS = Report(
    id="assessments",
    title="规范化环境管理评估记录",
    permission=Permission.ASSESSMENT_READ,
    columns=LIST_COLUMNS,
    rows=_list_rows,
    count=_list_count,
    filter_text=_list_words,
    notes=NOTES,
    paper="A3",
)
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


def _result_column(no: str) -> Column:
    return Column(f"item_{no}", no, lambda row: row.results.get(no, ""), kind="code", width=9)


RESULT_COLUMNS = (
    Column("unit", "单位编号", "sheet.unit_no", kind="code", width=17),
    Column("name", "单位名称", "sheet.unit_name", width=28),
    Column("year", "评估年度", "sheet.assessment.year", kind="code", width=9),
    Column("level", "评估层级", "sheet.assessment.level.label", kind="code", width=9),
    Column("subject", "评估类型", "sheet.assessment.subject.label", kind="code", width=10),
    Column("day", "评估日期", "sheet.assessment.assessed_on", kind="day", width=12),
    Column("organiser", "组织单位", "sheet.assessment.organiser", width=18),
    Column("people", "评估人员", "people", width=30),
    Column(
        "recheck", "是否复查", lambda row: "是" if row.sheet.assessment.recheck_of_id else "否", kind="code", width=9
    ),
    Column("accidents", "事故次数", "sheet.assessment.accidents", kind="int", width=9),
    Column(
        "major", "重大事故", lambda row: "是" if row.sheet.assessment.has_major_accident else "否", kind="code", width=9
    ),
    Column("comment", "评估意见", "sheet.assessment.comment", width=24),
    *(_result_column(no) for no in ITEM_NUMBERS),
    Column("marks", "得分/满分", "sheet.marks", kind="code", width=10),
    Column(
        "grade",
        "等级",
        lambda row: row.sheet.assessment.grade.label if row.sheet.assessment.grade else "",
        kind="code",
        width=9,
    ),
)
"""The headings of the import form, so that the file can be read back."""


def _result_rows(session: Session, request: ReportRequest) -> Iterable[Any]:
    return queries.stream_results(session, **_list_asked(request))


RESULTS = Report(
    id="assessment-results",
    title="规范化环境管理评估逐项结果",
    permission=Permission.ASSESSMENT_READ,
    columns=RESULT_COLUMNS,
    rows=_result_rows,
    count=_list_count,
    filter_text=_list_words,
    notes=NOTES,
    formats=("xlsx",),
)
REPORTS = (ASSESSMENTS, RESULTS, YEAR, COVERAGE, SHEET)
