"""The acts this service leaves in the audit trail."""

from __future__ import annotations

from hwrisk.db.types import Labelled

ACCOUNT = "account"
"""Kind under which accounts stand in the audit trail."""
POST = "duty_post"


class Action(Labelled):
    """An act on accounts, sign-ins and duty posts (账号类操作)."""

    CREATE = "account.create", "新增账号"
    EDIT = "account.edit", "修改账号信息"
    ROLE = "account.role", "变更角色"
    DISABLE = "account.disable", "停用账号"
    ENABLE = "account.enable", "启用账号"
    LOCK = "account.lock", "连续输错密码，自动锁定"
    UNLOCK = "account.unlock", "解除锁定"
    PASSWORD = "account.password", "修改密码"
    RESET = "account.reset", "重置密码"
    PIN = "account.pin", "设置值班口令"
    GRANT = "account.grant", "授权"
    REVOKE = "account.revoke", "收回授权"
    SIGN_IN = "session.sign_in", "登录"
    SIGN_OUT = "session.sign_out", "退出"
    POST_CREATE = "duty.post", "设立值班岗"
    ROSTER = "duty.roster", "排班"
    ROSTER_CANCEL = "duty.cancel", "取消排班"
    CONFIRM = "duty.confirm", "值班口令确认"
