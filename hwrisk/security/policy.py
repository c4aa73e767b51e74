"""Settings of passwords and sign-ins, read from the environment once.

等保 (GB/T 22239-2019, clause 待核) asks for rules of this kind; no figure below could be verified in an official text,
so each default marked 待核 is the bureau's own choice and can be set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, TypeVar

from hwrisk.errors import SetupError

P = TypeVar("P", bound="PasswordRules | SignInRules")


@dataclass(frozen=True, kw_only=True)
class PasswordRules:
    """What a password must be; each field is the variable HWRISK_PASSWORD_<NAME>."""

    min_length: int = 8
    """Least number of characters (待核)."""
    min_kinds: int = 3
    """How many of the four kinds capital, small letter, digit, other sign must occur (待核)."""
    expires_days: int = 90
    """Days after which a password must be changed, 0 for never (待核); not asked of duty posts."""
    history: int = 5
    """How many earlier passwords may not be used again (待核)."""
    one_time_hours: int = 72
    """Hours during which a one-time password opens."""


@dataclass(frozen=True, kw_only=True)
class SignInRules:
    """What limits sign-ins; each field is the variable HWRISK_SIGNIN_<NAME>."""

    max_failures: int = 5
    """Wrong passwords in a row that lock an account; a duty post is never locked (待核)."""
    lock_minutes: int = 30
    """How long a lock holds (待核)."""
    address_free_failures: int = 10
    """Failures from one address, within the window, that do not slow it yet."""
    address_window_minutes: int = 15
    """How long a failure counts against its address."""
    address_max_wait_s: int = 60
    """Longest wait, in seconds, that failures can bring an address; it doubles from one second."""
    session_max_hours: int = 24
    """Hours after which a sign-in ends even when it is in use."""
    duty_session_hours: int = 36
    """Hours a duty post's device stays signed in, used or not: a shift of a day, and margin for the hand-over."""
    kept_days: int = 180
    """Days that ended sign-ins and attempts are kept (待核)."""


@lru_cache(maxsize=1)
def password_rules() -> PasswordRules:
    """Return the password rules of this process."""
    return read_rules(PasswordRules, "HWRISK_PASSWORD_", os.environ)


@lru_cache(maxsize=1)
def signin_rules() -> SignInRules:
    """Return the sign-in rules of this process."""
    return read_rules(SignInRules, "HWRISK_SIGNIN_", os.environ)


def read_rules(rules: type[P], prefix: str, environ: Mapping[str, str]) -> P:
    """Return `rules` with the values given in `environ`.

    Raises:
        SetupError: a value is not a whole number.
    """
    given: dict[str, Any] = {}
    for field in fields(rules):
        name = prefix + field.name.upper()
        text = environ.get(name, "").strip()
        if not text:
            continue
        if not (text.isascii() and text.isdigit()):
            raise SetupError(f"环境变量 {name} 应为非负整数，现为“{text}”，请改正后重新启动")
        given[field.name] = int(text)
    return rules(**given)
