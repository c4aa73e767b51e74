"""Forms of the key list: proposing, opinions, decisions, publishing, yearly figures."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from hwrisk.clock import today
from hwrisk.web import BaseForm, DayField, Filled, TonnesField, choices

AGREE, OBJECT = "agree", "object"
INCLUDE, STRIKE = "include", "strike"
_REASON = Length(max=500, message="最多 500 个字")


class ProposeForm(BaseForm):
    """The year whose list is to be drawn up (测算)."""

    year = SelectField("年度", [Filled("请选择年度")])


class ReasonForm(BaseForm):
    """A reason, and nothing else (理由)."""

    reason = TextAreaField("原因", [Filled("请写明原因"), Length(max=180, message="原因最多 180 个字")])


class ReviewForm(BaseForm):
    """What an office says of one line (核对意见)."""

    verdict = RadioField(
        "核对意见", [Filled("请选择核对意见")], choices=choices([(AGREE, "同意测算结果"), (OBJECT, "有异议")])
    )
    own_tonnes = TonnesField("本局掌握的年产生量", [Optional()])
    reason = TextAreaField("理由", [_REASON], description="有异议的必填，写明事实和数据来源")


class DecisionForm(BaseForm):
    """What the city decides of one line (市局决定)."""

    decision = RadioField(
        "市局决定", [Filled("请选择是否列入")], choices=choices([(INCLUDE, "列入"), (STRIKE, "不列入")])
    )
    reason = TextAreaField("理由", [Filled("请写明列入或者不列入的理由"), _REASON])


class AddForm(BaseForm):
    """A unit to be added by hand (增列)."""

    unit = StringField(
        "单位", [Filled("请填写单位"), Length(max=200, message="最多 200 个字")],
        description="单位编号、统一社会信用代码或全称", render_kw={"autocomplete": "off"},
    )  # fmt: skip
    reason = TextAreaField("理由", [Filled("请写明增列的理由"), _REASON])


class PublishForm(BaseForm):
    """The notice by which a draft is published (公布)."""

    notice_no = StringField(
        "公告（通知）文号", [Filled("请填写公告（通知）文号"), Length(max=100, message="文号最多 100 个字")],
        render_kw={"placeholder": "连环发〔2026〕1号", "autocomplete": "off"},
    )  # fmt: skip
    notice_title = StringField("公告标题", [Length(max=200, message="标题最多 200 个字")], description="可不填")
    published_on = DayField("公布日期", [Filled("请填写公布日期")], latest=today)
    effective_on = DayField("执行日期", [Optional()], description="不填为公布当日")


class FigureForm(BaseForm):
    """Tonnes of a year from another source than the ledger (年度产生量)."""

    year = IntegerField(
        "年度", [Filled("请填写年度"), NumberRange(min=2000, max=2100, message="年度应为四位数字，如 2025")],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )  # fmt: skip
    tonnes = TonnesField("年产生量", [Filled("请填写年产生量")])
    source = StringField(
        "数据来源", [Filled("请写明数据来源"), Length(max=200, message="最多 200 个字")],
        render_kw={"placeholder": "2025年度申报", "autocomplete": "off"},
    )  # fmt: skip


class DocumentForm(BaseForm):
    """What documents say of a unit (文件核定情况)."""

    from_day = DayField("自何日起", [Filled("请填写自何日起")], latest=today)
    approved_tonnes = TonnesField("文件核算的年产生量", [Optional()])
    has_own_treatment = BooleanField("有危险废物自行利用处置设施")
    is_long_cycle = BooleanField("产生周期大于3年")
    document = StringField(
        "依据文件", [Filled("请写明依据的文件名称和文号"), Length(max=200, message="最多 200 个字")],
        description="环评批复、排污许可证副本等；两者都有的取较大的核算量",
    )  # fmt: skip
