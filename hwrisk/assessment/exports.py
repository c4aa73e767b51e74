"""Excel and PDF of assessments: the units of a year, coverage, the list of sheets, one sheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.assessment import queries
from hwrisk.assessment.imports import ITEM_NUMBERS
from hwrisk.assessment.queries import (
    OfficeLine,
    YearTotals,
    sheet_conditions_from,
    year_conditions_from,
)
from hwrisk.assessment.sheet_export import NOTES, YEAR_PARAMETER
from hwrisk.assessment.verdicts import compliance_target, pack_of_year
from hwrisk.regions.queries import region_names
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.reporting.values import rounded_ratio
from hwrisk.security.permissions import Permission

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


def _coverage_count(session: Session, request: ReportRequest) -> int:
    return len(_coverage_rows(session, request))


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
REPORTS = (ASSESSMENTS, RESULTS, YEAR, COVERAGE)
