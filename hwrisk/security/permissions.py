"""Permissions (权限) and the one table that says which role holds which."""

from __future__ import annotations

from hwrisk.db.types import Labelled
from hwrisk.security.roles import ADMINISTRATORS, Role


class Permission(Labelled):
    """What a route asks for, as `area:action`."""

    PUBLIC = "public:read", "公开页面"
    HOME_READ = "home:read", "查看首页"
    UNIT_READ = "unit:read", "查看单位"
    UNIT_EDIT = "unit:edit", "维护单位"
    LEDGER_READ = "ledger:read", "查看台账"
    LEDGER_WRITE = "ledger:write", "填报台账"
    LEDGER_CORRECT = "ledger:correct", "办理台账更正"
    STORAGE_READ = "storage:read", "查看贮存"
    STORAGE_EXTEND = "storage:extend", "登记延长贮存期限"
    STORAGE_PLAN = "storage:plan", "填报处置计划"
    IMPORT_RUN = "import:run", "导入数据"
    EXPORT_READ = "export:read", "查看导出文件"
    EXPORT_RUN = "export:run", "导出数据"
    INDICATOR_READ = "indicator:read", "查看指标"
    INDICATOR_RUN = "indicator:run", "计算指标"
    CATALOGUE_READ = "catalogue:read", "查看名录"
    CATALOGUE_EDIT = "catalogue:edit", "维护名录"
    RULEPACK_READ = "rulepack:read", "查看规则包"
    RULEPACK_ACTIVATE = "rulepack:activate", "启用规则包"
    PARK_READ = "park:read", "查看园区"
    PARK_EDIT = "park:edit", "维护园区"
    KEY_LIST_READ = "key_list:read", "查看重点监管单位清单"
    KEY_LIST_CONFIRM = "key_list:confirm", "核对重点监管单位清单"
    KEY_LIST_PUBLISH = "key_list:publish", "公布重点监管单位清单"
    ASSESSMENT_READ = "assessment:read", "查看规范化评估"
    ASSESSMENT_WRITE = "assessment:write", "填写规范化评估"
    ASSESSMENT_CLOSE = "assessment:close", "办结规范化评估"
    ASSESSMENT_PLAN = "assessment:plan", "安排年度评估"
    ASSESSMENT_SCHEME = "assessment:scheme", "登记年度评估方案"
    PERMIT_READ = "permit:read", "查看经营许可证"
    PERMIT_EDIT = "permit:edit", "维护经营许可证"
    PERMIT_REPORT = "permit:report", "填报经营情况"
    CAPACITY_READ = "capacity:read", "查看处置能力平衡"
    CAPACITY_RUN = "capacity:run", "测算处置能力平衡"
    CONTAINMENT_READ = "containment:read", "查看三级防控"
    CONTAINMENT_REPORT = "containment:report", "填报液位与阀门"
    CONTAINMENT_EDIT = "containment:edit", "维护防控设施"
    CONTAINMENT_CHECK = "containment:check", "核对防控设施"
    CONTAINMENT_ACCEPT = "containment:accept", "接收防控设施"
    CONTAINMENT_VOLUME = "containment:volume", "校核防控容积"
    MATERIAL_READ = "material:read", "查看应急物资"
    MATERIAL_EDIT = "material:edit", "维护应急物资"
    MATERIAL_PHONE = "material:phone", "查看值班电话"
    MATERIAL_REVIEW = "material:review", "维护物资品种和适用性"
    DISPATCH_REQUEST = "dispatch:request", "申请调拨"
    DISPATCH_HANDLE = "dispatch:handle", "办理出库归还"
    DISPATCH_DECIDE = "dispatch:decide", "下达调拨"
    DASHBOARD_READ = "dashboard:read", "查看综合看板"
    JOB_READ = "job:read", "查看定时任务"
    JOB_RUN = "job:run", "运行定时任务"
    DUTY_READ = "duty:read", "查看值班表"
    DUTY_KEEP = "duty:keep", "编排值班表"
    DUTY_STAND = "duty:stand", "当班并设置值班口令"
    ACCOUNT_READ = "account:read", "查看账号"
    ACCOUNT_EDIT = "account:edit", "维护账号与授权"
    ACCOUNT_RESET = "account:reset", "重置所属人员密码"
    AUDIT_READ = "audit:read", "查看审计记录"
    SEARCH = "search:read", "全局搜索"
    NOTICE_READ = "notice:read", "查看消息"
    FILE_VERIFY = "file:verify", "核验导出文件"


EVERYONE = frozenset(Role)
BUSINESS = EVERYONE - ADMINISTRATORS
"""All roles that see business data, each within its own scope."""
AUTHORITY = frozenset({Role.CITY, Role.COUNTY})
FILERS = frozenset({Role.ENTERPRISE, Role.PROVIDER})

HOLDERS: dict[Permission, frozenset[Role]] = {
    Permission.PUBLIC: EVERYONE,
    Permission.HOME_READ: EVERYONE,
    Permission.FILE_VERIFY: EVERYONE,
    Permission.NOTICE_READ: EVERYONE,
    Permission.SEARCH: BUSINESS,
    Permission.CATALOGUE_READ: BUSINESS,
    Permission.UNIT_READ: BUSINESS,
    Permission.PARK_READ: BUSINESS,
    # The operator of a park's basins has no business with the waste of its enterprises.
    Permission.LEDGER_READ: BUSINESS - {Role.OPERATOR},
    Permission.STORAGE_READ: BUSINESS - {Role.OPERATOR},
    Permission.UNIT_EDIT: AUTHORITY | {Role.ENTERPRISE},
    Permission.LEDGER_WRITE: AUTHORITY | FILERS,
    Permission.LEDGER_CORRECT: AUTHORITY,
    Permission.STORAGE_EXTEND: AUTHORITY,
    Permission.STORAGE_PLAN: AUTHORITY | FILERS,
    Permission.PARK_EDIT: AUTHORITY | {Role.PARK},
    Permission.IMPORT_RUN: AUTHORITY | FILERS | {Role.PARK, Role.OPERATOR},
    # A helper (受托第三方) drafts; files do not leave the house through it.
    Permission.EXPORT_READ: BUSINESS - {Role.HELPER},
    Permission.EXPORT_RUN: BUSINESS - {Role.HELPER},
    Permission.INDICATOR_READ: AUTHORITY | {Role.PARK, Role.ENFORCEMENT, Role.COMMAND, Role.LEADER, Role.AUDITOR},
    Permission.INDICATOR_RUN: frozenset({Role.CITY}),
    Permission.CATALOGUE_EDIT: frozenset({Role.CITY}),
    Permission.RULEPACK_READ: AUTHORITY | {Role.INSPECTOR, Role.LEADER, Role.AUDITOR},
    Permission.RULEPACK_ACTIVATE: frozenset({Role.CITY}),
    Permission.KEY_LIST_READ: BUSINESS - {Role.OPERATOR},
    Permission.KEY_LIST_CONFIRM: AUTHORITY,
    Permission.KEY_LIST_PUBLISH: frozenset({Role.CITY}),
    Permission.ASSESSMENT_READ: BUSINESS - {Role.OPERATOR, Role.COMMAND, Role.DUTY, Role.HEALTH},
    # Enterprises assess themselves (自评); a helper (受托第三方) drafts and never closes.
    Permission.ASSESSMENT_WRITE: AUTHORITY | FILERS | {Role.INSPECTOR, Role.HELPER},
    Permission.ASSESSMENT_CLOSE: AUTHORITY | FILERS | {Role.INSPECTOR},
    Permission.ASSESSMENT_PLAN: AUTHORITY,
    Permission.ASSESSMENT_SCHEME: frozenset({Role.CITY}),
    Permission.PERMIT_READ: BUSINESS - {Role.OPERATOR},
    Permission.PERMIT_EDIT: AUTHORITY,
    Permission.PERMIT_REPORT: AUTHORITY | FILERS,
    Permission.CAPACITY_READ: AUTHORITY | {Role.PARK, Role.LEADER, Role.AUDITOR},
    Permission.CAPACITY_RUN: AUTHORITY,
    Permission.CONTAINMENT_READ: BUSINESS - {Role.HEALTH, Role.HELPER, Role.PROVIDER},
    Permission.CONTAINMENT_REPORT: AUTHORITY | {Role.PARK, Role.OPERATOR, Role.ENTERPRISE},
    # Whoever runs a facility starts a filing; the park checks it; the county accepts it.
    Permission.CONTAINMENT_EDIT: AUTHORITY | {Role.PARK, Role.OPERATOR, Role.ENTERPRISE},
    Permission.CONTAINMENT_CHECK: AUTHORITY | {Role.PARK},
    Permission.CONTAINMENT_ACCEPT: AUTHORITY,
    Permission.CONTAINMENT_VOLUME: AUTHORITY | {Role.PARK, Role.COMMAND},
    Permission.MATERIAL_READ: BUSINESS - {Role.HEALTH, Role.HELPER, Role.PROVIDER},
    Permission.MATERIAL_EDIT: AUTHORITY | {Role.PARK, Role.ENTERPRISE, Role.COMMAND},
    Permission.MATERIAL_PHONE: AUTHORITY | {Role.COMMAND, Role.DUTY},
    Permission.MATERIAL_REVIEW: frozenset({Role.CITY, Role.COMMAND}),
    Permission.DISPATCH_REQUEST: AUTHORITY | {Role.PARK, Role.COMMAND, Role.DUTY},
    Permission.DISPATCH_HANDLE: AUTHORITY | {Role.PARK, Role.ENTERPRISE, Role.COMMAND},
    Permission.DISPATCH_DECIDE: frozenset({Role.CITY, Role.COMMAND}),
    Permission.DASHBOARD_READ: AUTHORITY | {Role.PARK, Role.COMMAND, Role.LEADER, Role.AUDITOR},
    Permission.JOB_READ: frozenset({Role.CITY, Role.SYSADMIN}),
    Permission.JOB_RUN: frozenset({Role.CITY, Role.SYSADMIN}),
    # The roster says who may act at a post: kept by those whose people stand there, and by who keeps the accounts.
    Permission.DUTY_READ: frozenset({Role.CITY, Role.COMMAND, Role.DUTY, Role.SECADMIN}),
    Permission.DUTY_KEEP: frozenset({Role.CITY, Role.COMMAND, Role.SECADMIN}),
    # A post sees the whole city: who stands there gains no sight that the own account has not.
    Permission.DUTY_STAND: frozenset({Role.CITY, Role.COMMAND}),
    Permission.ACCOUNT_READ: ADMINISTRATORS | AUTHORITY | {Role.PARK},
    Permission.ACCOUNT_EDIT: frozenset({Role.SECADMIN}),
    Permission.ACCOUNT_RESET: AUTHORITY | {Role.PARK, Role.SECADMIN},
    Permission.AUDIT_READ: frozenset({Role.CITY, Role.LEADER, Role.AUDITOR, Role.AUDADMIN}),
}
"""Who holds each permission. What a holder sees through it is narrowed again by the row predicates of each area.

The three administrators (三员分立): the system administrator runs jobs, the security administrator keeps accounts and
grants, the audit administrator reads the audit trail; none of them reads or writes business data.
"""

_OF_ROLE = {role: frozenset(p for p, holders in HOLDERS.items() if role in holders) for role in Role}


def permissions_of(role: Role) -> frozenset[Permission]:
    """Return all permissions of `role`."""
    return _OF_ROLE[role]
