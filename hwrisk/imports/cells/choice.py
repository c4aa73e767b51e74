"""Choices by their Chinese names, plain text and whole numbers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from hwrisk.imports.cells.base import CellError, half_width, line_of, require, whole_of

T = TypeVar("T")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


def near_names(text: str, names: Iterable[str], *, limit: int = 3) -> list[str]:
    """Return up to `limit` of `names` that look like `text`, nearest first; a name containing it comes first."""
    options = list(names)
    containing = [name for name in options if text and (text in name or name in text)]
    similar = difflib.get_close_matches(text, options, n=limit, cutoff=0.4)
    return list(dict.fromkeys([*containing, *similar]))[:limit]


def _key(text: str) -> str:
    return half_width(text).replace(" ", "").casefold()


def parse_choice(
    value: object, choices: Mapping[str, T], *, what: str = "选项", synonyms: Mapping[str, T] | None = None
) -> T:
    """Return what stands behind the chosen name; width, case and spaces do not matter, anything else does.

    Raises:
        CellError: blank, or not one of the names; near names are offered.
    """
    text = require(line_of(value), what, "、".join(list(choices)[:8]))
    known = {_key(name): option for name, option in choices.items()}
    known |= {_key(name): option for name, option in (synonyms or {}).items()}
    key = _key(text)
    if key in known:
        return known[key]
    near = near_names(text[:60], choices)
    right = "、".join(near) if near else "、".join(list(choices)[:8])
    raise CellError(f"{what}中没有“{text[:60]}”", right)


def parse_text(value: object, *, what: str = "内容", max_length: int = 200) -> str:
    """Return one line of text, trimmed; a number cell gives its digits as shown.

    Raises:
        CellError: blank, longer than `max_length`, or holding characters that cannot be shown.
    """
    text = require(line_of(value), what)
    if len(text) > max_length:
        raise CellError(f"{what}过长，最多 {max_length} 个字，现为 {len(text)} 个", f"缩短到 {max_length} 个字以内")
    return text


def parse_whole(value: object, *, what: str = "数值", minimum: int = 0, maximum: int = 10**9) -> int:
    """Return a whole number between `minimum` and `maximum`.

    Raises:
        CellError: blank, not a whole number, or out of bounds.
    """
    bounds = f"{minimum}–{maximum} 的整数"
    if isinstance(value, bool):
        raise CellError(f"{what}应为整数", bounds)
    if isinstance(value, float):
        number = whole_of(value)
        if number is None:
            raise CellError(f"{what}应为整数", bounds)
    else:
        text = half_width(require(line_of(value), what, bounds))
        if not _WHOLE.fullmatch(text):
            raise CellError(f"{what}应为整数", bounds)
        number = int(text)
    if not minimum <= number <= maximum:
        raise CellError(f"{what}超出范围", bounds)
    return number
