"""Units of count (计量单位) and amounts: exact whole thousandths of the kind's own unit."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from hwrisk.errors import RuleViolation

SCALE = 1000
MAX_MILLI = 10**12
"""A thousand million of any unit; more is a slip of the pen."""
MASS, LENGTH, AREA, VOLUME = "mass", "length", "area", "volume"
_SIZES: dict[str, tuple[str, Decimal]] = {
    "吨": (MASS, Decimal(1000)), "千克": (MASS, Decimal(1)), "克": (MASS, Decimal("0.001")),
    "米": (LENGTH, Decimal(1)), "千米": (LENGTH, Decimal(1000)), "厘米": (LENGTH, Decimal("0.01")),
    "平方米": (AREA, Decimal(1)), "立方米": (VOLUME, Decimal(1000)), "升": (VOLUME, Decimal(1)),
}  # fmt: skip
_ALIASES = {
    "t": "吨", "公吨": "吨", "kg": "千克", "公斤": "千克", "㎏": "千克", "g": "克", "m": "米", "km": "千米",
    "公里": "千米", "cm": "厘米", "m2": "平方米", "m²": "平方米", "㎡": "平方米", "平米": "平方米", "m3": "立方米",
    "m³": "立方米", "方": "立方米", "l": "升", "l.": "升", "个": "只",
}  # fmt: skip
COUNTED = (
    "件", "只", "套", "台", "具", "双", "副", "袋", "块", "条", "顶", "卷", "盒", "辆", "艘", "架", "支",
    "桶", "瓶", "箱",
)  # fmt: skip
MEASURES: tuple[str, ...] = (*(name for name in _SIZES if name not in {"克", "厘米", "千米"}), *COUNTED)
"""Units a kind of material may be counted in."""
_TIMES = {"十": Decimal(10), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_AMOUNT = re.compile(r"([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?) ?([^0-9.,+\-\s].{0,7})?")


def unit_named(text: str) -> str | None:
    """Return the unit that a word means (kg → 千克), or None for no unit known here."""
    word = unicodedata.normalize("NFKC", text).strip().lower() if text not in _ALIASES else text
    found = _ALIASES.get(word, word)
    return found if found in _SIZES or found in COUNTED else None


def times_of(word: str) -> tuple[Decimal, str] | None:
    """Return what a word like 万 or 万袋 multiplies by, and the unit behind it; None where it is no multiple."""
    times = _TIMES.get(word[:1]) if unit_named(word) is None else None
    return (times, word[1:]) if times is not None and (not word[1:] or unit_named(word[1:])) else None


def split_amount(text: str) -> tuple[Decimal, str] | None:
    """Return number and unit word of `text` (`6.5吨`, `1,200 kg`, `30`), or None where it is no amount."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    found = _AMOUNT.fullmatch(plain)
    if found is None or not found[1].strip("+-"):
        return None
    return Decimal(found[1].replace(",", "")), (found[2] or "").strip()


def in_milli(number: Decimal, word: str, *, unit: str, what: str = "数量") -> int:
    """Return an amount written as `number` and unit `word` (empty: the kind's own) in thousandths of `unit`.

    Raises:
        RuleViolation: negative, finer than a thousandth, broken though counted in pieces, too large, or in a unit that
            cannot be turned into `unit`.
    """
    if number < 0:
        raise RuleViolation(f"{what}不能是负数，请核对后填写 0 或正数", field="quantity")
    exact = number * _factor(word, unit, what) * SCALE
    if exact != exact.to_integral_value():
        raise RuleViolation(f"{what}最多精确到 0.001 {unit}，请核对", field="quantity")
    if exact > MAX_MILLI:
        raise RuleViolation(f"{what}过大，请核对单位是否为{unit}", field="quantity")
    if unit in COUNTED and int(exact) % SCALE:
        raise RuleViolation(f"以{unit}计的物资只能是整数，请核对{what}", field="quantity")
    return int(exact)


def _factor(word: str, unit: str, what: str) -> Decimal:
    if not word:
        return Decimal(1)
    named = unit_named(word)
    if named == unit:
        return Decimal(1)
    if named is not None and named in _SIZES and unit in _SIZES and _SIZES[named][0] == _SIZES[unit][0]:
        return _SIZES[named][1] / _SIZES[unit][1]
    if (times := times_of(word)) is not None:
        raise RuleViolation(f"{what}后面有“{word}”，请写出完整的数字（×{times[0]}），以{unit}计", field="quantity")
    raise RuleViolation(f"{what}的单位“{word}”不能换算成{unit}，请按{unit}填写", field="quantity")


def parse_milli(text: str, *, unit: str, what: str = "数量") -> int:
    """Return the amount typed as `text` in thousandths of `unit`.

    Raises:
        RuleViolation: it is no amount, or see `in_milli`.
    """
    found = split_amount(text)
    if found is None:
        raise RuleViolation(f"{what}“{text[:20]}”不是数字，请按“6.5”或“6.5{unit}”填写", field="quantity")
    return in_milli(*found, unit=unit, what=what)


def as_number(milli: int) -> Decimal:
    """Return thousandths as the number people count in, without trailing zeros."""
    number = Decimal(milli).scaleb(-3)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def shown(milli: int | None) -> str:
    """Return an amount as it is written: separated thousands, no trailing zeros; — for None."""
    return "—" if milli is None else f"{as_number(milli):,f}"
