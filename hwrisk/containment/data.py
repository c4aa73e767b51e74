"""What is said of a facility (设施数据): one set of fields for form, filing, import and table, and what must hold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypedDict

from hwrisk.containment.measures import cubic_metres
from hwrisk.containment.models import ContainmentKind, FacilityVersion, Nature, ServiceState
from hwrisk.errors import RuleViolation
from hwrisk.rulepacks import Trust

MAX_LINES = 12


class FacilityData(TypedDict):
    """Fields of a facility over a time; volumes in m³, degrees decimal."""

    name: str
    kind_code: str
    service: ServiceState
    effective_volume: Decimal | None
    control_mode: str
    owner_name: str
    operator_name: str
    ordering_post: str
    acting_post: str
    duty_phone: str
    place: str
    longitude: float | None
    latitude: float | None
    steps: str
    source: str
    trust: Trust
    note: str


FIELDS = tuple(FacilityData.__annotations__)
LABELS = {
    "facility_no": "设施编号", "name": "设施名称", "kind_code": "设施类型", "service": "投用情况",
    "effective_volume": "有效容积（m³）", "control_mode": "控制方式", "owner_name": "权属单位",
    "operator_name": "运维单位", "ordering_post": "下令岗位", "acting_post": "操作岗位", "duty_phone": "值班电话",
    "place": "位置", "longitude": "经度", "latitude": "纬度", "steps": "操作步骤", "source": "数据来源",
    "trust": "可信程度", "note": "备注", "valid_from": "自哪一天起", "reason": "理由",
}  # fmt: skip
BLANK: FacilityData = {
    "name": "", "kind_code": "", "service": ServiceState.IN_USE, "effective_volume": None, "control_mode": "",
    "owner_name": "", "operator_name": "", "ordering_post": "", "acting_post": "", "duty_phone": "", "place": "",
    "longitude": None, "latitude": None, "steps": "", "source": "", "trust": Trust.SECOND_HAND, "note": "",
}  # fmt: skip


def check_data(data: FacilityData, kind: ContainmentKind | None, *, unit_id: int | None) -> None:
    """Check that the fields of a facility hold together.

    Raises:
        RuleViolation: each thing that is wrong, at its field.
    """
    if not data["name"].strip():
        raise RuleViolation("请填写设施名称", field="name")
    if kind is None:
        raise RuleViolation("请选择设施类型", field="kind_code")
    volume = data["effective_volume"]
    if kind.nature is not Nature.VOLUME and volume is not None:
        raise RuleViolation(f"{kind.label}没有有效容积，请把容积留空", field="effective_volume")
    if volume is not None and volume <= 0:
        raise RuleViolation("有效容积必须大于 0 立方米；不清楚的请留空", field="effective_volume")
    if volume is not None and not data["source"].strip():
        raise RuleViolation("填了有效容积的，须写明数据来源，如竣工图、实测、环评批复", field="source")
    if kind.tier == 1 and unit_id is None:
        raise RuleViolation(f"{kind.label}是一级设施，须选择所属企业", field="unit")
    if kind.tier == 3 and unit_id is not None:
        raise RuleViolation(f"{kind.label}是三级设施，属于周边水体，不选企业", field="unit")
    if (data["longitude"] is None) != (data["latitude"] is None):
        raise RuleViolation("经度和纬度要同时填写，或同时留空", field="longitude")
    if len(data["steps"].splitlines()) > MAX_LINES:
        raise RuleViolation(f"操作步骤最多 {MAX_LINES} 行，一行一步", field="steps")


def data_of(version: FacilityVersion) -> FacilityData:
    """Return the fields of a stored state."""
    values: Any = {name: getattr(version, name) for name in FIELDS}
    values["trust"] = Trust(version.trust)
    found: FacilityData = values
    return found


def to_plain(data: FacilityData) -> dict[str, Any]:
    """Return the fields as plain JSON, for a filing."""
    plain: dict[str, Any] = {}
    for name, value in data.items():
        plain[name] = str(value) if isinstance(value, (Decimal, ServiceState, Trust)) else value
    return plain


def from_plain(values: Mapping[str, Any]) -> FacilityData:
    """Return the fields of a filing."""
    data: Any = {name: values.get(name, BLANK[name]) for name in FIELDS}  # type: ignore[literal-required]  # its own keys
    data["service"], data["trust"] = ServiceState(data["service"]), Trust(data["trust"])
    data["effective_volume"] = None if data["effective_volume"] is None else Decimal(str(data["effective_volume"]))
    found: FacilityData = data
    return found


NO_PHONE = "无"
"""Typed to take a number away; a field that is left empty keeps it."""


def masked_phone(phone: str) -> str:
    """Return a phone number whose middle is hidden."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****"


def phone_from(typed: str | None, *, kept: str) -> str:
    """Return the phone number that a form asks for, where the number there is was not shown: empty keeps it."""
    text = (typed or "").strip()
    return kept if not text else "" if text == NO_PHONE else text


def shown(data: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, str]:
    """Return the fields as people read them, by field; an empty one is "", a phone number is masked."""
    said: dict[str, str] = {}
    for name in FIELDS:
        value = data[name]
        if name == "effective_volume":
            said[name] = "" if value is None else cubic_metres(value)
        elif name == "kind_code":
            said[name] = kinds.get(value, value)
        elif name in {"longitude", "latitude"}:
            said[name] = "" if value is None else f"{value:.6f}"
        elif name == "duty_phone":
            said[name] = masked_phone(value)
        else:
            said[name] = str(getattr(value, "label", value))
    return said
