"""Columns that the templates of the ledger share; their keys are the fields of a draft where there is one."""

from __future__ import annotations

from datetime import date
from typing import Any

from hwrisk.imports import (
    TemplateColumn,
    choice_column,
    code_column,
    day_column,
    text_column,
    tonnes_column,
    waste_code_column,
)
from hwrisk.imports.cells import Cell, CellError, half_width, line_of, parse_day
from hwrisk.imports.template import Style
from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.ledger.storage.models import BatchTag, FacilityKind

KINDS = (
    EntryKind.GENERATED, EntryKind.OPENING, EntryKind.STORED_IN, EntryKind.STORED_OUT, EntryKind.SELF_TREATED,
    EntryKind.ENTRUSTED, EntryKind.RECEIVED, EntryKind.RETURNED, EntryKind.MOVED_OUT, EntryKind.STOCKTAKE_GAIN,
    EntryKind.STOCKTAKE_LOSS,
)  # fmt: skip
ALSO_KINDS = {
    "期初": EntryKind.OPENING, "结转": EntryKind.OPENING, "上年结转": EntryKind.OPENING,
    "自行利用": EntryKind.SELF_TREATED, "自行处置": EntryKind.SELF_TREATED, "委外": EntryKind.ENTRUSTED,
    "委托利用处置": EntryKind.ENTRUSTED, "委托处置": EntryKind.ENTRUSTED, "接收": EntryKind.RECEIVED,
    "退回": EntryKind.RETURNED, "移库": EntryKind.MOVED_OUT,
}  # fmt: skip
ALSO_RECEIVERS = {
    "利用单位": ReceiverKind.TREATMENT, "处置单位": ReceiverKind.TREATMENT, "经营单位": ReceiverKind.TREATMENT,
    "收集单位": ReceiverKind.COLLECTION, "收集": ReceiverKind.COLLECTION, "豁免": ReceiverKind.EXEMPT,
    "境外": ReceiverKind.ABROAD,
}  # fmt: skip
UNKNOWN_DAY = frozenset({"不详", "未知", "不明", "无", "-", "—", "/"})
TONNE_WORDS = frozenset({"吨", "t", "公吨"})
YES_NO = {"是": True, "否": False}


def unit_column() -> TemplateColumn:
    """Return the column that names the unit; blank where the account stands for one unit alone."""
    return text_column(
        "unit", "单位", is_required=False, is_compulsory=False, width=30,
        synonyms=("单位名称", "企业名称", "产废单位", "单位编号", "统一社会信用代码"),
        note="单位编号、统一社会信用代码或全称；只负责一家单位的账号可以不填", example="连云港示例化工有限公司",
    )  # fmt: skip


def day_of(title: str, *synonyms: str) -> TemplateColumn:
    """Return the column of the day of the record."""
    return day_column("occurred_on", title, synonyms=synonyms)


def code_of(*synonyms: str, is_required: bool = True, note: str = "三位-三位-两位，末两位为废物类别") -> TemplateColumn:
    """Return the column of the waste code."""
    return waste_code_column(
        "waste_code", "废物代码", synonyms=("危险废物代码", "危废代码", *synonyms), is_required=is_required, note=note
    )


def name_of(*synonyms: str) -> TemplateColumn:
    """Return the column of the unit's own name of the waste."""
    return text_column(
        "waste_name", "废物名称", is_required=False, max_length=100, width=20,
        synonyms=("危险废物名称", "行业俗称/单位内部名称", "名称", "危废名称", *synonyms),
        note="本单位的叫法（行业俗称/单位内部名称）", example="废矿物油",
    )  # fmt: skip


def tonnes_of(title: str, *synonyms: str) -> TemplateColumn:
    """Return the column of the quantity."""
    return tonnes_column("quantity", f"{title}（吨）", positive=True, synonyms=(title, *synonyms))


def measure_column() -> TemplateColumn:
    """Return the column 计量单位 of the standard's forms; anything but tonnes is refused."""

    def parse(cell: Cell, _as_of: date) -> str:
        text = half_width(line_of(cell)).strip().lower()
        if text not in TONNE_WORDS:
            raise CellError(f"计量单位是“{text}”，这里只接受吨", "把数量换算成吨，计量单位填“吨”")
        return "吨"

    return TemplateColumn(
        key="measure", title="计量单位", parse=parse, is_required=False, choices=("吨",), width=10,
        note="只接受吨；公斤数请除以 1000", example="吨",
    )  # fmt: skip


def number_of(key: str, title: str, *synonyms: str, note: str = "", is_required: bool = False) -> TemplateColumn:
    """Return a column with the number of a record or batch."""
    return code_column(
        key, title, max_length=32, is_required=is_required, is_compulsory=False, synonyms=synonyms, note=note
    )


def facility_columns() -> tuple[TemplateColumn, ...]:
    """Return the columns that name a facility, and say of which kind it is where it is new."""
    return (
        text_column(
            "facility", "贮存设施编码", max_length=32, is_required=False,
            synonyms=("贮存设施", "设施编码", "贮存场所"), example="TS001",
            note="编码或名称；单位只有一处贮存设施时可以不填",
        ),
        text_column(
            "facility_name", "贮存设施名称", max_length=100, is_required=False, synonyms=("设施名称",), width=20,
            example="1号贮存库", note="没有填编码时按名称查找；新设施的名称由此登记",
        ),
        choice_column(
            "facility_kind", "贮存设施类型", FacilityKind, is_required=False, synonyms=("设施类型",),
            note="设施还没有登记时填写，导入时一并登记",
        ),
    )  # fmt: skip


def first_day_column(
    title: str = "首次入库日期", *, key: str = "first_stored_on", note: str = "", is_compulsory: bool = True
) -> TemplateColumn:
    """Return the column of a first day in store, blank or 不详 where nobody knows it."""

    def parse(cell: Cell, as_of: date) -> date | None:
        if isinstance(cell, str) and half_width(line_of(cell)) in UNKNOWN_DAY:
            return None
        return parse_day(cell, as_of=as_of)

    return TemplateColumn(
        key=key, title=title, parse=parse, is_required=False, is_compulsory=is_compulsory, style=Style.DAY,
        synonyms=("首次入库时间", "最早入库日期") if key == "first_stored_on" else ("入库时间", "首次入库日期"),
        note=note or "不知道的留空或填“不详”，按入库日期不详处理", example="2024-09-12",
    )  # fmt: skip


def tag_column() -> TemplateColumn:
    """Return the column of the special circumstance of a batch."""
    tags = {tag.label: tag for tag in BatchTag if tag is not BatchTag.NONE}
    return choice_column("tag", "特殊情形", tags, is_required=False, note="关停遗留、涉案查封、待鉴别，一般不填")


def remark_column() -> TemplateColumn:
    """Return the column of remarks."""
    return text_column("remark", "备注", is_required=False, max_length=500, synonyms=("说明", "原因"), width=24)


def treatment_columns() -> tuple[TemplateColumn, ...]:
    """Return the columns about the method."""
    return (
        code_column(
            "method_code", "利用处置方式代码", max_length=8, is_required=False, width=14, example="D10",
            synonyms=("利用/处置方式", "利用处置方式", "利用/处置方式代码", "自行利用/处置方式", "处置方式代码"),
        ),
        day_column("completed_on", "完毕日期", is_required=False,
                   synonyms=("自行利用/处置完毕时间", "完毕时间", "处置完毕时间")),
    )  # fmt: skip


def receiver_columns() -> tuple[TemplateColumn, ...]:
    """Return the columns about the receiver and its manifest."""
    return (
        text_column("receiver_name", "接收单位", is_required=False, width=28,
                    synonyms=("接收单位名称", "接受单位", "接收人")),
        choice_column("receiver_kind", "接收单位类型", ReceiverKind, is_required=False, also=ALSO_RECEIVERS,
                      note="不填按利用处置单位"),
        code_column("receiver_licence_no", "接收单位许可证编号", is_required=False,
                    synonyms=("许可证编码/出口核准通知单编号", "许可证编码", "许可证编号", "经营许可证编号")),
        code_column("national_no", "国家联单编号", is_required=False, synonyms=("联单编号", "转移联单编号"),
                    note="14 位数字"),
        code_column("provincial_no", "省内编号", max_length=32, is_required=False, synonyms=("省联单编号",)),
    )  # fmt: skip


def kind_column() -> TemplateColumn:
    """Return the column 环节 of the one-sheet form."""
    choices: dict[str, Any] = {kind.label: kind for kind in KINDS}
    return choice_column("kind", "环节", choices, also=ALSO_KINDS, width=14, synonyms=("台账环节", "记录类型"))


def difference_columns() -> tuple[TemplateColumn, ...]:
    """Return the columns that explain the difference of a receipt: yes or no, or the reason in words."""
    return (
        choice_column("difference_explained", "差异已说明", YES_NO, is_required=False, width=12,
                      note="接收量与委外量不一致且已说明原因的填“是”"),
        text_column("difference_note", "差异说明", is_required=False, max_length=300, width=20,
                    note="差异的原因；写明了原因即视为差异已说明"),
    )  # fmt: skip
