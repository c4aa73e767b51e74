"""Roles (角色) and the kinds of grants that narrow what a role sees."""

from __future__ import annotations

from hwrisk.db.types import Labelled


class Role(Labelled):
    """What a person is to the system (角色); each account has exactly one."""

    CITY = "city", "固废科"
    COUNTY = "county", "驻县（区）局"
    PARK = "park", "园区管理机构"
    OPERATOR = "operator", "运维单位"
    ENTERPRISE = "enterprise", "企业填报"
    PROVIDER = "provider", "第三方服务"
    INSPECTOR = "inspector", "执法检查"
    HELPER = "helper", "评估辅助"
    ENFORCEMENT = "enforcement", "综合执法"
    HEALTH = "health", "卫健"
    COMMAND = "command", "应急指挥"
    DUTY = "duty", "值班岗"
    LEADER = "leader", "领导"
    AUDITOR = "auditor", "审计"
    SYSADMIN = "sysadmin", "系统管理员"
    SECADMIN = "secadmin", "安全管理员"
    AUDADMIN = "audadmin", "审计管理员"


class GrantKind(Labelled):
    """What a grant opens (授权范围)."""

    CITY = "city", "全市"
    OFFICE = "office", "管辖单位"
    PARK = "park", "园区"
    UNIT = "unit", "单位"


class RosterPart(Labelled):
    """What a person does during a shift (值班职责)."""

    OFFICER = "officer", "值班员"
    SIGNER = "signer", "签发人"


class AttemptKind(Labelled):
    """What an attempt tried to pass (验证方式)."""

    PASSWORD = "password", "密码登录"
    PIN = "pin", "值班口令"


class AttemptOutcome(Labelled):
    """How an attempt ended (结果)."""

    OK = "ok", "成功"
    WRONG = "wrong", "密码错误"
    UNKNOWN = "unknown", "无此账号"
    LOCKED = "locked", "已锁定"
    DISABLED = "disabled", "已停用"
    EXPIRED = "expired", "一次性密码过期"


ADMINISTRATORS = frozenset({Role.SYSADMIN, Role.SECADMIN, Role.AUDADMIN})
"""The three separate hands (三员分立); none of them sees business data."""

CITY_WIDE = frozenset({Role.CITY, Role.COMMAND, Role.DUTY})
"""Roles that see the whole city without a grant."""

_AS_GRANTED = frozenset({GrantKind.CITY, GrantKind.OFFICE, GrantKind.PARK, GrantKind.UNIT})
GRANTS_OF: dict[Role, frozenset[GrantKind]] = {
    Role.CITY: frozenset(),
    Role.COUNTY: frozenset({GrantKind.OFFICE}),
    Role.PARK: frozenset({GrantKind.PARK}),
    Role.OPERATOR: frozenset({GrantKind.PARK, GrantKind.UNIT}),
    Role.ENTERPRISE: frozenset({GrantKind.UNIT}),
    Role.PROVIDER: frozenset({GrantKind.UNIT}),
    Role.INSPECTOR: frozenset({GrantKind.OFFICE, GrantKind.UNIT}),
    Role.HELPER: frozenset({GrantKind.UNIT}),
    Role.ENFORCEMENT: _AS_GRANTED,
    Role.HEALTH: _AS_GRANTED,
    Role.COMMAND: frozenset(),
    Role.DUTY: frozenset(),
    Role.LEADER: _AS_GRANTED,
    Role.AUDITOR: _AS_GRANTED,
    Role.SYSADMIN: frozenset(),
    Role.SECADMIN: frozenset(),
    Role.AUDADMIN: frozenset(),
}
"""Kinds of grants each role may hold; a grant of another kind opens nothing, whatever its row says."""

NEEDS_END = frozenset({Role.PROVIDER, Role.HELPER})
"""Roles whose grants are delegations and must name the day they end."""
