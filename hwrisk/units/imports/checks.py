"""The verdict on one row of a unit list: which unit it means, what it would change, why it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.errors import RuleViolation
from hwrisk.imports import CheckContext, Fault, ParsedRow, RowOutcome
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units import rules
from hwrisk.units.imports.known import Known, place
from hwrisk.units.models import IdentityKind, ManagementClass, UnitRole, UnitStatus
from hwrisk.units.queries import UnitRow
from hwrisk.units.rules import WITHOUT_STOCK, Identity

TEXTS = {
    "name": "单位名称", "address": "地址", "contact": "联系人", "contact_phone": "联系电话",
    "licence_no": "经营许可证编号", "responsible_party": "责任主体", "clearance_document": "清零证明文件",
}  # fmt: skip
COLUMN_OF = {"class_reason": "management_class", "identity_no": "uscc"}
"""Column a violation of a field is shown at, where they are not called the same."""
REASON = "名录导入"


class _Row(NamedTuple):
    row: ParsedRow
    known: Known
    user: Viewer
    faults: list[Fault]

    def get(self, key: str) -> Any:
        return self.row.values.get(key)

    def refuse(self, key: str | None, message: str, right: str | None = None) -> None:
        self.faults.append(self.row.fault(key, message, right))


def check(session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:  # noqa: ARG001 - asks nothing more
    """Return the verdict on one row; what it needs of the database is in `context.known`."""
    this = _Row(row, context.known, context.user, [])
    title = str(row.values["name"])
    if context.user.role not in {Role.CITY, Role.COUNTY}:
        return RowOutcome.refused(row.fault(None, "单位名录只能由市局和驻县（区）局导入"), title=title)
    identity = _identity(this)
    unit = None if this.faults else _meant(this, identity)
    state = _state(this)
    if not this.faults:
        _check_twice(this, unit, identity)
        _check_scope(this, unit, state)
        _check_rules(this, unit, state)
    if this.faults:
        return RowOutcome.refused(*this.faults, title=title)
    payload = {
        "unit_id": unit.id if unit else None,
        "identity": list(identity) if identity else None,
        "state": state,
        "valid_from": row.values.get("valid_from") or context.as_of,
        "reason": row.values.get("reason") or REASON,
        "industry_code": row.values.get("industry_code"),
        "started_on": row.values.get("started_on"),
    }
    before, after = _shown(this, unit, identity, state)
    return RowOutcome.of(row, exists=unit is not None, before=before, after=after, payload=payload, title=title)


def _identity(this: _Row) -> Identity | None:
    """Return the identity the row states, or None where it names a registered unit by its own number."""
    if this.get("uscc"):
        return Identity(IdentityKind.USCC, this.get("uscc"))
    kind = this.get("identity_kind")
    if kind is not None:
        try:
            return rules.check_identity(IdentityKind(kind), this.get("identity_no"), this.get("identity_reason") or "")
        except RuleViolation as violation:
            this.refuse(violation.field, violation.message)
            return None
    if not this.get("unit_no") and this.get("name") not in this.known.by_name:
        this.refuse(
            "uscc", "没有统一社会信用代码",
            "填写 18 位代码；确实没有的，填写其他身份标识的种类、号码和理由（医疗机构登记号、个体户注册号等）",
        )  # fmt: skip
    return None


def _meant(this: _Row, identity: Identity | None) -> UnitRow | None:
    """Return the registered unit the row means, or None for a new one; what is not clear is refused."""
    if number := this.get("unit_no"):
        found = this.known.by_number.get(number.upper(), [])
        if not found:
            this.refuse("unit_no", f"没有编号为“{number}”的单位", "新单位不填单位编号")
        return found[0] if found else None
    name = this.get("name")
    same = this.known.by_number.get(identity.number, []) if identity and identity.number else []
    named = [row for row in (same or this.known.by_name.get(name, [])) if row.name == name]
    if named:
        return named[0]
    if not same or this.get("is_new_site"):
        return None
    address = this.get("address")
    if len(same) == 1 and (not address or not same[0].version.address or same[0].version.address == address):
        return same[0]
    this.refuse(
        "name", "该统一社会信用代码已有登记，名称和地址都不同，看不出是更名还是另一处场所",
        "更名的填写单位编号；另一处场所在“是否新场所”列填“是”",
    )  # fmt: skip
    return None


def _state(this: _Row) -> dict[str, Any]:
    """Return the fields the row sets; a blank cell sets none."""
    state: dict[str, Any] = {key: this.get(key) for key in TEXTS if this.get(key) is not None}
    for key in ("longitude", "latitude"):
        if this.get(key) is not None:
            state[key] = this.get(key)
    for key, kind in (("role", UnitRole), ("status", UnitStatus)):
        if this.get(key) is not None:
            state[key] = kind(this.get(key))
    known, faults = this.known, this.faults
    placed = (
        ("office_code", place(this.row, "office", known.offices, known.office_names.values(), faults)),
        ("admin_code", place(this.row, "admin", known.admins, known.admin_names.values(), faults)),
        ("park_id", place(this.row, "park", known.parks, known.park_names.values(), faults)),
    )
    state |= {key: value for key, value in placed if value is not None}
    if this.get("management_class") is not None:
        state["class_set"] = ManagementClass(this.get("management_class"))
        state["class_reason"] = this.get("reason") or REASON
    return state


def _check_twice(this: _Row, unit: UnitRow | None, identity: Identity | None) -> None:
    means: Any = unit.id if unit else (identity, this.get("name"))
    first = this.known.seen.setdefault(means, this.row.row_no)
    if first != this.row.row_no:
        this.refuse(None, f"与第 {first} 行是同一个单位", "每个单位只保留一行")


def _check_scope(this: _Row, unit: UnitRow | None, state: Mapping[str, Any]) -> None:
    if this.user.is_city_wide:
        return
    own = "、".join(this.known.office_names.get(code, code) for code in sorted(this.user.offices))
    if state["office_code"] not in this.user.offices:
        this.refuse("office", "只能导入本管辖单位的单位", own)
    elif unit is not None and unit.version.office_code not in {None, *this.user.offices}:
        this.refuse("name", "该单位已由其他管辖单位登记，请联系市局固废科调整管辖")
    if "class_set" in state and (unit is None or unit.version.class_set is not state["class_set"]):
        this.refuse("management_class", "管理类别由市局核定，请留空")


def _check_rules(this: _Row, unit: UnitRow | None, state: Mapping[str, Any]) -> None:
    def merged(key: str, default: Any) -> Any:
        return state.get(key, getattr(unit.version, key) if unit else default)

    status = merged("status", UnitStatus.OPERATING)
    try:
        if unit is not None:
            rules.check_transition(unit.version.status, status)
            if status in WITHOUT_STOCK and status is not unit.version.status:
                this.refuse("status", f"“{status.label}”要核对台账存量，请在单位页面逐个办理")
        rules.check_status(
            status,
            responsible_party=merged("responsible_party", ""),
            clearance_document=merged("clearance_document", ""),
            reason=this.get("reason") or "",
            has_stock=False,
        )
    except RuleViolation as violation:
        field = violation.field or "name"
        this.refuse(COLUMN_OF.get(field, field), violation.message)


def _shown(
    this: _Row, unit: UnitRow | None, identity: Identity | None, state: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return before and after by Chinese names, for the fields the row sets."""
    after = {name: _text(this, key, state[key]) for key, name in _FIELDS.items() if key in state}
    before: dict[str, Any] = {}
    if unit is not None:
        before = {name: _text(this, key, getattr(unit.version, key)) for key, name in _FIELDS.items() if key in state}
        before["监管名录"] = "已纳入" if unit.unit.is_supervised else "未纳入"
        after["监管名录"] = "已纳入"
    if identity is not None:
        after["身份标识"] = _identity_text(identity)
        if unit is not None:
            old = unit.unit
            before["身份标识"] = _identity_text(Identity(old.identity_kind, old.identity_no, old.identity_reason))
    for key, name in (("industry_code", "行业代码"), ("started_on", "投运日期")):
        if this.get(key) is not None:
            after[name] = str(this.get(key))
            before[name] = str(getattr(unit.unit, key) or "") if unit else ""
    return before, after


def _identity_text(identity: Identity) -> str:
    return f"{identity.kind.label} {identity.number or '无'}"


def _text(this: _Row, key: str, value: Any) -> str:
    if value is None:
        return ""
    names: dict[str, Mapping[Any, str]] = {
        "office_code": this.known.office_names,
        "admin_code": this.known.admin_names,
        "park_id": this.known.park_names,
    }
    if key in names:
        return names[key].get(value, str(value))
    if key in {"longitude", "latitude"}:
        return f"{value:.6f}"
    return str(getattr(value, "label", value))


_FIELDS = {
    **TEXTS, "office_code": "管辖单位", "admin_code": "行政区划", "park_id": "化工园区", "role": "单位类型",
    "status": "状态", "class_set": "管理类别", "longitude": "经度", "latitude": "纬度",
}  # fmt: skip
