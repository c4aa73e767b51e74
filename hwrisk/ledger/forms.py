"""Forms of ledger records: one per kind with its few fields; corrections; confirmation of the ledger."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, Optional

from hwrisk.clock import today
from hwrisk.imports.cells import parse_code, parse_waste_code
from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.ledger.storage.models import BatchTag
from hwrisk.web import BaseForm, CodeField, DayField, Filled, OnceForm, TonnesField, choices

RECEIVER_KINDS = choices((kind.value, kind.label) for kind in ReceiverKind)
TAGS = choices((tag.value, "无" if tag is BatchTag.NONE else tag.label) for tag in BatchTag)


def _at_most(length: int) -> Length:
    return Length(max=length, message=f"最多 {length} 个字")


def _day(label: str) -> Any:
    return DayField(label, [Filled(f"请填写{label}")], latest=today)


def _tonnes(label: str) -> Any:
    return TonnesField(label, [Filled(f"请填写{label}")], positive=True)


def _code(*, is_required: bool = True, description: str = "如 900-041-49") -> Any:
    checks = [Filled("请填写废物代码")] if is_required else [Optional()]
    return CodeField(
        "废物代码", checks, parser=parse_waste_code, description=description,
        render_kw={"list": "usual-codes", "autocomplete": "off"},
    )  # fmt: skip


def _name() -> Any:
    return StringField(
        "废物名称", [_at_most(100)], description="本单位的叫法，如废矿物油",
        render_kw={"list": "usual-names", "autocomplete": "off"},
    )  # fmt: skip


def _number(label: str = "记录编号") -> Any:
    return CodeField(label, [Optional()], parser=parse_code, description="本单位的批次编码；不填由系统编号")


def _remark(*, is_required: bool = False, label: str = "备注") -> Any:
    checks = [Filled(f"请填写{label}")] if is_required else []
    return StringField(label, [*checks, _at_most(500)])


def _choice(label: str, description: str = "", *, is_required: bool = True) -> Any:
    return SelectField(label, [Filled(f"请选择{label}")] if is_required else [Optional()], description=description)


class RecordForm(OnceForm):
    """What every record has; the fields are called as those of a draft."""


class GeneratedForm(RecordForm):
    """产生."""

    occurred_on = _day("产生日期")
    waste_code = _code()
    waste_name = _name()
    quantity = _tonnes("产生量")
    entry_no = _number("产生批次编码")
    remark = _remark()


class StoredInForm(RecordForm):
    """入库."""

    occurred_on = _day("入库日期")
    predecessor_no = _choice("产生记录", "选了产生记录的，废物代码和名称可以不填", is_required=False)
    waste_code = _code(is_required=False)
    waste_name = _name()
    quantity = _tonnes("入库量")
    facility_id = _choice("贮存设施")
    first_stored_on = DayField(
        "首次入库日期", [Optional()], latest=today, description="原先已在别处贮存的填写；一般不填，即入库当日"
    )
    entry_no = _number("入库批次编码")
    remark = _remark()


class OpeningForm(RecordForm):
    """期初结转."""

    occurred_on = _day("结转日期")
    waste_code = _code()
    waste_name = _name()
    quantity = _tonnes("结转量")
    facility_id = _choice("贮存设施")
    first_stored_on = DayField(
        "首次入库日期", [Optional()], latest=today, description="不知道的留空：自结转日起按超期（入库日期不详）计"
    )
    tag = SelectField("特殊情形", choices=TAGS)
    entry_no = _number("结转批次编码")
    remark = _remark()


class StoredOutForm(RecordForm):
    """出库."""

    occurred_on = _day("出库日期")
    batch_no = _choice("入库批次", "不选批次的按先进先出核销，须填废物代码", is_required=False)
    waste_code = _code(is_required=False, description="按先进先出核销时填写")
    quantity = _tonnes("出库量")
    entry_no = _number("出库批次编码")
    remark = _remark()


class SelfTreatedForm(RecordForm):
    """自行利用处置."""

    predecessor_no = _choice("出库记录")
    occurred_on = _day("利用处置日期")
    quantity = _tonnes("利用处置量")
    method_code = _choice("利用处置方式")
    completed_on = DayField("完毕日期", [Optional()], latest=today, description="不填即利用处置当日")
    entry_no = _number()
    remark = _remark()


class EntrustedForm(RecordForm):
    """委外利用处置."""

    predecessor_no = _choice("出库记录")
    occurred_on = _day("出厂日期")
    quantity = _tonnes("委外量")
    receiver_name = StringField("接收单位", [Filled("请填写接收单位"), _at_most(200)])
    receiver_kind = SelectField("接收单位类型", choices=RECEIVER_KINDS)
    receiver_licence_no = StringField("接收单位许可证编号", [_at_most(64)])
    method_code = _choice("利用处置方式", is_required=False)
    national_no = CodeField(
        "国家联单编号", [Optional()], parser=lambda text: parse_code(text, what="国家联单编号", length=14),
        description="14 位数字，还没有的以后补记",
    )  # fmt: skip
    provincial_no = StringField("省内编号", [_at_most(32)])
    entry_no = _number()
    remark = _remark()


class ReceivedForm(RecordForm):
    """接收确认."""

    predecessor_no = _choice("委外记录")
    occurred_on = _day("接收日期")
    quantity = _tonnes("接收量")
    difference_explained = BooleanField(
        "接收量与委外量不一致，差异已说明", description="未说明的差异只按较小者计为已处置"
    )
    remark = _remark()


class ReturnedForm(RecordForm):
    """退回入库."""

    predecessor_no = _choice("委外记录")
    occurred_on = _day("退回日期")
    quantity = _tonnes("退回量")
    facility_id = _choice("贮存设施", "不选即原设施；贮存时间从原批次首次入库日算起", is_required=False)
    remark = _remark()


class MovedForm(RecordForm):
    """移库."""

    occurred_on = _day("移库日期")
    batch_no = _choice("入库批次")
    quantity = _tonnes("移库量")
    facility_id = _choice("移出设施", "批次只在一处的可以不选", is_required=False)
    to_facility_id = _choice("移入设施")
    remark = _remark()


class CountedForm(RecordForm):
    """盘盈, 盘亏."""

    occurred_on = _day("盘点日期")
    batch_no = _choice("入库批次")
    quantity = _tonnes("差额")
    facility_id = _choice("贮存设施", "批次只在一处的可以不选", is_required=False)
    remark = _remark(is_required=True, label="原因")


class CancelForm(BaseForm):
    """A record taken back (撤销)."""

    reason = StringField("更正原因", [Filled("请填写更正原因"), _at_most(500)])


class AdjustForm(CancelForm):
    """A quantity put right (调整)."""

    quantity = TonnesField("更正后的数量", [Filled("请填写更正后的数量")], positive=True)


class StatementForm(BaseForm):
    """The unit's word that its ledger is complete (台账确认)."""

    covers_from = DayField("自", [Filled("请填写起始日期")], latest=today)
    last_day = DayField("至（含当日）", [Filled("请填写截止日期")], latest=today)
    is_zero = BooleanField("期间没有产生、贮存、转移（零报告）")


FORMS: dict[EntryKind, type[RecordForm]] = {
    EntryKind.GENERATED: GeneratedForm,
    EntryKind.STORED_IN: StoredInForm,
    EntryKind.STORED_OUT: StoredOutForm,
    EntryKind.SELF_TREATED: SelfTreatedForm,
    EntryKind.ENTRUSTED: EntrustedForm,
    EntryKind.RECEIVED: ReceivedForm,
    EntryKind.RETURNED: ReturnedForm,
    EntryKind.MOVED_OUT: MovedForm,
    EntryKind.STOCKTAKE_GAIN: CountedForm,
    EntryKind.STOCKTAKE_LOSS: CountedForm,
    EntryKind.OPENING: OpeningForm,
}
"""The form of each kind that can be entered by hand, in the order the menu offers them."""
