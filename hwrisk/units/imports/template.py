"""The form of a unit list: headings, synonyms, choices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hwrisk.imports import (
    Template,
    TemplateColumn,
    choice_column,
    code_column,
    day_column,
    text_column,
    uscc_column,
)
from hwrisk.imports.cells import Cell
from hwrisk.units.degrees import MAX_LATITUDE, MAX_LONGITUDE, parse_degrees
from hwrisk.units.models import IdentityKind, ManagementClass, UnitRole, UnitStatus

OTHER_KINDS = {kind.label: kind for kind in IdentityKind if kind not in {IdentityKind.USCC, IdentityKind.UNKNOWN}}
YES_NO = {"是": True, "否": False}


def _degrees(key: str, name: str, limit: int) -> TemplateColumn:
    def parse(cell: Cell, _as_of: date) -> Decimal:
        return parse_degrees(cell, what=name, limit=limit)

    note = "CGCS2000 十进制度数，没有可不填"
    return TemplateColumn(key=key, title=name, parse=parse, is_required=False, width=12, note=note)


TEMPLATE = Template(
    sheet="单位名录",
    version="2026-1",
    columns=(
        code_column(
            "unit_no", "单位编号", is_required=False, synonyms=("本系统编号", "系统编号"),
            note="本系统编号；新单位不填", example="LYG-2026-000001",
        ),
        text_column(
            "name", "单位名称", synonyms=("企业名称", "单位全称", "企业全称", "名称"), width=32,
            note="营业执照上的全称；同一法人的另一处场所在名称后写明厂区", example="连云港示例化工有限公司",
        ),
        uscc_column(
            "uscc", is_required=False, is_compulsory=True,
            synonyms=("信用代码", "社会信用代码", "统一信用代码", "USCC"),
        ),
        choice_column(
            "identity_kind", "其他身份标识种类", OTHER_KINDS, is_required=False,
            note="没有统一社会信用代码时填写",
        ),
        code_column("identity_no", "其他身份标识号码", max_length=32, is_required=False),
        text_column("identity_reason", "其他身份标识理由", is_required=False),
        text_column(
            "office", "管辖单位", width=20, synonyms=("监管单位", "所属分局", "主管分局"),
            note="驻县（区）局或功能板块分局的名称或编码", example="徐圩新区分局",
        ),
        text_column(
            "admin", "行政区划", is_required=False, synonyms=("所在区县", "县区", "区县", "所在县区"),
            note="区县的名称或六位代码；来源没有写明的可不填", example="连云区",
        ),
        text_column("park", "化工园区", is_required=False, synonyms=("所属园区", "园区", "园区名称"), width=24),
        choice_column(
            "role", "单位类型", UnitRole, is_required=False, note="不填为产废单位", example="产废单位",
            also={"产废企业": UnitRole.GENERATOR, "医疗机构": UnitRole.MEDICAL, "持证单位": UnitRole.OPERATOR},
        ),
        choice_column(
            "status", "状态", UnitStatus, is_required=False, synonyms=("生产状态", "经营状态"), note="不填为在产",
            example="在产", also={"正常": UnitStatus.OPERATING, "生产": UnitStatus.OPERATING},
        ),
        choice_column(
            "management_class", "管理类别", ManagementClass, is_required=False, synonyms=("核定管理类别",),
            note="部门核定的类别，只由市局填写",
            also={
                "重点监管单位": ManagementClass.KEY, "危险废物环境重点监管单位": ManagementClass.KEY,
                "简化管理单位": ManagementClass.SIMPLIFIED, "登记管理单位": ManagementClass.REGISTERED,
            },
        ),
        text_column(
            "address", "地址", is_required=False, max_length=300, width=32,
            synonyms=("单位地址", "详细地址", "生产经营场所地址"),
        ),
        code_column("industry_code", "行业代码", max_length=8, is_required=False, width=12),
        day_column("started_on", "投运日期", is_required=False, synonyms=("投产日期",), width=14),
        text_column("contact", "联系人", is_required=False, max_length=64, width=12),
        code_column("contact_phone", "联系电话", max_length=32, is_required=False, width=16),
        code_column("licence_no", "经营许可证编号", is_required=False),
        text_column("responsible_party", "责任主体", is_required=False, note="关停未清零的单位必填"),
        text_column("clearance_document", "清零证明文件", is_required=False, note="关停已清零的单位必填"),
        _degrees("longitude", "经度", MAX_LONGITUDE),
        _degrees("latitude", "纬度", MAX_LATITUDE),
        day_column(
            "valid_from", "生效日期", is_required=False, synonyms=("起始日期",), width=14,
            note="从哪一天起是这样；不填为导入当日",
        ),
        choice_column(
            "is_new_site", "是否新场所", YES_NO, is_required=False, width=12,
            note="同一法人的另一处场所填“是”",
        ),
        text_column("reason", "变更理由", is_required=False, note="变更已有单位时写明；不填记为“名录导入”"),
    ),
    notes=(
        "一行一个生产经营场所，不按法人合并。",
        "统一社会信用代码按文本填写；没有的，填写其他身份标识的种类、号码和理由。",
        "空白的单元格表示不改变已有内容，不表示清空。",
        "同一文件重复导入不产生变化。",
    ),
)  # fmt: skip
