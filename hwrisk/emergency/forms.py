"""Forms of emergency materials."""

from __future__ import annotations

from wtforms import BooleanField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from hwrisk.clock import today
from hwrisk.emergency.measures import MEASURES
from hwrisk.emergency.models import Compatibility, DepotLevel, MaterialFunction, ReviewState, StorageMode
from hwrisk.units.degrees import MAX_LATITUDE, MAX_LONGITUDE, parse_degrees
from hwrisk.web import BaseForm, ClockField, CodeField, DayField, Filled, OnceForm, VersionedForm, choices

CONSUMED, SCRAPPED = "consumed", "scrapped"


def _at_most(length: int) -> Length:
    return Length(max=length, message=f"最多 {length} 个字")


def _longitude(text: str) -> str:
    return str(parse_degrees(text, what="经度", limit=MAX_LONGITUDE))


def _latitude(text: str) -> str:
    return str(parse_degrees(text, what="纬度", limit=MAX_LATITUDE))


def _quantity(label: str, help_: str = "") -> StringField:
    return StringField(
        label, [Filled(f"请填写{label}"), _at_most(40)], description=help_,
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )  # fmt: skip


class DepotForm(VersionedForm):
    """A depot (物资库)."""

    name = StringField("物资库名称", [Filled("请填写物资库名称"), _at_most(100)])
    level = SelectField("级别", choices=choices((x.value, x.label) for x in DepotLevel))
    mode = SelectField("储备方式", choices=choices((x.value, x.label) for x in StorageMode))
    office_code = SelectField("管辖单位")
    park = SelectField("化工园区")
    unit = StringField("管理单位编号", [_at_most(24)], description="企业级物资库填写单位编号，如 LYG-2026-000001")
    keeper = StringField("管理单位（部门）名称", [_at_most(200)])
    address = StringField("地址", [_at_most(300)])
    longitude = CodeField("经度", parser=_longitude, description="CGCS2000 十进制度数，如 119.352100")
    latitude = CodeField("纬度", parser=_latitude, description="CGCS2000 十进制度数，如 34.601200")
    duty_phone = StringField("值班电话", [_at_most(32)], description="页面上只显示首尾几位；查看完整号码会留下记录")
    is_shared = BooleanField("共享：应急指挥和生态环境部门在应急查询中可以查到并商借")
    is_active = BooleanField("在用", default=True)
    note = TextAreaField("备注", [_at_most(500)])


class ReserveForm(BaseForm):
    """What a depot keeps back of one kind (保底数量)."""

    kind = SelectField("物资")
    quantity = _quantity("保底数量", "可写单位，如 1.5吨；填 0 表示不再保底")
    from_day = DayField("自哪一天起", [Filled("请填写起始日期")], latest=today)


class LotForm(OnceForm):
    """A lot that comes in (入库)."""

    kind = SelectField("物资")
    quantity = _quantity("入库数量", "按物资的计量单位填写，可写单位，如 300千克")
    received_on = DayField("入库日期", [Filled("请填写入库日期")], latest=today)
    produced_on = DayField("生产日期", latest=today)
    expires_on = DayField("有效期至", description="最后有效日；没有有效期的不填")
    batch_label = StringField("批号或型号", [_at_most(64)])
    location = StringField("库位", [_at_most(64)])
    note = StringField("备注", [_at_most(200)])


class CountForm(OnceForm):
    """What was counted (盘点)."""

    quantity = _quantity("实际盘点数量")
    on = DayField("盘点日期", [Filled("请填写盘点日期")], latest=today)
    note = StringField("说明", [_at_most(200)])


class ConfirmForm(OnceForm):
    """That a lot is there and in order (核实确认)."""

    on = DayField("确认日期", [Filled("请填写确认日期")], latest=today)
    note = StringField("确认方式和对方", [_at_most(200)], description="如：电话核实，库管员答复数量和状况属实")


class TakeForm(OnceForm):
    """What was used up or scrapped at the depot (消耗、报废)."""

    kind = SelectField("类型", choices=choices([(CONSUMED, "消耗"), (SCRAPPED, "报废")]))
    quantity = _quantity("数量")
    on = DayField("日期", [Filled("请填写日期")], latest=today)
    note = StringField("用途或报废原因", [Filled("请写明用途或报废原因"), _at_most(200)])


class MoveForm(OnceForm):
    """A move to another depot (移库)."""

    target = SelectField("调入物资库")
    quantity = _quantity("移库数量")
    on = DayField("移库日期", [Filled("请填写移库日期")], latest=today)


class KindForm(VersionedForm):
    """A kind of material (物资品种)."""

    name = StringField("物资名称", [Filled("请填写物资名称"), _at_most(100)])
    function = SelectField("功能类别", choices=choices((x.value, x.label) for x in MaterialFunction))
    category = StringField("细类", [_at_most(32)])
    unit = SelectField("计量单位", choices=choices((x, x) for x in MEASURES))
    is_consumable = BooleanField("消耗品（不归还）")
    aliases = TextAreaField("别名", [_at_most(400)], description="用分号隔开；导入和查询时都能认出来")
    is_active = BooleanField("在用", default=True)


class ReviewForm(BaseForm):
    """What a person decides about a candidate (审核)."""

    review = SelectField("审核结果", choices=choices((x.value, x.label) for x in ReviewState))
    compatibility = SelectField("适用性", choices=choices((x.value, x.label) for x in Compatibility))
    basis = StringField("审核依据", [Filled("请写明审核依据"), _at_most(200)], description="标准、预案、专家意见及日期")


class ActingForm(BaseForm):
    """An act that at a duty post asks for the person on duty and their PIN (值班口令)."""

    person = SelectField("当班人员", validate_choice=False)
    pin = PasswordField("值班口令", render_kw={"autocomplete": "off", "inputmode": "numeric"})


class RequestForm(OnceForm, ActingForm):
    """A request for materials (调拨申请)."""

    incident = StringField("事由", [Filled("请填写事由"), _at_most(200)], description="如：某路段硫酸槽车泄漏")
    place = StringField("使用地点", [Filled("请填写使用地点"), _at_most(100)], description="园区、区县，或“经度,纬度”")
    kind = SelectField("物资")
    quantity = _quantity("数量", "可写单位，如 6.5吨")
    depot = SelectField("优先物资库")
    needed_on = DayField("最迟送达日期", [Optional()], description="尽快送达的不填")
    needed_time = ClockField("最迟送达时刻", description="只填时刻的按今天，只填日期的按当天 24 时")
    receiver = StringField("现场接收人", [_at_most(100)])


class OutForm(BaseForm):
    """That what was allocated left (出库)."""

    carrier = StringField("承运人和车号", [_at_most(100)])


class CancelForm(BaseForm):
    """Why a dispatch is cancelled (取消)."""

    reason = StringField("取消原因", [Filled("请填写取消原因"), _at_most(200)])


class SettleForm(OnceForm):
    """What came back and what was used up (归还、核销); one pair of inputs for each lot stands beside it."""
