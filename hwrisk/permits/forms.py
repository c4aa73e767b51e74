"""Forms of licences, operating quantities and disposal projects."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import Length, Optional

from hwrisk.clock import today
from hwrisk.imports.cells import parse_code, parse_waste_code
from hwrisk.permits.contents import parse_month
from hwrisk.permits.models import HolderPlace, LicenceKind, ProjectState, TermAct
from hwrisk.web import BaseForm, CodeField, DayField, Filled, TonnesField, choices

KINDS = choices((kind.value, kind.label) for kind in LicenceKind)
PLACES = choices((place.value, place.label) for place in HolderPlace)
ACTS = choices((act.value, act.label) for act in TermAct if act is not TermAct.CHANGED)
STATES = choices((state.value, state.label) for state in ProjectState)
LINES_SHOWN = 3
"""Empty lines offered beyond those filled in."""
MOST_LINES = 20


def _at_most(length: int) -> Length:
    return Length(max=length, message=f"最多 {length} 个字")


class LineForm(PlainForm):
    """A line of a licence (生产线或设施); an empty number means the line is not there."""

    line_no = StringField("生产线编号", [_at_most(16)], description="如 L1；变更、换证时保持不变；清空表示没有这条")
    name = StringField("生产线（设施）名称", [_at_most(100)])
    quantity = TonnesField("核准经营规模", [], positive=True)
    methods = StringField("利用处置方式代码", [_at_most(100)], description="如 D10；多个用分号隔开")
    categories = StringField("整类核准的类别", [_at_most(400)], description="如 HW08;HW12")
    codes = TextAreaField("逐项核准的代码", [_at_most(4000)], description="如 900-041-49；多个用分号或换行隔开")
    excepted = TextAreaField("整类中除外的代码", [_at_most(2000)], description="所属类别须先整类核准")


class TermForm(BaseForm):
    """What a licence says from a day on."""

    kind = SelectField("许可证类别", choices=KINDS)
    act = SelectField("办理事项", choices=ACTS)
    authority = StringField("发证机关", [Filled("请填写发证机关"), _at_most(100)])
    document_no = StringField("发证文号", [_at_most(100)])
    issued_on = DayField("发证日期", [Filled("请填写发证日期")], latest=today)
    valid_from = DayField("有效期起", [Filled("请填写有效期起")])
    expires_on = DayField("有效期止", [Filled("请填写有效期止")], description="证上写的最后一天")
    annual_cap = TonnesField("核准经营总规模", [Optional()], positive=True, description="证上只写各生产线的不填")
    lines = FieldList(FormField(LineForm), min_entries=1, max_entries=MOST_LINES)
    note = StringField("备注", [_at_most(500)])


class NewLicenceForm(TermForm):
    """A licence to be registered."""

    licence_no = CodeField("许可证编号", [Filled("请填写许可证编号")], parser=parse_code)
    unit_no = CodeField(
        "持证单位编号", [Optional()], parser=parse_code, description="名录内的单位填单位编号或统一社会信用代码"
    )
    holder_name = StringField("持证单位名称", [_at_most(200)], description="名录以外的单位填写名称")
    place = SelectField("所在地", choices=PLACES, description="名录内的单位为市内")
    source = StringField("依据", [_at_most(400)], description="许可证副本、省厅公告等")


class RenewalForm(BaseForm):
    """That renewal was asked for (换证申请)."""

    filed_on = DayField("申请日期", [Filled("请填写申请日期")], latest=today)
    document_no = StringField("受理文号", [_at_most(100)])


class RevocationForm(BaseForm):
    """That a licence no longer holds (注销、吊销)."""

    on = DayField("自哪一天起失效", [Filled("请填写日期")], latest=today)
    reason = StringField("原因和文号", [Filled("请写明原因和文号"), _at_most(200)])


class QuantityForm(BaseForm):
    """One month of one waste on one line (经营量)."""

    month = CodeField("月份", [Filled("请填写月份")], parser=parse_month, description="如 2026-11")
    line_no = SelectField("生产线", [Filled("请选择生产线")])
    waste_code = CodeField("废物代码", [Filled("请填写废物代码")], parser=parse_waste_code, description="如 900-041-49")
    received = TonnesField("接收量", [Filled("请填写接收量，没有的填 0")])
    treated = TonnesField("利用处置量", [Filled("请填写利用处置量，没有的填 0")])


class ProjectForm(BaseForm):
    """Another state of a disposal project from a day on."""

    from_day = DayField("自哪一天起", [Filled("请填写日期")], latest=today)
    state = SelectField("建设状态", choices=STATES)
    capacity = TonnesField("处置能力", [Optional()], positive=True, description="来源没有写的留空，不推算")
    source = StringField("依据", [Filled("请写明依据"), _at_most(400)])
    note = StringField("备注", [_at_most(500)])


def lines_of(form: TermForm) -> list[Any]:
    """Return the lines of a form that have a number or anything typed in."""
    return [
        entry.form
        for entry in form.lines
        if any(str(value or "").strip() for name, value in entry.form.data.items() if name != "csrf_token")
    ]
