"""Forms of containment."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from hwrisk.clock import today
from hwrisk.containment.measures import AREA, DAYS, FLOW, HOURS, RAIN, VOLUME, Measure, parse_measure
from hwrisk.containment.models import MarkState, Means, ServiceState, TestKind, TestResult
from hwrisk.imports.cells import format_tonnes
from hwrisk.rulepacks import Trust
from hwrisk.units.degrees import MAX_LATITUDE, MAX_LONGITUDE, parse_degrees
from hwrisk.web import BaseForm, ClockField, CodeField, DayField, Filled, OnceForm, TonnesField, VersionedForm, choices

PLACES = 3
"""Tank groups or installations a scenario has room for."""
LINES = 2
"""Kinds of fire water for each."""


def _at_most(length: int) -> Length:
    return Length(max=length, message=f"最多 {length} 个字")


def _labelled(kind: Any) -> list[tuple[str, str]]:
    return [(member.value, member.label) for member in kind]


class MeasureField(TonnesField):
    """A quantity with four decimals in the unit of its measure; `data` is a Decimal, or None when nothing was typed."""

    def __init__(self, label: str, validators: Sequence[Any] = (), *, measure: Measure, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.measure = measure

    def parse(self, text: str) -> Decimal:
        """Return the quantity."""
        return parse_measure(text, self.measure, positive=self.positive)

    def shown(self, value: Any) -> str:
        """Return the quantity as it is typed."""
        return format_tonnes(value)


class ChoiceField(SelectField):
    """A choice that says its Chinese name where two values are compared (编辑冲突)."""

    def _value(self) -> str:
        return str(next((label for value, label, *_ in self.iter_choices() if value == self.data), self.data or ""))


def _longitude(text: str) -> str:
    return str(parse_degrees(text, what="经度", limit=MAX_LONGITUDE))


def _latitude(text: str) -> str:
    return str(parse_degrees(text, what="纬度", limit=MAX_LATITUDE))


class FacilityForm(OnceForm, VersionedForm):
    """What a facility is from a day on (防控设施); new ones and changes alike."""

    facility_no = StringField("设施编号", [Filled("请填写设施编号"), _at_most(32)], description="园区内唯一，如 YJC-01")
    unit = SelectField("所属企业", description="一级设施必选；园区和周边水体的设施选“不属于企业”")
    name = StringField("设施名称", [Filled("请填写设施名称"), _at_most(100)])
    kind_code = ChoiceField("设施类型", [Filled("请选择设施类型")])
    service = ChoiceField("投用情况", choices=choices(_labelled(ServiceState)))
    effective_volume = MeasureField(
        "有效容积", measure=VOLUME, description="池、围堰、河段填写；闸、阀、泵、管不填。不清楚的留空，按没有容积计"
    )
    control_mode = StringField("控制方式", [_at_most(40)], description="如 手动、电动、远程、手自一体")
    owner_name = StringField("权属单位", [_at_most(200)])
    operator_name = StringField("运维单位", [_at_most(200)])
    ordering_post = StringField("下令岗位", [_at_most(100)], description="谁有权下令启闭或启用")
    acting_post = StringField("操作岗位", [_at_most(100)])
    duty_phone = StringField("值班电话", [_at_most(32)])
    place = StringField("位置", [_at_most(200)])
    longitude = CodeField("经度", parser=_longitude, description="CGCS2000 十进制度数")
    latitude = CodeField("纬度", parser=_latitude, description="CGCS2000 十进制度数")
    steps = TextAreaField("操作步骤", [_at_most(1500)], description="一行一步，印在岗位应急处置卡上")
    source = StringField("数据来源", [_at_most(400)], description="如 竣工图、实测、环评批复；填了容积的必填")
    trust = ChoiceField("可信程度", choices=choices(_labelled(Trust)))
    note = StringField("备注", [_at_most(300)])
    valid_from = DayField("自哪一天起", [Filled("请填写生效日期")], latest=today)
    reason = StringField("理由", [_at_most(200)])


class _Confirmed(BaseForm):
    confirmed_on = DayField("确认日期", [Filled("请填写确认日期")], latest=today)
    confirmed_time = ClockField("确认时刻", description="不填：当天确认的按现在，过去某天的按当天 24 时")
    person = StringField("现场确认人", [_at_most(40)], description="本人确认的不填")
    note = StringField("备注", [_at_most(200)])


class LevelForm(_Confirmed):
    """How much of a basin is taken up (现存量)."""

    occupied = MeasureField("现存量", [Filled("请填写现存量；池子是空的填 0")], measure=VOLUME)


class StateForm(_Confirmed):
    """State of a valve, gate, pump or pipe (状态)."""

    state = RadioField("现在的状态", [Filled("请选择状态")])


class TestForm(OnceForm):
    """A valve test or an inspection (启闭试验、巡检)."""

    __test__ = False
    kind = RadioField("种类", [Filled("请选择种类")], choices=choices(_labelled(TestKind)))
    done_on = DayField("日期", [Filled("请填写日期")], latest=today)
    result = RadioField("结果", [Filled("请选择结果")], choices=choices(_labelled(TestResult)))
    findings = TextAreaField("发现的问题和处理", [_at_most(500)], description="不合格的必填")
    person = StringField("人员", [Filled("请填写试验或巡检的人员"), _at_most(64)])


class ConnectionForm(BaseForm):
    """A way for water between two facilities (连接)."""

    connection_no = StringField("连接编号", [Filled("请填写连接编号"), _at_most(32)])
    start = SelectField("从")
    end = SelectField("到")
    through = SelectField("中间设备", description="中间的闸阀、泵或管线；状态不明的按不能用计")
    means = SelectField("输送方式", choices=choices(_labelled(Means)))
    flow = MeasureField("流量", measure=FLOW, description="重力自流的填设计流量；没有流量就算不出时间")
    service = SelectField("投用情况", choices=choices(_labelled(ServiceState)))
    note = StringField("备注", [_at_most(200)])
    valid_from = DayField("自哪一天起", [Filled("请填写生效日期")], latest=today)


class ConnectionChangeForm(BaseForm):
    """Another state of a connection from a day on."""

    through = SelectField("中间设备")
    means = SelectField("输送方式", choices=choices(_labelled(Means)))
    flow = MeasureField("流量", measure=FLOW)
    service = SelectField("投用情况", choices=choices(_labelled(ServiceState)))
    note = StringField("备注", [_at_most(200)])
    valid_from = DayField("自哪一天起", [Filled("请填写生效日期")], latest=today)
    reason = StringField("理由", [Filled("请写明理由"), _at_most(200)])


class ScenarioFields(BaseForm):
    """What is supposed to happen (情景), without the tank groups."""

    name = StringField("情景名称", [Filled("请给情景起个名字"), _at_most(100)])
    unit = SelectField("事故企业", [Filled("请选择事故企业")])
    method = SelectField("计算口径")
    v4 = MeasureField("V4 仍须进入的生产废水", measure=VOLUME)
    qa = MeasureField("qa 年平均降雨量", measure=RAIN)
    n = MeasureField("n 年平均降雨日数", measure=DAYS)
    area = MeasureField("F 汇水面积", measure=AREA)
    rain_source = StringField("降雨数据来源", [_at_most(200)], description="连云港的数值没有取得，请写明来源")


def _source_fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number in range(1, PLACES + 1):
        fields[f"source_{number}_name"] = StringField("罐组或装置", [_at_most(60)])
        fields[f"source_{number}_v1"] = MeasureField("V1 泄漏物料", measure=VOLUME)
        for line in range(1, LINES + 1):
            fields[f"source_{number}_flow{line}"] = MeasureField(f"消防流量 {line}", measure=FLOW)
            fields[f"source_{number}_hours{line}"] = MeasureField(f"历时 {line}", measure=HOURS)
        fields[f"source_{number}_v3"] = MeasureField("V3 可转输的量", measure=VOLUME)
        fields[f"source_{number}_vr"] = MeasureField("V雨 消防历时内降雨", measure=VOLUME)
    return fields


ScenarioForm = type("ScenarioForm", (ScenarioFields,), _source_fields())
"""A scenario with its tank groups and installations; the fields are numbered."""


class ItemForm(BaseForm):
    """How far a park is with one item of the check list (建设情况)."""

    state = SelectField("建设情况", choices=choices(_labelled(MarkState)))
    document = StringField("证明文件", [_at_most(200)], description="已完成的必填：名称和文号")
    remark = TextAreaField("说明", [_at_most(500)])
    valid_from = DayField("自哪一天起", [Filled("请填写日期")], latest=today)


class ActForm(BaseForm):
    """An act on a filing: carries what the person saw."""

    version = HiddenField()
    base = HiddenField()

    def seen(self) -> int:
        """Return the version of the filing the person saw."""
        return _number(self.version.data)

    def base_seen(self) -> int:
        """Return the state of the facility the person saw, 0 for none."""
        return _number(self.base.data)


def _number(text: Any) -> int:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
