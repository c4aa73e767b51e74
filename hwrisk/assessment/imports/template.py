"""The form of assessment results: one row for each unit and assessment, one column for each item."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import Any

from hwrisk.assessment.models import Grade, Level, Rating, Subject
from hwrisk.imports import (
    Template,
    TemplateColumn,
    choice_column,
    code_column,
    day_column,
    text_column,
    whole_column,
)
from hwrisk.imports.cells import Cell, CellError, half_width, line_of
from hwrisk.resources import resource_dir

YES_NO = {"是": True, "否": False}
ITEM_KEY = "item_"
SEPARATOR = ":"
_WORDS = {
    **{rating.label: rating for rating in Rating}, "2": Rating.MET, "1": Rating.BASIC, "0": Rating.NOT_MET,
    "2分": Rating.MET, "1分": Rating.BASIC, "0分": Rating.NOT_MET, "符合": Rating.MET, "不符合": Rating.NOT_MET,
    "基本符合": Rating.BASIC, "/": Rating.NOT_APPLICABLE, "不涉及": Rating.NOT_APPLICABLE,
}  # fmt: skip
_WITH_REASON = re.compile(r"^(?P<word>[^(:]+?)\s*(?:\((?P<inner>.*)\)|:(?P<after>.*))?$", re.DOTALL)
RIGHT = "达标、基本达标、不达标，或者“不适用（理由）”"


def _shipped_items() -> dict[str, str]:
    """Return the wording of every item of the schemes that come with the system, by number."""
    found: dict[str, str] = {}
    for path in sorted((resource_dir("seeds") / "rules").glob("assessment-*.toml")):
        pack = tomllib.loads(path.read_text(encoding="utf-8"))
        found.update((row["no"], row["text"]) for row in pack.get("item", ()))
    return found


def parse_result(cell: Cell, _as_of: date) -> str:
    """Return a result and its reason as `rating:reason`.

    Raises:
        CellError: the cell says neither a result nor points.
    """
    text = half_width(line_of(cell)).strip()
    found = _WITH_REASON.match(text)
    word = found["word"].strip() if found else ""
    if found is None or word.removesuffix(".0") not in _WORDS:
        raise CellError("不是评估结果", RIGHT)
    reason = (found["inner"] or found["after"] or "").strip()
    return f"{_WORDS[word.removesuffix('.0')].value}{SEPARATOR}{reason}"


def _item_column(no: str, text: str) -> TemplateColumn:
    return TemplateColumn(
        key=f"{ITEM_KEY}{no}", title=no, parse=parse_result, is_required=False,
        synonyms=(f"{no}{text}", f"{no} {text}"), note=text, example="达标", width=9,
    )  # fmt: skip


_ITEMS = _shipped_items()
ITEM_NUMBERS = tuple(_ITEMS)
_HEAD: tuple[Any, ...] = (
    code_column(
        "unit",
        "单位编号",
        is_required=False,
        is_compulsory=True,
        synonyms=("统一社会信用代码", "信用代码", "单位编号或统一社会信用代码"),
        note="本系统单位编号或统一社会信用代码；留空时按单位名称查找",
        example="LYG-2026-000001",
    ),
    text_column(
        "name",
        "单位名称",
        is_required=False,
        synonyms=("企业名称", "被评估单位"),
        width=28,
        example="连云港示例化工有限公司",
    ),
    whole_column("year", "评估年度", minimum=2016, maximum=2200, synonyms=("年度", "年份"), example="2026", width=10),
    choice_column(
        "level",
        "评估层级",
        Level,
        synonyms=("层级", "评估级别"),
        example="县级",
        width=10,
        also={"县": Level.COUNTY, "区级": Level.COUNTY, "市": Level.CITY, "省": Level.PROVINCE, "企业自评": Level.SELF},
    ),
    choice_column(
        "subject",
        "评估类型",
        Subject,
        synonyms=("单位类型", "评估表"),
        example="产废单位",
        width=12,
        also={"产废": Subject.GENERATOR, "经营": Subject.OPERATOR},
    ),
    day_column("assessed_on", "评估日期", synonyms=("检查日期", "考核日期"), width=13),
    text_column("organiser", "组织单位", is_required=False, synonyms=("评估单位",), width=18, example="徐圩新区分局"),
    text_column(
        "people",
        "评估人员",
        is_required=False,
        synonyms=("检查人员", "执法人员"),
        width=30,
        note="姓名后面括号内写执法证号，几个人用顿号隔开",
        example="演示-张三（演示-0101）、演示-李四（演示-0102）",
    ),
    choice_column("is_recheck", "是否复查", YES_NO, is_required=False, note="不填为否", width=10),
    whole_column("accidents", "事故次数", maximum=99, is_required=False, note="不填为 0", width=10),
    choice_column("has_major_accident", "重大事故", YES_NO, is_required=False, note="不填为否", width=10),
    text_column("comment", "评估意见", is_required=False, max_length=2000, width=28),
)
_TAIL: tuple[Any, ...] = (
    code_column(
        "score",
        "得分/满分",
        is_required=False,
        synonyms=("得分",),
        width=11,
        note="可不填；填了就与按各项结果算得的核对，如 43/46 或 43",
    ),
    choice_column(
        "grade",
        "等级",
        Grade,
        is_required=False,
        synonyms=("评估等级", "评估结果"),
        width=10,
        note="可不填；等级只由各项结果计算，填了就核对，不一致的不予导入",
    ),
)
TEMPLATE = Template(
    sheet="评估结果",
    version="2026-1",
    columns=(*_HEAD, *(_item_column(no, text) for no, text in _ITEMS.items()), *_TAIL),
    notes=(
        "一行是一家单位的一次评估；产废单位填 P、Z 开头的项目，经营单位填 O 开头的项目。",
        "各项填“达标”“基本达标”“不达标”或 2、1、0；不适用的填“不适用（理由）”，不能没有理由。",
        "扣分的理由可以写在结果后面的括号内，如“基本达标（台账有两处漏记）”。",
        "等级不能直接填报，由各项结果计算；否决项不达标的，导入后还须另一名人员在系统中复核。",
        "评分表为非官方、待核：核对项按法律和标准条文自拟。",
        "同一文件重复导入不产生变化；已导入的评估有错的，在系统中撤回后再导入。",
    ),
)  # fmt: skip
