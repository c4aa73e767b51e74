"""Hashes of passwords and PINs (argon2id), and fresh secrets."""

from __future__ import annotations

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hwrisk.security.policy import PasswordRules
from hwrisk.security.rules import MAX_PASSWORD_LENGTH, PIN_LENGTH, is_weak_pin, normal_password, password_faults

TOKEN_BYTES = 32
ONE_TIME_LENGTH = 14
_READABLE = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789-+="
"""Without what is mistaken when read from paper: 0 and O, 1, l and I."""


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe())


def hash_secret(secret: str) -> str:
    """Return the argon2id hash of a password or PIN; takes some tens of milliseconds on purpose."""
    return _hasher().hash(normal_password(secret))


def matches(stored: str | None, typed: str) -> bool:
    """Tell whether `typed` is the secret behind the hash `stored`; without one it takes as long and is False."""
    if len(typed) > MAX_PASSWORD_LENGTH:
        return False
    try:
        return _hasher().verify(stored or _nobodys_hash(), normal_password(typed)) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def new_token() -> str:
    """Return a fresh random token of 256 bits for a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_pin() -> str:
    """Return a fresh random PIN that fulfils the rules."""
    while True:
        made = f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}d}"
        if not is_weak_pin(made):
            return made


def new_one_time_password(username: str) -> str:
    """Return a fresh random password that is easy to read aloud and fulfils the rules."""
    strict = PasswordRules(min_length=ONE_TIME_LENGTH, min_kinds=4)
    while True:
        made = "".join(secrets.choice(_READABLE) for _ in range(ONE_TIME_LENGTH))
        if not password_faults(made, username=username, rules=strict):
            return made
