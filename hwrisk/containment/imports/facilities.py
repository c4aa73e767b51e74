"""Import of facilities (防控设施导入): the authority records, everybody else files for acceptance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.containment import operations
from hwrisk.containment.data import (
    BLANK,
    FIELDS,
    LABELS,
    FacilityData,
    check_data,
    data_of,
    from_plain,
    shown,
    to_plain,
)
from hwrisk.containment.imports.common import Known, base_version, measure_column, park_of, prepare
from hwrisk.containment.measures import VOLUME
from hwrisk.containment.models import ContainmentKind, Facility, ServiceState
from hwrisk.containment.states import FacilityStatus
from hwrisk.errors import RuleViolation
from hwrisk.imports import (
    ApplyContext,
    CheckContext,
    Fault,
    ImportKind,
    ParsedRow,
    RowOutcome,
    StagedRow,
    Template,
    choice_column,
    code_column,
    day_column,
    text_column,
)
from hwrisk.imports.cells import Cell, near_names
from hwrisk.imports.template import TemplateColumn
from hwrisk.parks.models import Park
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.units.degrees import MAX_LATITUDE, MAX_LONGITUDE, parse_degrees

AUTHORITY = frozenset({Role.CITY, Role.COUNTY})
REASON = "设施导入"
PLACES = {
    "kind_code": "kind", "effective_volume": "volume", "unit": "unit", "facility_no": "no", "source": "source",
    "name": "name", "longitude": "longitude", "steps": "steps",
}  # fmt: skip
"""Column a violation of a field is shown at."""
KINDS = (
    "围堰或防火堤、企业事故应急池、初期雨水池、雨水排口切断阀、清下水切换阀、厂内导流切换阀、企业转输泵、园区公共应急池、缓冲池或中继站、"
    "园区节制闸、园区雨水总排口闸、提升泵站、转输管线、移动泵和水带、可封闭河段、坑塘沟渠、河闸、临时筑坝点"
)
"""Names of the kinds that came with the system, for the guide sheet; the row is checked against the table."""


def _degrees(key: str, title: str, limit: int) -> TemplateColumn:
    def parse(cell: Cell, _as_of: Any) -> str:
        return str(parse_degrees(cell, what=title, limit=limit))

    return TemplateColumn(key=key, title=title, parse=parse, is_required=False, width=12, note="CGCS2000 十进制度数")


TEMPLATE = Template(
    sheet="防控设施",
    version="2026.1",
    columns=(
        text_column(
            "park", "园区", synonyms=("化工园区", "园区名称", "所属园区"), example="连云港石化产业基地", width=24,
        ),
        code_column("no", "设施编号", synonyms=("编号", "设施编码"), max_length=32, example="YJC-01", width=14),
        text_column("name", "设施名称", synonyms=("名称",), max_length=100, example="1号公共应急池", width=22),
        text_column("kind", "设施类型", synonyms=("类型", "类别"), example="园区公共应急池", note=f"填全称：{KINDS}"),
        text_column(
            "unit", "所属企业", is_required=False, synonyms=("企业", "单位名称"), width=24, note="一级设施必填",
        ),
        measure_column(
            "volume", "有效容积（m3）", VOLUME, positive=True, is_required=False, synonyms=("有效容积", "容积", "池容"),
            example="3000", note="池、围堰、河段填写；不清楚的留空",
        ),
        choice_column("service", "投用情况", ServiceState, is_required=False, also={"使用": ServiceState.IN_USE},
                      note="不填为在用"),
        text_column("control_mode", "控制方式", is_required=False, max_length=40),
        text_column("owner_name", "权属单位", is_required=False),
        text_column("operator_name", "运维单位", is_required=False),
        text_column("ordering_post", "下令岗位", is_required=False, max_length=100, synonyms=("谁下令",)),
        text_column("acting_post", "操作岗位", is_required=False, max_length=100),
        code_column("duty_phone", "值班电话", is_required=False, max_length=32),
        text_column("place", "位置", is_required=False),
        _degrees("longitude", "经度", MAX_LONGITUDE),
        _degrees("latitude", "纬度", MAX_LATITUDE),
        text_column("steps", "操作步骤", is_required=False, max_length=1000, note="几步之间用分号隔开", width=30),
        text_column("source", "数据来源", is_required=False, max_length=400, note="填了容积的必填", example="竣工图"),
        choice_column("trust", "可信程度", Trust, is_required=False, note="不填为二手"),
        text_column("note", "备注", is_required=False, max_length=300),
        day_column("valid_from", "生效日期", is_required=False, note="不填为导入当日"),
    ),
    notes=(
        "一行一处设施；同一园区的设施编号不能重复，编号已有的按变更处理。",
        "空白的单元格表示不改变已有内容，不表示清空。",
        "市局和驻县（区）局导入的直接生效；园区、企业和运维单位导入的作为报送，接收以后才生效。",
    ),
    unique_by=("park", "no"),
)  # fmt: skip


def check(session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row; what it needs of the database is in `context.known`."""
    del session
    known: Known = context.known
    title, faults = f"{row.values['no']} {row.values['name']}", list[Fault]()
    park = park_of(row, known, faults)
    kind = _kind(row, known, faults)
    unit_id = _unit(row, park, known, faults) if park else None
    if park is None or kind is None or faults:
        return RowOutcome.refused(*faults, title=title)
    held = known.facilities.get((park.id, row.values["no"]))
    if held is None and (park.id, row.values["no"]) in known.taken:
        return RowOutcome.refused(row.fault("no", "这个编号已被园区的其他设施使用", "换一个编号"), title=title)
    if held is not None and row.values.get("unit") and held.facility.unit_id != unit_id:
        faults.append(row.fault("unit", "与已登记的所属企业不同，所属不能改", held.unit_name or "不属于企业"))
    owner = held.facility.unit_id if held else unit_id
    data = _data(row, kind, held)
    try:
        check_data(data, kind, unit_id=owner)
    except RuleViolation as violation:
        faults.append(row.fault(PLACES.get(violation.field or ""), violation.message))
    if held is None and owner is None and context.user.role is Role.ENTERPRISE:
        faults.append(row.fault("unit", "企业只能填报本企业的设施", "填写本企业名称"))
    if faults:
        return RowOutcome.refused(*faults, title=title)
    return _verdict(context, row, park, owner, data, held, title)


def _verdict(  # noqa: PLR0917 - one order within this module
    context: CheckContext,
    row: ParsedRow,
    park: Park,
    unit_id: int | None,
    data: FacilityData,
    held: FacilityStatus | None,
    title: str,
) -> RowOutcome:
    known: Known = context.known
    kinds = {kind.code: label for label, kind in known.kinds.items()}
    after = {LABELS[name]: text for name, text in shown(data, kinds).items()}
    before = None
    if held is None or held.version.duty_phone != data["duty_phone"]:
        # What stands in the file may be shown to who sent it; what is registered is masked.
        after[LABELS["duty_phone"]] = data["duty_phone"]
    if held is not None:
        before = {LABELS[name]: text for name, text in shown(data_of(held.version), kinds).items()}
    payload = {
        "park_id": park.id, "unit_id": unit_id, "facility_id": held.facility.id if held else None,
        "no": row.values["no"], "data": to_plain(data),
        "valid_from": (row.values.get("valid_from") or context.as_of).isoformat(),
    }  # fmt: skip
    if before is None:
        # Of a new facility only what was filled in is worth reading.
        after = {label: text for label, text in after.items() if text not in ("", "—")}
    return RowOutcome.of(row, exists=held is not None, before=before, after=after, payload=payload, title=title)


def _kind(row: ParsedRow, known: Known, faults: list[Fault]) -> ContainmentKind | None:
    typed = str(row.values["kind"]).strip()
    if typed in known.kinds:
        return known.kinds[typed]
    options = list(known.kinds)
    near = near_names(typed, options) or options
    faults.append(row.fault("kind", f"没有叫“{typed}”的设施类型", "、".join(near[:8])))
    return None


def _unit(row: ParsedRow, park: Park, known: Known, faults: list[Fault]) -> int | None:
    typed = row.values.get("unit")
    if typed is None:
        return None
    found = known.units.get((park.id, typed))
    if found is None:
        near = near_names(typed, known.unit_names.get(park.id, []))
        faults.append(row.fault("unit", f"{park.name}没有叫“{typed}”的企业", "、".join(near) or "先在单位名录登记"))
    return found


def _data(row: ParsedRow, kind: ContainmentKind, held: FacilityStatus | None) -> FacilityData:
    values: Any = dict(data_of(held.version)) if held else dict(BLANK)
    for name in FIELDS:
        typed = row.values.get(name)
        if name in row.values and typed is not None:
            values[name] = typed
    values["kind_code"] = kind.code
    if row.values.get("volume") is not None:
        values["effective_volume"] = Decimal(row.values["volume"])
    if row.values.get("steps"):
        values["steps"] = "\n".join(p.strip() for p in row.values["steps"].replace("；", ";").split(";") if p.strip())
    for name in ("longitude", "latitude"):
        if values[name] is not None:
            values[name] = float(values[name])
    values["service"], values["trust"] = ServiceState(values["service"]), Trust(values["trust"])
    ordered: Any = {name: values[name] for name in FIELDS}
    found: FacilityData = ordered
    return found


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Record the rows, or file them where the person is no authority."""
    records, files = 0, 0
    is_authority = context.user.role in AUTHORITY
    for row in rows:
        payload = row.payload
        data, day = from_plain(payload["data"]), today().fromisoformat(payload["valid_from"])
        facility = session.get_one(Facility, payload["facility_id"]) if payload["facility_id"] else None
        if not is_authority:
            operations.submit(
                session, park_id=payload["park_id"], unit_id=payload["unit_id"], facility=facility,
                facility_no=payload["no"], data=data, valid_from=day, reason=REASON, actor=context.user,
            )  # fmt: skip
            files += 1
        elif facility is None:
            operations.register_facility(
                session, park_id=payload["park_id"], unit_id=payload["unit_id"], facility_no=payload["no"], data=data,
                valid_from=day, actor=context.user, reason=REASON,
            )  # fmt: skip
            records += 1
        else:
            operations.change_facility(session, facility, data=data, valid_from=day, actor=context.user, reason=REASON)
            records += 1
    return {"登记或变更设施": records, "提交报送": files}


FACILITIES = ImportKind(
    kind="containment-facilities",
    label="三级防控设施",
    permission=Permission.CONTAINMENT_EDIT,
    template=TEMPLATE,
    prepare=prepare,
    check=check,
    apply=apply,
    base_version=base_version,
)
