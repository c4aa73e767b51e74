"""Days, from a date cell, a number or the ways people write them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from hwrisk.imports.cells.base import CellError, half_width, line_of, require, whole_of

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
"""A day outside is a slip of the pen; days within can be reckoned on without leaving the calendar."""
EXAMPLE = "如 2026-11-23"
_EXCEL_EPOCH = date(1899, 12, 30)
_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2}(?:\.[0-9]+)?)?)?"
_FORMS = tuple(
    re.compile(form + _TIME)
    for form in (
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
        r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})",
        r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})",
        r"([0-9]{4}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?[日号]?",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
    )
)
_MONTH_ONLY = re.compile(r"[0-9]{4}[-/.年]?[0-9]{1,2}月?")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?")
_YEAR_LAST = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}")
_DASHES = str.maketrans("−–—﹣", "----")


def parse_day(value: object, *, as_of: date | None = None, earliest: date = EARLIEST) -> date:
    """Return the day; with `as_of`, no later than that day. A time of day is dropped.

    Taken: date cells, 2026-11-23, 2026/11/23, 2026.11.23, 2026年11月23日, 20261123, also with full-width digits.

    Raises:
        CellError: blank, no such day, an unclear way of writing, after `as_of` or `LATEST`, or before `earliest`.
    """
    day = _day_of(value)
    if day < earliest:
        raise CellError(f"日期 {day.isoformat()} 早于 {earliest.isoformat()}", "核对年份")
    if as_of is not None and day > as_of:
        raise CellError(f"日期 {day.isoformat()} 晚于 {as_of.isoformat()}，不能填未来的日期", "核对年份和月份")
    if day > LATEST:
        raise CellError(f"日期 {day.isoformat()} 晚于 {LATEST.isoformat()}", "核对年份")
    return day


def _day_of(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (bool, time, timedelta)):
        raise CellError("这里要填日期", EXAMPLE)
    if isinstance(value, (int, float)):
        return _of_number(value)
    return _of_text(half_width(require(line_of(value), "日期", EXAMPLE)).translate(_DASHES))


def _of_number(value: float) -> date:
    number = whole_of(value)
    if number is not None:
        if 10_000_000 <= number <= 99_991_231:
            return _of_text(str(number))
        serial = _of_serial(number)
        if serial is not None:
            raise CellError("此格是数字而不是日期，可能是日期的序号", f"把单元格格式改为日期（{serial.isoformat()}）")
    raise CellError("此格是数字，看不出是哪一天", EXAMPLE)


def _of_serial(value: int) -> date | None:
    # 1990-01-01 to 2099-12-31 as Excel counts days; outside it is no date anybody meant.
    return _EXCEL_EPOCH + timedelta(days=value) if 32_874 <= value <= 73_050 else None


def _of_text(text: str) -> date:
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _calendar_day(int(found[1]), int(found[2]), int(found[3]))
    if _YEAR_LAST.fullmatch(text):
        raise CellError("年份写在最后，分不清月和日", "按 年-月-日 填写，" + EXAMPLE)
    if _SHORT_YEAR.fullmatch(text):
        raise CellError("年份要写四位", "按 年-月-日 填写，" + EXAMPLE)
    if _MONTH_ONLY.fullmatch(text):
        raise CellError("缺少日，要写到哪一天", EXAMPLE)
    raise CellError("看不出是哪一天", "按 年-月-日 填写，" + EXAMPLE)


def _calendar_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError(f"没有 {year} 年 {month} 月 {day} 日这一天", "核对日历，" + EXAMPLE) from None
