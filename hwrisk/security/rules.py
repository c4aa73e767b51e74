"""Pure rules of accounts: names, passwords, PINs, waits, and how long a sign-in lasts."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime, timedelta
from itertools import pairwise

from hwrisk.errors import RuleViolation
from hwrisk.security.policy import PasswordRules, SignInRules
from hwrisk.security.roles import Role

MAX_PASSWORD_LENGTH = 128
"""Longer texts are no passwords but attempts to keep the server busy."""
PIN_LENGTH = 6
_USERNAME = re.compile(r"[\w.@-]{2,64}")
_RUN_LENGTH = 4
_MAX_DOUBLINGS = 20
LONGEST_SHIFT = timedelta(days=7)
FURTHEST_SHIFT = timedelta(days=366)
"""A shift that is longer, or further ahead, is a slip of the pen."""


def normal_username(typed: str) -> str:
    """Return the one form of a sign-in name: half-width, small letters, without spaces around."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def check_username(username: str) -> None:
    """Refuse a name, in its normal form, that is not 2 to 64 letters, digits, `.`, `_`, `@` or `-`.

    Raises:
        RuleViolation: the name has another form.
    """
    if not _USERNAME.fullmatch(username):
        raise RuleViolation("用户名须为 2—64 位文字、数字或 . _ @ -", field="username")


def normal_password(typed: str) -> str:
    """Return the one form of a password: full-width signs of a Chinese keyboard count as half-width ones."""
    return unicodedata.normalize("NFKC", typed)


def check_password(password: str, *, username: str, rules: PasswordRules) -> None:
    """Refuse a password that is too short, too simple, or easily guessed.

    Raises:
        RuleViolation: the message says what is missing.
    """
    faults = password_faults(normal_password(password), username=username, rules=rules)
    if faults:
        raise RuleViolation("密码" + "；".join(faults), field="password")


def password_faults(password: str, *, username: str, rules: PasswordRules) -> list[str]:
    """Return what is wrong with a password in its normal form, in Chinese; an empty list means nothing."""
    kinds = {_kind(sign) for sign in password}
    found = [
        (len(password) < rules.min_length, f"至少 {rules.min_length} 位"),
        (len(password) > MAX_PASSWORD_LENGTH, f"最多 {MAX_PASSWORD_LENGTH} 位"),
        (len(kinds) < rules.min_kinds, f"须含大写字母、小写字母、数字、符号中的 {rules.min_kinds} 类"),
        (len(username) > 2 and username in password.casefold(), "不得包含用户名"),
        (_has_run(password.casefold()), f"不得含 {_RUN_LENGTH} 位以上相同或连续的字符"),
        (any(unicodedata.category(sign) == "Cc" for sign in password), "不得含控制字符"),
    ]
    return [said for wrong, said in found if wrong]


def _kind(sign: str) -> str:
    if sign.isupper():
        return "upper"
    if sign.islower():
        return "lower"
    return "digit" if sign.isdigit() else "other"


def _has_run(text: str) -> bool:
    """Tell whether signs repeat or count up or down, as in 1111, abcd or 4321."""
    for start in range(len(text) - _RUN_LENGTH + 1):
        codes = [ord(sign) for sign in text[start : start + _RUN_LENGTH]]
        steps = {later - former for former, later in pairwise(codes)}
        if len(steps) == 1 and steps <= {-1, 0, 1}:
            return True
    return False


def check_pin(pin: str) -> None:
    """Refuse a PIN that is not six digits, or that is easily guessed.

    Raises:
        RuleViolation: the message says what is missing.
    """
    if not (len(pin) == PIN_LENGTH and pin.isascii() and pin.isdigit()):
        raise RuleViolation(f"值班口令须为 {PIN_LENGTH} 位数字", field="pin")
    if is_weak_pin(pin):
        raise RuleViolation("值班口令过于简单，请勿使用重复或连续的数字", field="pin")


def is_weak_pin(pin: str) -> bool:
    """Tell whether six digits are easily guessed: they run up or down, or are only two."""
    return _has_run(pin) or len(set(pin)) <= 2


def check_shift(starts_at: datetime, ends_at: datetime, *, at: datetime) -> None:
    """Refuse a shift [starts_at, ends_at) that is reversed, lies in the past of `at`, or is plainly a slip.

    Raises:
        RuleViolation: the message says what to change.
    """
    if ends_at <= starts_at:
        raise RuleViolation("下班时间必须晚于上班时间；跨零点的班，下班日期填第二天", field="ends_at")
    if ends_at <= at:
        raise RuleViolation("这个时段已经过去，值班表只排现在和以后的班", field="ends_at")
    if starts_at < at:
        raise RuleViolation("上班时间已经过去；现在就上班的，上班时间不填", field="starts_at")
    if ends_at - starts_at > LONGEST_SHIFT:
        raise RuleViolation(f"一班最长 {LONGEST_SHIFT.days} 天，请核对日期，或分成几班排", field="ends_at")
    if starts_at > at + FURTHEST_SHIFT:
        raise RuleViolation("上班时间在一年以后，请核对年份", field="starts_at")


def wait_after(failures: int, *, rules: SignInRules) -> timedelta:
    """Return how long an address waits after its last failure when `failures` lie within the window."""
    excess = failures - rules.address_free_failures
    if excess <= 0:
        return timedelta(0)
    return timedelta(seconds=min(2 ** min(excess - 1, _MAX_DOUBLINGS), rules.address_max_wait_s))


def session_end(
    role: Role, *, created_at: datetime, last_seen_at: datetime, idle_hours: int, rules: SignInRules
) -> datetime:
    """Return the instant at which a sign-in ends by itself."""
    if role is Role.DUTY:
        # The device of a duty post stays open for reading during the whole shift, also when nobody touches it.
        return created_at + timedelta(hours=rules.duty_session_hours)
    return min(last_seen_at + timedelta(hours=idle_hours), created_at + timedelta(hours=rules.session_max_hours))


def is_password_old(role: Role, set_at: datetime | None, *, at: datetime, rules: PasswordRules) -> bool:
    """Tell whether a password must be changed for its age; a duty post is never held up by that."""
    if role is Role.DUTY or set_at is None or not rules.expires_days:
        return False
    return at >= set_at + timedelta(days=rules.expires_days)


def fingerprint(secret: str) -> str:
    """Return the SHA-256, in hex, under which a token or a typed name is stored."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
