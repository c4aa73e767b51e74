"""Writing: accounts, grants, sign-ins, duty posts, retention."""

from hwrisk.security.operations.accounts import (
    change_role,
    create_account,
    disable_account,
    enable_account,
    reset_password,
    set_password,
    set_pin,
    unlock_account,
    update_account,
)
from hwrisk.security.operations.duty import (
    cancel_shift,
    confirm_pin,
    create_post,
    enter_shifts,
    put_on_roster,
    withdraw_shift,
)
from hwrisk.security.operations.entry import change_password, change_pin, sign_in
from hwrisk.security.operations.grants import grant, revoke
from hwrisk.security.operations.retention import forget_attempts, forget_old, forget_sessions
from hwrisk.security.operations.sessions import end_sessions, open_session, sign_out, touch_session

__all__ = [
    "cancel_shift",
    "change_password",
    "change_pin",
    "change_role",
    "confirm_pin",
    "create_account",
    "create_post",
    "disable_account",
    "enable_account",
    "end_sessions",
    "enter_shifts",
    "forget_attempts",
    "forget_old",
    "forget_sessions",
    "grant",
    "open_session",
    "put_on_roster",
    "reset_password",
    "revoke",
    "set_password",
    "set_pin",
    "sign_in",
    "sign_out",
    "touch_session",
    "unlock_account",
    "update_account",
    "withdraw_shift",
]
