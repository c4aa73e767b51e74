"""Cubic metres, cubic metres an hour and hectares: exact in the database, one parser for cells and form fields."""

from __future__ import annotations

import math
import re
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

from hwrisk.db.types import TonnesType
from hwrisk.imports.cells import CellError, format_tonnes, half_width, line_of

MAX_DIGITS = 40
_TIMES = {"十": Decimal(10), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
"""Multiples people write behind a number: 1.2万 is 12 000, whatever the unit."""
PLACES = Decimal("0.0001")
NOISE = Decimal("1e-9")
_NUMBER = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?)) ?([^0-9.,+\-].{0,11})?"
)
_MINUS = str.maketrans("−–—﹣", "----")


class CubicMetresType(TonnesType):
    """Exact m³ (or m³/h) with four decimals, stored as whole 0.1 litre in a BIGINT; reckons as `TonnesType` does."""

    cache_ok = True


class Measure(NamedTuple):
    """A kind of quantity people type: its name, its unit, how the unit may be written, and where it ends."""

    what: str
    unit: str
    own: frozenset[str]
    """Ways of writing the unit that are taken."""
    others: dict[str, tuple[str, Decimal]]
    """Other units by their writing: Chinese name, and the factor to ours; refused with the right figure."""
    maximum: Decimal
    too_large: str


_VOLUME_WORDS = frozenset({"m3", "m³", "立方米", "立方", "方"})
VOLUME = Measure(
    "容积", "立方米", _VOLUME_WORDS,
    {**dict.fromkeys(("万m3", "万m³", "万立方米", "万方"), ("万立方米", Decimal(10_000))),
     **dict.fromkeys(("l", "升"), ("升", Decimal("0.001")))},
    Decimal(100_000_000), "核对单位是否为立方米",
)  # fmt: skip
FLOW = Measure(
    "流量", "立方米/小时", frozenset({"m3/h", "m³/h", "立方米/小时", "立方米每小时", "方/小时"}),
    {**dict.fromkeys(("m3/s", "m³/s", "立方米/秒"), ("立方米/秒", Decimal(3600))),
     **dict.fromkeys(("l/s", "升/秒"), ("升/秒", Decimal("3.6")))},
    Decimal(10_000_000), "核对单位是否为立方米/小时",
)  # fmt: skip
AREA = Measure(
    "汇水面积", "公顷", frozenset({"ha", "公顷", "hm2", "hm²"}),
    {**dict.fromkeys(("m2", "m²", "平方米", "平米"), ("平方米", PLACES)), "亩": ("亩", Decimal("0.066667")),
     **dict.fromkeys(("km2", "km²", "平方公里", "平方千米"), ("平方千米", Decimal(100)))},
    Decimal(1_000_000), "核对单位是否为公顷（1 公顷 = 10 000 平方米）",
)  # fmt: skip
RAIN = Measure("降雨量", "毫米", frozenset({"mm", "毫米"}), {}, Decimal(100_000), "核对单位是否为毫米")
DAYS = Measure("天数", "天", frozenset({"d", "天", "日"}), {}, Decimal(366), "一年至多 366 天")
HOURS = Measure(
    "历时", "小时", frozenset({"h", "小时"}), dict.fromkeys(("min", "分钟"), ("分钟", Decimal(1) / 60)),
    Decimal(240), "核对单位是否为小时",
)  # fmt: skip


def parse_measure(value: object, measure: Measure, *, positive: bool = False) -> Decimal:
    """Return a quantity with four decimals in the unit of `measure`, never negative; with `positive` never zero.

    Raises:
        CellError: blank, no number, another unit, negative, over four decimals, or implausibly large.
    """
    if isinstance(value, (bool, date, time, timedelta)):
        raise CellError(f"{measure.what}要填数字", f"以{measure.unit}计的数字，如 1200")
    exact = _number(value, measure)
    if exact < 0:
        raise CellError(f"{measure.what}不能为负数", f"{format_tonnes(-exact)}（如负号是误填）")
    if exact > measure.maximum:
        raise CellError(f"{measure.what}过大，超过 {measure.maximum:,} {measure.unit}", measure.too_large)
    kept = exact.quantize(PLACES, rounding=ROUND_HALF_UP)
    if abs(kept - exact) > NOISE:
        raise CellError(f"{measure.what}最多四位小数", format_tonnes(kept))
    if positive and kept == 0:
        raise CellError(f"{measure.what}必须大于 0", f"以{measure.unit}计的数字，如 1200")
    return kept + 0


def _number(value: object, measure: Measure) -> Decimal:
    if isinstance(value, (int, Decimal)):
        return _finite(Decimal(value), measure)
    if isinstance(value, float):
        return _finite(Decimal(repr(value)) if math.isfinite(value) else Decimal("NaN"), measure)
    text = half_width(line_of(value)).translate(_MINUS).strip()
    if not text:
        raise CellError(f"{measure.what}不能为空", f"以{measure.unit}计的数字，如 1200")
    found = _NUMBER.fullmatch(text) if len(text) <= MAX_DIGITS else None
    if found is None:
        raise CellError(f"{measure.what}“{text[:MAX_DIGITS]}”不是数字", f"以{measure.unit}计的数字，如 1200")
    try:
        number = Decimal(found[1].replace(",", ""))
    except InvalidOperation as error:
        raise CellError(f"{measure.what}不是数字", f"以{measure.unit}计的数字，如 1200") from error
    return _of_unit(number, (found[2] or "").strip("()（）[] ").lower(), measure)


def _of_unit(number: Decimal, unit: str, measure: Measure) -> Decimal:
    if not unit or unit in measure.own:
        return number
    if unit in measure.others:
        name, factor = measure.others[unit]
        right = (number * factor).quantize(PLACES, rounding=ROUND_HALF_UP)
        raise CellError(f"写的单位是{name}，这里要填{measure.unit}", format_tonnes(right))
    times = _TIMES.get(unit[:1])
    if times is not None and (not unit[1:] or unit[1:] in measure.own):
        right = (number * times).quantize(PLACES, rounding=ROUND_HALF_UP)
        raise CellError(f"数字后面有“{unit[:1]}”，这里要写出完整的数字，单位{measure.unit}", format_tonnes(right))
    right_if = f"{format_tonnes(number)}（如确为{measure.unit}）"
    raise CellError(f"数字后面有“{unit}”，这里只填以{measure.unit}计的数字", right_if)


def _finite(number: Decimal, measure: Measure) -> Decimal:
    if not number.is_finite():
        raise CellError(f"{measure.what}必须是有限的数", f"以{measure.unit}计的数字，如 1200")
    return number


def cubic_metres(value: Decimal | None) -> str:
    """Return m³ for a page: separated thousands, no trailing zeros; — where there is no figure."""
    if value is None:
        return "—"
    text = f"{value:,.4f}"
    return text.rstrip("0").rstrip(".")
