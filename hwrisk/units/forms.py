"""Forms of the unit register."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from hwrisk.clock import today
from hwrisk.units.degrees import MAX_LATITUDE, MAX_LONGITUDE, parse_degrees
from hwrisk.units.listing import labels
from hwrisk.units.models import IdentityKind, ManagementClass, UnitRole, UnitStatus
from hwrisk.web import BaseForm, CodeField, DayField, Filled, VersionedForm, choices

IDENTITY_KINDS = choices((str(kind), kind.label) for kind in IdentityKind if kind is not IdentityKind.UNKNOWN)


def _at_most(length: int) -> Length:
    return Length(max=length, message=f"最多 {length} 个字")


def _longitude(text: str) -> str:
    return str(parse_degrees(text, what="经度", limit=MAX_LONGITUDE))


def _latitude(text: str) -> str:
    return str(parse_degrees(text, what="纬度", limit=MAX_LATITUDE))


class StateFields:
    """What a unit is from a day on; shared by registering and changing."""

    name = StringField("单位名称", [Filled("请填写单位名称"), _at_most(200)])
    short_name = StringField("简称", [_at_most(64)])
    address = StringField("地址", [_at_most(300)])
    office_code = SelectField("管辖单位")
    admin_code = SelectField("行政区划")
    park = SelectField("化工园区")
    role = SelectField("单位类型", choices=choices(labels(UnitRole)))
    status = SelectField("状态", choices=choices(labels(UnitStatus)))
    responsible_party = StringField(
        "责任主体", [_at_most(200)], description="关停未清零的单位必填：企业、管理人、园区管委会或代处置的政府"
    )
    clearance_document = StringField("清零证明文件", [_at_most(200)], description="关停已清零的单位必填：名称和文号")
    licence_no = StringField("经营许可证编号", [_at_most(64)])
    class_set = SelectField(
        "部门核定的管理类别", choices=choices([("", "未核定，按计算结果"), *labels(ManagementClass)])
    )
    class_reason = StringField("核定理由", [_at_most(200)])
    contact = StringField("联系人", [_at_most(64)])
    contact_phone = StringField("联系电话", [_at_most(32)])
    longitude = CodeField("经度", parser=_longitude, description="CGCS2000 十进制度数")
    latitude = CodeField("纬度", parser=_latitude, description="CGCS2000 十进制度数")
    reason = StringField("理由", [Filled("请写明理由"), _at_most(200)])


class ChangeForm(StateFields, VersionedForm):
    """A change of a unit from a day on (变更)."""

    from_day = DayField("自哪一天起", [Filled("请填写生效日期")], latest=today)
    until = DayField("至哪一天（不含）", description="一直如此的不填；只在一段时间内如此的填写")


class NewUnitForm(StateFields, BaseForm):
    """A unit to be registered (登记)."""

    office_code = SelectField("管辖单位", [Filled("请选择管辖单位")])

    identity_kind = SelectField("身份标识种类", choices=IDENTITY_KINDS)
    identity_no = StringField(
        "身份标识号码", [_at_most(32)], description="统一社会信用代码 18 位；没有的选择其他种类并写明理由"
    )
    identity_reason = StringField("不用统一社会信用代码的理由", [_at_most(200)])
    industry_code = StringField("行业代码", [_at_most(8)])
    started_on = DayField("投运日期", latest=today)
    valid_from = DayField("自哪一天起登记", [Filled("请填写生效日期")], latest=today)


class ContactForm(VersionedForm):
    """What an enterprise keeps up by itself (联系方式)."""

    contact = StringField("联系人", [_at_most(64)])
    contact_phone = StringField("联系电话", [_at_most(32)])


class FactsForm(BaseForm):
    """Identity and what a unit is from its beginning (身份标识与基础信息)."""

    identity_kind = SelectField("身份标识种类", choices=IDENTITY_KINDS)
    identity_no = StringField("身份标识号码", [_at_most(32)])
    identity_reason = StringField("不用统一社会信用代码的理由", [_at_most(200)])
    industry_code = StringField("行业代码", [_at_most(8)])
    started_on = DayField("投运日期", latest=today)
    note = TextAreaField("备注", [_at_most(500)])
