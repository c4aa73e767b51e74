"""Invented names and wastes of the demonstration; nothing here is a real enterprise or person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from stdnum.cn import uscc

from hwrisk.units.models import ManagementClass, UnitRole, UnitStatus

NUMERALS = "一二三四五六七八九"


class Waste(NamedTuple):
    """A waste a kind of enterprise has: code, own name, usual tonnes a batch."""

    code: str
    name: str
    tonnes: str


@dataclass(frozen=True)
class Trade:
    """A kind of enterprise in the demonstration."""

    suffix: str
    role: UnitRole
    management_class: ManagementClass
    count: int
    cycle_days: int
    """Days between two entries into storage."""
    wastes: tuple[Waste, ...]


KEY, SIMPLIFIED, REGISTERED = ManagementClass.KEY, ManagementClass.SIMPLIFIED, ManagementClass.REGISTERED
TRADES: tuple[Trade, ...] = (
    Trade("化工有限公司", UnitRole.GENERATOR, KEY, 10, 6, (
        Waste("900-013-11", "精馏残渣", "3.2400"), Waste("261-084-45", "蒸发结晶盐", "8.5000"),
        Waste("900-041-49", "沾染包装物", "0.8600"))),
    Trade("医药化工有限公司", UnitRole.GENERATOR, KEY, 6, 9, (
        Waste("271-001-02", "清釜残液", "2.1800"), Waste("900-047-49", "实验室废液", "0.1200"),
        Waste("900-404-06", "废有机溶剂", "4.6000"))),
    Trade("新材料有限公司", UnitRole.GENERATOR, SIMPLIFIED, 14, 28, (
        Waste("900-252-12", "漆渣", "0.4200"), Waste("900-041-49", "废包装桶", "0.3500"),
        Waste("900-039-49", "废活性炭", "1.1000"))),
    Trade("汽车维修厂", UnitRole.GENERATOR, REGISTERED, 14, 60, (
        Waste("900-214-08", "废机油", "0.3200"), Waste("900-052-31", "废铅蓄电池", "0.1800"))),
    Trade("医院", UnitRole.MEDICAL, SIMPLIFIED, 4, 30, (
        Waste("900-047-49", "检验废液", "0.0600"),)),
    Trade("环保科技有限公司", UnitRole.OPERATOR, KEY, 5, 10, (
        Waste("772-003-18", "焚烧飞灰", "6.4000"), Waste("772-006-49", "物化污泥", "3.9000"))),
    Trade("再生资源有限公司", UnitRole.COLLECTOR, KEY, 3, 12, (
        Waste("900-214-08", "废矿物油", "5.2000"), Waste("900-249-08", "含油废物", "1.4000"))),
    Trade("小微收集有限公司", UnitRole.PILOT_COLLECTOR, KEY, 2, 14, (
        Waste("900-041-49", "小微混收包装物", "0.9000"), Waste("900-039-49", "小微废活性炭", "0.7000"))),
)  # fmt: skip
OFFICES: tuple[tuple[str, str | None, str | None], ...] = (
    ("LYG-XW", None, "LYG-P-SHJD"), ("LYG-GNX", "320724", "LYG-P-GNHG"), ("LYG-GYX", "320723", "LYG-P-GYLG"),
    ("LYG-GYQ", "320707", None), ("LYG-HZ", "320706", None), ("LYG-LY", "320703", None), ("LYG-DH", "320722", None),
    ("LYG-KFQ", None, None), ("LYG-GXQ", None, None), ("LYG-YTS", None, None),
)  # fmt: skip
"""Supervising office, administrative division where a source states it, park code."""
STATUS_OF_PLACE = {
    7: UnitStatus.CLOSED_UNCLEARED,
    12: UnitStatus.CLOSED_UNCLEARED,
    21: UnitStatus.SUSPENDED,
}
"""Places in the list of units (from 0) that are not simply operating."""


def numeral(number: int) -> str:
    """Return a number from 1 to 9999 in Chinese: 7 → 七, 21 → 二十一, 105 → 一百零五."""
    said, gap = "", False
    for unit, place in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // place % 10
        if not digit:
            gap = bool(said)
            continue
        said += ("零" if gap else "") + NUMERALS[digit - 1] + unit
        gap = False
    # Ten to nineteen alone are said without the one: 十二, but 一百一十二.
    return said.removeprefix("一") if 10 <= number < 20 else said


def invented_uscc(number: int) -> str:
    """Return a social credit code that passes its check digit and belongs to nobody (DEM… is no organisation code)."""
    stem = f"91320700DEM{number:06d}"
    return stem + str(uscc.calc_check_digit(stem))
