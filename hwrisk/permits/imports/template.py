"""The forms of both files: headings, synonyms, choices."""

from __future__ import annotations

from datetime import date

from hwrisk.imports import (
    Template,
    TemplateColumn,
    choice_column,
    code_column,
    day_column,
    text_column,
    tonnes_column,
    waste_code_column,
)
from hwrisk.imports.cells import Cell
from hwrisk.permits.contents import parse_month
from hwrisk.permits.models import HolderPlace, LicenceKind, TermAct


def _month(key: str, title: str) -> TemplateColumn:
    def parse(cell: Cell, _as_of: date) -> str:
        return parse_month(f"{cell:%Y-%m}" if isinstance(cell, date) else cell)

    return TemplateColumn(key=key, title=title, parse=parse, synonyms=("统计月份",), example="2026-11", width=12)


PERMITS = Template(
    sheet="经营许可证",
    version="2026-1",
    columns=(
        code_column("licence_no", "许可证编号", synonyms=("经营许可证编号", "证号"), example="JS0700OOI000"),
        code_column(
            "unit_no", "持证单位编号", is_required=False, synonyms=("单位编号", "统一社会信用代码"),
            note="名录内的单位填单位编号或统一社会信用代码",
        ),
        text_column("holder", "持证单位名称", synonyms=("单位名称", "经营单位"), width=28),
        choice_column("place", "所在地", HolderPlace, is_required=False, note="不填为市内", width=12),
        choice_column(
            "kind", "许可证类别", LicenceKind, also={"综合经营": "comprehensive", "收集经营": "collection"}, width=12
        ),
        choice_column(
            "act", "办理事项", {a.label: a for a in TermAct if a is not TermAct.CHANGED}, is_required=False,
            note="不填为首次颁发；变更请在系统中办理", width=12,
        ),
        text_column("authority", "发证机关", width=20),
        text_column("document_no", "发证文号", is_required=False, max_length=100),
        day_column("issued_on", "发证日期", width=14),
        day_column("valid_from", "有效期起", may_be_future=True, width=14),
        day_column("expires_on", "有效期止", may_be_future=True, width=14, note="证上写的最后一天"),
        tonnes_column(
            "annual_cap", "核准经营总规模（t）", positive=True, is_required=False,
            synonyms=("核准总规模（吨/年）", "总规模"), note="每年；证上只写各生产线的不填",
        ),
        code_column("line_no", "生产线编号", max_length=16, width=12, example="L1"),
        text_column("line_name", "生产线名称", is_required=False, max_length=100, synonyms=("设施名称",), width=18),
        tonnes_column(
            "quantity", "核准经营规模（t）", positive=True, synonyms=("核准规模（吨/年）", "经营规模", "年经营规模"),
            note="每年，吨",
        ),
        text_column("methods", "利用处置方式代码", synonyms=("经营方式代码",), note="如 D10；多个用分号隔开"),
        text_column(
            "categories", "整类核准的类别", is_required=False, max_length=400, synonyms=("核准类别",),
            note="如 HW08;HW12", width=22,
        ),
        text_column(
            "codes", "逐项核准的代码", is_required=False, max_length=4000, synonyms=("核准代码",),
            note="如 900-041-49；多个用分号隔开", width=30,
        ),
        text_column(
            "excepted", "除外代码", is_required=False, max_length=2000, note="所属类别须整类核准", width=22
        ),
    ),
    notes=(
        "一行一条生产线（设施）；同一证号、同一有效期起的各行合为一份许可证。",
        "核准类别有三种写法：整类核准写类别；逐项核准写代码；整类核准而有除外的，另写除外代码。",
        "规模一律按吨/年填写，不用万吨。",
        "同一证号的有效期不得重叠；同一文件重复导入不产生变化。",
    ),
)  # fmt: skip
QUANTITIES = Template(
    sheet="经营量",
    version="2026-1",
    columns=(
        code_column("licence_no", "许可证编号", synonyms=("经营许可证编号", "证号")),
        code_column("line_no", "生产线编号", max_length=16, synonyms=("设施编号",), width=12, example="L1"),
        _month("month", "月份"),
        waste_code_column("waste_code"),
        tonnes_column("received", "接收量（t）", synonyms=("接收量", "收集量")),
        tonnes_column("treated", "利用处置量（t）", synonyms=("利用处置量", "处置量")),
    ),
    notes=(
        "一行为一份许可证、一条生产线、一种废物、一个月的数量；没有接收的填 0。",
        "数量按吨填写，不用万吨、千克。",
        "再次填报同一月份即为更正，以前填报的保留可查。",
    ),
    unique_by=("licence_no", "line_no", "month", "waste_code"),
)
