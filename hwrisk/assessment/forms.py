"""Forms about assessments: the sheet, re-checks, objections, the plan of a year."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, Length, Optional

from hwrisk.assessment.heads import Entry, Person
from hwrisk.assessment.models import Rating, Subject
from hwrisk.assessment.scheme import Item, Scheme
from hwrisk.clock import today
from hwrisk.web import BaseForm, DayField, FileField, Filled, OnceForm, VersionedForm, choices

PEOPLE = 4
"""Rows for people on the sheet."""
MAX_ACCIDENTS = 9
RATINGS = tuple((rating.value, rating.label) for rating in Rating)


class _HeadFields(BaseForm):
    assessed_on = DayField("评估日期", [Filled("请填写评估日期")], latest=today)
    organiser = StringField("组织单位", [Filled("请填写组织单位"), Length(max=100, message="组织单位最多 100 个字")])
    name_1 = StringField("人员一姓名", [Length(max=64, message="姓名最多 64 个字")])
    badge_1 = StringField("人员一执法证号", [Length(max=32, message="执法证号最多 32 个字符")])
    name_2 = StringField("人员二姓名", [Length(max=64, message="姓名最多 64 个字")])
    badge_2 = StringField("人员二执法证号", [Length(max=32, message="执法证号最多 32 个字符")])
    name_3 = StringField("人员三姓名", [Length(max=64, message="姓名最多 64 个字")])
    badge_3 = StringField("人员三执法证号", [Length(max=32, message="执法证号最多 32 个字符")])
    name_4 = StringField("人员四姓名", [Length(max=64, message="姓名最多 64 个字")])
    badge_4 = StringField("人员四执法证号", [Length(max=32, message="执法证号最多 32 个字符")])

    def people(self) -> tuple[Person, ...]:
        """Return the people named, in the order of the rows; a row without a name is left out."""
        rows = (
            Person(str(self[f"name_{row}"].data or "").strip(), str(self[f"badge_{row}"].data or "").strip())
            for row in range(1, PEOPLE + 1)
        )
        return tuple(person for person in rows if person.name)


class BeginForm(OnceForm, _HeadFields):
    """What must be known to begin a sheet (登记评估); the choices are set by the view."""

    year = SelectField("评估年度", [Filled("请选择评估年度")])
    level = SelectField("评估层级", [Filled("请选择评估层级")])
    subject = SelectField(
        "评估类型",
        [Filled("请选择评估类型")],
        choices=choices((subject.value, subject.label) for subject in Subject),
    )


class SheetForm(VersionedForm, _HeadFields):
    """The sheet itself (评估表); `sheet_form` adds a field for each item of the scheme."""

    accidents = SelectField(
        "年度内环境污染事故次数", choices=choices((str(number), f"{number} 次") for number in range(MAX_ACCIDENTS + 1))
    )
    has_major_accident = BooleanField("发生重大环境污染事故或者造成人员伤亡")
    rectify_by = DayField("整改期限", [Optional()])
    comment = TextAreaField("评估意见", [Length(max=2000, message="评估意见最多 2000 个字")])

    def entries(self, scheme: Scheme, subject: Subject) -> dict[str, Entry]:
        """Return the results that were chosen, by item number."""
        found: dict[str, Entry] = {}
        for item in scheme.items(subject):
            chosen = self[f"rating_{item.no}"].data
            if chosen:
                reason = str(self[f"reason_{item.no}"].data or "").strip()
                evidence = str(self[f"evidence_{item.no}"].data or "").strip()
                found[item.no] = Entry(Rating(chosen), reason, evidence)
        return found


def sheet_form(scheme: Scheme, subject: Subject) -> type[SheetForm]:
    """Return the form of a sheet with one group of choices, reason and evidence for each item."""
    fields: dict[str, Any] = {}
    for item in scheme.items(subject):
        fields[f"rating_{item.no}"] = _rating(item)
        fields[f"reason_{item.no}"] = StringField(
            f"{item.no} 扣分或不适用的理由", [Length(max=500, message="理由最多 500 个字")]
        )
        fields[f"evidence_{item.no}"] = StringField(
            f"{item.no} 证据说明", [Length(max=500, message="证据说明最多 500 个字")]
        )
    return type(f"{subject.name.title()}SheetForm", (SheetForm,), fields)


def _rating(item: Item) -> RadioField:
    offered = [pair for pair in RATINGS if item.may_not_apply or pair[0] != Rating.NOT_APPLICABLE]
    allowed = [value for value, _ in offered]
    return RadioField(
        f"{item.no} {item.text}",
        [Optional(), AnyOf(allowed, message="请从所列结果中选择一项")],
        choices=choices(offered),
        validate_choice=False,
    )


class ReasonForm(BaseForm):
    """Why something is taken or given back (撤回、退回理由)."""

    reason = StringField("理由", [Filled("请写明理由"), Length(max=200, message="理由最多 200 个字")])


class ObjectionForm(BaseForm):
    """What a unit has against its verdict (异议)."""

    raised_on = DayField("提出日期", [Filled("请填写提出日期")], latest=today)
    text = TextAreaField(
        "异议的内容和理由", [Filled("请写明异议的内容和理由"), Length(max=2000, message="最多 2000 个字")]
    )


class AnswerForm(BaseForm):
    """The answer to an objection (异议答复)."""

    result = RadioField(
        "结果", [Filled("请选择结果")], choices=choices([("upheld", "异议成立，撤回原评估"), ("kept", "异议不成立")])
    )
    answered_on = DayField("答复日期", [Filled("请填写答复日期")], latest=today)
    answer = TextAreaField("答复内容", [Filled("请写明答复内容"), Length(max=2000, message="最多 2000 个字")])


class EvidenceForm(BaseForm):
    """A photograph or document that proves something (证据附件)."""

    file = FileField("照片或文件")
    note = StringField("说明", [Length(max=200, message="说明最多 200 个字")])


class PlanForm(BaseForm):
    """The plan of a year (年度评估方案); versions of the scheme are set by the view."""

    title = StringField("方案名称", [Filled("请填写方案名称"), Length(max=200, message="方案名称最多 200 个字")])
    document_no = StringField("文号", [Length(max=100, message="文号最多 100 个字")])
    issued_on = DayField("印发日期", [Optional()], latest=today)
    scheme = SelectField("评分表版本", [Filled("请选择评分表版本")])
    note = TextAreaField("说明", [Length(max=2000, message="说明最多 2000 个字")])


class DrawForm(OnceForm):
    """A drawing by lot (抽取); the offices are set by the view."""

    office = SelectField("管辖单位", [Filled("请选择管辖单位")])
    asked = StringField(
        "抽取家数", [Filled("请填写抽取家数")], render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )
    seed = StringField(
        "随机种子",
        [Length(max=64, message="随机种子最多 64 个字符")],
        description="可以不填，由系统生成并登记；公开抽取时填写现场确定的数字，任何人都能按它复核。",
    )


class ExclusionForm(BaseForm):
    """A unit that cannot be assessed (不具备评估条件)."""

    excluded_on = DayField("日期", [Filled("请填写日期")], latest=today)
    reason = StringField(
        "理由",
        [Filled("请写明不具备评估条件的理由"), Length(max=100, message="理由最多 100 个字")],
        render_kw={"list": "usual-reasons", "autocomplete": "off"},
    )
    evidence = TextAreaField(
        "证明材料", [Filled("请写明证明材料（如停产报告、现场照片）"), Length(max=1000, message="最多 1000 个字")]
    )
