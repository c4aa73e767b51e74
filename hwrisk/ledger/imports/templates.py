"""Forms of the ledger: one sheet for every kind of record, the sheets of the standard, and a list of stored waste."""

from __future__ import annotations

from hwrisk.imports import Template, TemplateColumn, text_column
from hwrisk.ledger.imports.columns import (
    code_of,
    day_of,
    difference_columns,
    facility_columns,
    first_day_column,
    kind_column,
    measure_column,
    name_of,
    number_of,
    receiver_columns,
    remark_column,
    tag_column,
    tonnes_of,
    treatment_columns,
    unit_column,
)

VERSION = "2026-1"
AFTER_STANDARD = "栏目参照 HJ 1259—2022 附录B（资料性附录）的环节记录表编排，与所用版式的细微差别待核。"
AGAIN = "同一文件再次导入不会重复登记；已登记的记录不能用导入修改，请在系统中调整或撤销。"
BEFORE_OUT = ("产生批次编码/出库批次编码", "出库批次编码/产生批次编码", "出库批次编码", "产生批次编码")


def _staff() -> TemplateColumn:
    return text_column(
        "staff", "经办人", is_required=False, max_length=64,
        synonyms=("产生部门经办人", "贮存部门经办人", "出库部门经办人", "自行利用/处置部门经办人", "运送部门经办人"),
        note="不保存个人信息，只用于核对",
    )  # fmt: skip


LEDGER = Template(
    sheet="台账流水",
    version=VERSION,
    columns=(
        unit_column(),
        kind_column(),
        day_of("日期", "发生日期", "出入库日期", "时间"),
        number_of("entry_no", "记录编号", "批次编码", "编号", note="本单位的批次编码；不填由系统编号"),
        code_of(is_required=False, note="产生、期初结转、入库必填；按先进先出出库时填写"),
        name_of(),
        tonnes_of("数量", "重量"),
        *facility_columns(),
        text_column("to_facility", "移入设施编码", max_length=32, is_required=False, note="移库时填写"),
        number_of("batch_no", "入库批次编码", "所属批次", note="出库、移库、盘点的批次；出库不填按先进先出"),
        number_of("predecessor_no", "上一环节编号", "依据记录编码", "依据记录编号", "所依据的编号",
                  note="入库填产生编号，自行利用处置和委外填出库编号，接收和退回填委外编号"),
        first_day_column(note="期初结转填写；不知道的留空或填“不详”", is_compulsory=False),
        tag_column(),
        *treatment_columns(),
        *receiver_columns(),
        *difference_columns(),
        remark_column(),
    ),
    notes=("各环节都填在这一张表里，“环节”列说明是哪一种。", "自行利用处置、委外可以引用同一文件里的出库编号。", AGAIN),
)  # fmt: skip
GENERATED = Template(
    sheet="产生环节记录表",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "产生批次编码", "批次编码"),
        day_of("产生时间", "产生日期"),
        name_of(),
        code_of(),
        tonnes_of("产生量", "数量"),
        measure_column(),
        _staff(),
        remark_column(),
    ),
    notes=(AFTER_STANDARD, AGAIN),
)
STORED_IN = Template(
    sheet="入库环节记录表",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "入库批次编码", "批次编码"),
        day_of("入库时间", "入库日期"),
        name_of(),
        code_of(),
        tonnes_of("入库量", "数量"),
        measure_column(),
        *facility_columns(),
        number_of("predecessor_no", "产生批次编码"),
        _staff(),
        remark_column(),
    ),
    notes=(AFTER_STANDARD, AGAIN),
)
STORED_OUT = Template(
    sheet="出库环节记录表",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "出库批次编码", "批次编码"),
        day_of("出库时间", "出库日期"),
        name_of(),
        code_of(is_required=False),
        tonnes_of("出库量", "数量"),
        measure_column(),
        *facility_columns(),
        number_of("batch_no", "入库批次编码", note="不填按先进先出，须填废物代码"),
        _staff(),
        remark_column(),
    ),
    notes=(AFTER_STANDARD, AGAIN),
)
SELF_TREATED = Template(
    sheet="自行利用处置环节记录表",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "自行利用/处置批次编码", "批次编码"),
        day_of("自行利用/处置时间", "自行利用处置时间"),
        tonnes_of("自行利用/处置量", "自行利用处置量", "数量"),
        measure_column(),
        *treatment_columns(),
        number_of("predecessor_no", "出库批次编码", *BEFORE_OUT, "产生批次编码", is_required=True),
        _staff(),
        remark_column(),
    ),
    notes=(AFTER_STANDARD, AGAIN),
)
ENTRUSTED = Template(
    sheet="委外利用处置环节记录表",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "委外利用/处置批次编码", "批次编码"),
        day_of("出厂时间", "委外时间", "出厂日期"),
        tonnes_of("委外利用/处置量", "委外利用处置量", "数量"),
        measure_column(),
        treatment_columns()[0],
        *receiver_columns(),
        number_of("predecessor_no", "出库批次编码", *BEFORE_OUT, is_required=True),
        _staff(),
        remark_column(),
    ),
    notes=(AFTER_STANDARD, AGAIN),
)
RECEIVED = Template(
    sheet="接收确认表",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "接收编号"),
        day_of("接收日期", "接受日期", "接收时间"),
        tonnes_of("接收量", "接受量", "数量"),
        measure_column(),
        number_of("predecessor_no", "委外利用/处置批次编码", "委外批次编码", is_required=True),
        *difference_columns(),
        remark_column(),
    ),
    notes=("委外的废物到达接收单位后登记；接收量与委外量不一致的写明是否已说明。", AGAIN),
)
RETURNED = Template(
    sheet="退回入库表",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "退回编号"),
        day_of("退回日期", "退回时间"),
        tonnes_of("退回量", "数量"),
        measure_column(),
        number_of("predecessor_no", "委外利用/处置批次编码", "委外批次编码", is_required=True),
        *facility_columns(),
        remark_column(),
    ),
    notes=("退回的废物回到原批次，贮存时间从原批次的首次入库日算起。", AGAIN),
)
OPENING = Template(
    sheet="期初结转表",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "结转批次编码", "批次编码"),
        day_of("结转日期", "期初日期"),
        code_of(),
        name_of(),
        tonnes_of("结转量", "期初量", "数量"),
        measure_column(),
        *facility_columns(),
        first_day_column(),
        tag_column(),
        remark_column(),
    ),
    notes=("开始使用本系统时的存量；首次入库日期不详的，自结转日起按超期计。", AGAIN),
)
STORAGE = Template(
    sheet="贮存清单",
    version=VERSION,
    columns=(
        unit_column(),
        number_of("entry_no", "批次号", "入库批次编码", "批次编码", note="本单位的批次编码；不填由系统编号"),
        code_of(),
        name_of(),
        *facility_columns(),
        first_day_column("入库日期", key="stored_on", note="不知道的留空或填“不详”：自导入之日起按超期计"),
        tonnes_of("数量", "重量", "贮存量", "库存量"),
        tag_column(),
        remark_column(),
    ),
    notes=("现有库存的简单清单，一行一个批次。填了入库日期的按入库登记，不详的按期初结转登记。", AGAIN),
)
