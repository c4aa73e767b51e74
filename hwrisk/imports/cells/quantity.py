"""Quantities in tonnes, from a cell or a form field; no float ever becomes a quantity unchecked."""

from __future__ import annotations

import math
import re
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from hwrisk.db.types import MAX_TONNES, PLACES
from hwrisk.imports.cells.base import CellError, half_width, line_of, require

EXAMPLE = "吨数，如 12.5"
MAX_LENGTH = 60
FLOAT_TOLERANCE = 1e-9
"""A spreadsheet's own rounding noise (0.1 + 0.2) stays below this; a tenth of a kilogram is 0.0001."""

_MINUS = str.maketrans("−–—﹣。", "----.")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_SCIENTIFIC = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))[eE]([+-]?[0-9]{1,3})")
_WITH_UNIT = re.compile(r"([+-]?[0-9][0-9,]*\.?[0-9]*|[+-]?\.[0-9]+) ?([^0-9.,+\-\s].{0,11})")
_TONNE_WORDS = frozenset({"t", "吨", "公吨"})
_UNITS = {
    "kg": ("千克", Decimal("0.001")), "千克": ("千克", Decimal("0.001")), "公斤": ("公斤", Decimal("0.001")),
    "㎏": ("千克", Decimal("0.001")), "斤": ("市斤", Decimal("0.0005")), "g": ("克", Decimal("0.000001")),
    "克": ("克", Decimal("0.000001")), "mg": ("毫克", Decimal("1E-9")), "万吨": ("万吨", Decimal(10_000)),
    "万t": ("万吨", Decimal(10_000)), "千吨": ("千吨", Decimal(1_000)), "万": ("万吨", Decimal(10_000)),
}  # fmt: skip
_EXACT = Context(prec=400)


def format_tonnes(value: Decimal) -> str:
    """Return tonnes as they are typed: no thousands separators, no trailing zeros, never an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_tonnes(value: object, *, positive: bool = False) -> Decimal:
    """Return tonnes with four decimals (0.1 kg), never negative; with `positive`, never zero.

    Full-width digits, well-formed thousands separators (1,234.5) and the column's own unit (5吨) are taken. A number of
    a spreadsheet within 1e-9 of four decimals (0.30000000000000004) is taken as these four decimals.

    Raises:
        CellError: blank, no number, another unit, scientific, infinite, negative, over four decimals, too large.
    """
    if isinstance(value, bool):
        raise CellError("这里要填数量，不是 TRUE/FALSE", EXAMPLE)
    if isinstance(value, (date, time, timedelta)):
        raise CellError("此格被设成了日期或时间格式，读不出数量", "把单元格格式改为“常规”后填写吨数")
    if isinstance(value, float):
        exact = _of_float(value)
    elif isinstance(value, (int, Decimal)):
        exact = Decimal(value)
    else:
        exact = _of_text(line_of(value))
    return _bounded(exact, positive=positive)


def _of_float(value: float) -> Decimal:
    if not math.isfinite(value):
        raise _infinite()
    exact = Decimal(repr(value))
    if abs(value) > MAX_TONNES:
        return exact
    near = exact.quantize(PLACES, rounding=ROUND_HALF_UP)
    noise = max(FLOAT_TOLERANCE, 4 * math.ulp(value))
    # + 0 turns the −0.0000 that is left of 0.3 − 0.1 − 0.2 into plain zero.
    return near + 0 if abs(exact - near) <= Decimal(noise) else exact


def _of_text(text: str) -> Decimal:
    text = half_width(require(text, "数量", EXAMPLE)).translate(_MINUS).strip()
    if len(text) > MAX_LENGTH:
        raise CellError(f"数量过长，共 {len(text)} 个字符", EXAMPLE)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if found := _SCIENTIFIC.fullmatch(text):
        raise _scientific(found)
    if found := _WITH_UNIT.fullmatch(text):
        return _with_unit(found[1], found[2].strip())
    raise _not_a_number(text)


def _with_unit(number: str, unit: str) -> Decimal:
    if "," in number and not _GROUPED.fullmatch(number):
        raise _not_a_number(number)
    digits = number.replace(",", "")
    unit = unit.strip("()（）[] ").lower()
    if unit in _TONNE_WORDS:
        return Decimal(digits)
    if unit in _UNITS:
        name, factor = _UNITS[unit]
        with localcontext(_EXACT):
            right = format_tonnes(Decimal(digits) * factor)
        raise CellError(f"写的单位是{name}，这里要填吨", right)
    if unit == "%":
        raise CellError("写的是百分数，这里要填吨数", EXAMPLE)
    raise CellError(f"数字后面有“{unit}”，这里只填以吨计的数字", format_tonnes(Decimal(digits)) + "（如确为吨）")


def _not_a_number(text: str) -> CellError:
    if text.lower().lstrip("+-") in {"inf", "infinity", "nan", "snan", "∞", "无穷", "无穷大"}:
        return _infinite()
    if text.startswith("(") and text.endswith(")") and _NUMBER.fullmatch(text[1:-1]):
        return CellError("数量不能为负数（括号表示负数）", EXAMPLE)
    if "," in text and set(text) <= set("0123456789,.+-"):
        return CellError("逗号的位置不对，看不出是千位分隔还是小数点", "去掉逗号，小数点用“.”，如 1234.5")
    if any(c.isdigit() and not c.isascii() for c in text):
        return CellError("数字写法不对，请用 0–9", EXAMPLE)
    if any(c in "零一二三四五六七八九十百千万两" for c in text):
        return CellError("请用数字 0–9，不用中文数字", EXAMPLE)
    return CellError("不是数字", EXAMPLE)


def _infinite() -> CellError:
    return CellError("数量必须是有限的数，不能是无穷大或“非数字”", EXAMPLE)


def _scientific(found: re.Match[str]) -> CellError:
    exponent = int(found[2])
    if abs(exponent) > 12:
        return CellError("不能用科学计数法", EXAMPLE)
    return CellError("不能用科学计数法", format_tonnes(Decimal(found[1]).scaleb(exponent)))


def _bounded(exact: Decimal, *, positive: bool) -> Decimal:
    if not exact.is_finite():
        raise _infinite()
    if exact.is_signed():
        raise CellError("数量不能为负数", format_tonnes(-exact) + "（如负号是误填）" if exact else "0")
    if exact > MAX_TONNES:
        raise CellError(f"数量过大，超过 {MAX_TONNES} 吨", "核对单位是否为吨")
    with localcontext(_EXACT):
        kept = exact.quantize(PLACES, rounding=ROUND_HALF_UP)
    if kept != exact:
        raise CellError("数量最多四位小数（精确到 0.1 千克）", format_tonnes(kept))
    if positive and kept == 0:
        raise CellError("数量必须大于 0", EXAMPLE)
    return kept
