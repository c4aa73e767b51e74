"""Rules of substances: CAS numbers, and how names are typed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from stdnum import casrn
from stdnum.exceptions import ValidationError

from hwrisk.errors import RuleViolation
from hwrisk.resources import late

_LOOKS_LIKE_CAS = re.compile(r"[0-9]{2,7}-[0-9]{2}-[0-9]")
_LETTERS = re.compile(r"[a-z0-9]+")
_SIGNS = re.compile(r"[\s()（）·,，.、\-—_/]+")


def looks_like_cas(text: str) -> bool:
    """Tell whether `text` has the form of a CAS number, right or wrong."""
    return _LOOKS_LIKE_CAS.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None


def check_cas(text: str) -> str:
    """Return a CAS number in its usual form.

    Raises:
        RuleViolation: malformed, or its check digit is wrong.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    try:
        return str(casrn.validate(typed))
    except ValidationError:
        raise RuleViolation(f"CAS 号“{typed[:20]}”的校验位不对，请逐位核对标签或运单", field="cas") from None


def plain_name(text: str) -> str:
    """Return a name as it is compared: full-width forms made plain, small letters, without blanks and signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).lower())


@lru_cache(maxsize=8192)
def sounds_of(name: str) -> str:
    """Return initials and full pinyin of `name`, as `ls liusuan`; letters and digits stay."""
    pinyin = late("pypinyin")
    initials = "".join(pinyin.lazy_pinyin(name, style=pinyin.Style.FIRST_LETTER, errors=_kept))
    full = "".join(pinyin.lazy_pinyin(name, errors=_kept))
    return f"{initials} {full}" if initials != full else full


def sounds_of_all(*names: str) -> str:
    """Return the pinyin of all names, each once; blank names are left out."""
    return " ".join(dict.fromkeys(sounds_of(name) for name in names if name))


def _kept(run: str) -> list[str]:
    return _LETTERS.findall(run.lower())
