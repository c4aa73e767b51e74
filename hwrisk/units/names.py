"""Pinyin of names, for people who type lygsh to find 连云港石化."""

from __future__ import annotations

import re
from functools import lru_cache

from hwrisk.resources import late

_LETTERS = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=4096)
def pinyin_of(name: str) -> str:
    """Return initials and full pinyin of `name`, as `lygsh lianyungangshihua`; letters and digits stay."""
    style = late("pypinyin").Style
    lazy_pinyin = late("pypinyin").lazy_pinyin
    initials = "".join(lazy_pinyin(name, style=style.FIRST_LETTER, errors=_kept))
    full = "".join(lazy_pinyin(name, errors=_kept))
    return f"{initials} {full}" if initials != full else full


def searchable(*names: str) -> str:
    """Return the pinyin of all given names as it is stored beside a unit; blank names are left out."""
    return " ".join(dict.fromkeys(pinyin_of(name) for name in names if name))


def _kept(run: str) -> list[str]:
    return _LETTERS.findall(run.lower())
