"""Forms about stored waste: plans, extensions, circumstances, lots, facilities."""

from __future__ import annotations

from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput

from hwrisk.clock import today
from hwrisk.ledger.storage.models import BatchTag, FacilityKind
from hwrisk.web import BaseForm, DayField, Filled, TonnesField, choices

APPROVED, REFUSED = "approved", "refused"
USUAL_REASONS = (
    "无处置去向", "处置单位检修", "处置单位排队", "费用未落实", "停产或关停", "涉案查封", "待鉴别", "转移手续办理中",
)  # fmt: skip
"""Suggestions for the reason; any other may be typed."""


class PlanForm(BaseForm):
    """How a batch shall be disposed of (处置计划)."""

    reason = StringField(
        "超期（将到期）原因",
        [Filled("请填写超期（将到期）原因"), Length(max=64, message="原因最多 64 个字")],
        render_kw={"list": "usual-reasons", "autocomplete": "off"},
    )
    planned_on = DayField("计划处置日期", [Filled("请填写计划处置日期")])
    receiver = StringField("接收单位", [Length(max=200, message="接收单位最多 200 个字")])
    contract_no = StringField("合同编号", [Length(max=100, message="合同编号最多 100 个字")])
    person = StringField("责任人", [Length(max=64, message="责任人最多 64 个字")])


class ExtensionForm(BaseForm):
    """An application to store longer (延期申请)."""

    applied_on = DayField("申请日期", [Filled("请填写申请日期")], latest=today)
    remark = TextAreaField("说明", [Length(max=1000, message="说明最多 1000 个字")])


class DecisionForm(BaseForm):
    """What the licensing authority decided (延期批复)."""

    decision = RadioField(
        "批复结果", [Filled("请选择批复结果")], choices=choices([(APPROVED, "批准延长"), (REFUSED, "不予批准")])
    )
    decided_on = DayField("批复日期", [Filled("请填写批复日期")], latest=today)
    until = DayField("批准延长至", [Optional()])
    document_no = StringField("批复文号", [Filled("请填写批复文号"), Length(max=100, message="最多 100 个字")])
    authority = StringField("批准机关", [Filled("请填写批准机关"), Length(max=100, message="最多 100 个字")])


class TagForm(BaseForm):
    """The special circumstance of a batch (特殊情形)."""

    tag = SelectField(
        "特殊情形",
        [Filled("请选择特殊情形")],
        choices=choices((tag.value, "无特殊情形" if tag is BatchTag.NONE else tag.label) for tag in BatchTag),
    )


class MergeForm(BaseForm):
    """Batches that were mixed or repacked together (合并)."""

    merged_on = DayField("合并日期", [Filled("请填写合并日期")], latest=today)
    batches = SelectMultipleField(
        "一并合并的批次", [Filled("请至少选择一个要一并合并的批次")], option_widget=CheckboxInput()
    )


class FacilityChangeForm(BaseForm):
    """A state of a storage facility from a day on (贮存设施)."""

    name = StringField("设施名称", [Length(max=100, message="名称最多 100 个字")])
    kind = SelectField(
        "设施类型", [Filled("请选择设施类型")], choices=choices((kind.value, kind.label) for kind in FacilityKind)
    )
    spot_grade = SelectField(
        "贮存点级别", [Optional()], choices=choices([("", "—"), ("I", "Ⅰ级"), ("II", "Ⅱ级"), ("III", "Ⅲ级")])
    )
    capacity = TonnesField("贮存能力", [Optional()], positive=True)
    valid_from = DayField("自何日起", [Filled("请填写自何日起")], latest=today)


class FacilityForm(FacilityChangeForm):
    """A new storage facility with its code, which never changes."""

    code = StringField("设施编码", [Filled("请填写贮存设施编码"), Length(max=32, message="编码最多 32 个字符")])
