"""Kinds of enterprise of the invented city: what waste each has, how much a year, where they lie, where it goes.

Shares by size follow the published figures of a chemical park of the province (seeds/demo/calibration_facts.csv): the
16 % of the units with 1,000 t a year and more have 75.7 % of the waste, the 9 % with 500 to 1,000 t have 13.7 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hwrisk.db.types import Labelled
from hwrisk.units.models import UnitRole


class Route(Labelled):
    """Where a waste goes (去向)."""

    OWN = "own", "自行利用处置"
    BURN = "burn", "焚烧"
    BURY = "bury", "填埋"
    TREAT = "treat", "物化处理"
    REUSE = "reuse", "综合利用"
    OIL = "oil", "废矿物油收集"
    SMALL = "small", "小微收集"
    MEDICAL = "medical", "医疗废物集中处置"


METHODS = {
    Route.BURN: "D10", Route.BURY: "D1", Route.TREAT: "D9", Route.REUSE: "R4", Route.OIL: "R9", Route.SMALL: "D10",
    Route.MEDICAL: "Y11",
}  # fmt: skip


class Stream(NamedTuple):
    """One waste of a branch."""

    code: str
    name: str
    share: float
    """Part of the unit's tonnes; the shares of a branch add up to 1."""
    route: Route
    method: str = ""
    """Method code where it is not the usual one of the route."""


class Size(NamedTuple):
    """Some of the units of a branch have so much waste a year."""

    share: float
    low: int
    high: int
    """Tonnes a year."""


@dataclass(frozen=True)
class Branch:
    """A kind of enterprise (行业)."""

    suffix: str
    count: int
    """Units in the city at scale 1."""
    industry: str
    """GB/T 4754—2017."""
    sizes: tuple[Size, ...]
    area: str
    """Which of `AREAS` says where its units lie."""
    streams: tuple[Stream, ...]
    role: UnitRole = UnitRole.GENERATOR


AREAS: dict[str, tuple[tuple[str, int], ...]] = {
    "park": (("LYG-XW", 26), ("LYG-GNX", 30), ("LYG-GYX", 26), ("LYG-GYQ", 18)),
    "works": (
        ("LYG-KFQ", 24), ("LYG-HZ", 16), ("LYG-GYQ", 15), ("LYG-DH", 14), ("LYG-GYX", 9), ("LYG-GNX", 8),
        ("LYG-LY", 7), ("LYG-GXQ", 5), ("LYG-XW", 2),
    ),
    "town": (
        ("LYG-HZ", 20), ("LYG-DH", 20), ("LYG-GYQ", 19), ("LYG-GYX", 16), ("LYG-GNX", 12), ("LYG-LY", 6),
        ("LYG-KFQ", 4), ("LYG-GXQ", 2), ("LYG-YTS", 1),
    ),
}  # fmt: skip
"""Supervising offices and their weights: chemical parks, workshops, and what there is wherever people live."""
PRODUCERS = (Size(0.16, 1000, 6000), Size(0.12, 500, 1000), Size(0.30, 60, 220), Size(0.42, 10, 70))
WORKSHOPS = (Size(0.12, 100, 260), Size(0.48, 10, 60), Size(0.40, 2, 10))
SMALL_WORKS = (Size(0.05, 10, 25), Size(0.55, 1, 8), Size(0.40, 0, 1))
TINY = (Size(1.0, 0, 2),)
B, G, T, R = Route.BURN, Route.BURY, Route.TREAT, Route.REUSE
BRANCHES: tuple[Branch, ...] = (
    Branch("化工有限公司", 92, "2614", PRODUCERS, "park", (
        Stream("900-349-34", "废硫酸", 0.50, Route.OWN, "R6"), Stream("900-013-11", "精馏残渣", 0.14, B),
        Stream("900-402-06", "废有机溶剂", 0.18, Route.OWN, "R2"), Stream("261-084-45", "蒸发结晶盐", 0.11, G),
        Stream("900-039-49", "废活性炭", 0.05, B), Stream("900-041-49", "沾染包装物", 0.02, B))),
    Branch("精细化工有限公司", 48, "2645", PRODUCERS, "park", (
        Stream("264-011-12", "染料母液残渣", 0.19, B), Stream("900-300-34", "废盐酸", 0.55, Route.OWN, "R6"),
        Stream("900-404-06", "废甲苯", 0.20, Route.OWN, "R2"), Stream("900-041-49", "废包装袋", 0.06, B))),
    Branch("医药化工有限公司", 34, "2710", PRODUCERS, "park", (
        Stream("271-002-02", "反应母液", 0.56, Route.OWN, "D10"), Stream("271-001-02", "釜残", 0.14, B),
        Stream("271-003-02", "脱色滤料", 0.07, B), Stream("900-402-06", "废丙酮", 0.18, R, "R2"),
        Stream("900-047-49", "实验室废液", 0.05, B))),
    Branch("作物科学有限公司", 18, "2631", PRODUCERS, "park", (
        Stream("263-009-04", "农药母液", 0.60, Route.OWN, "D10"), Stream("263-008-04", "蒸馏残渣", 0.21, B),
        Stream("263-010-04", "废滤料", 0.12, B), Stream("900-041-49", "废包装桶", 0.07, B))),
    Branch("表面处理有限公司", 40, "3360", WORKSHOPS, "works", (
        Stream("336-054-17", "含镍污泥", 0.35, R), Stream("336-064-17", "酸洗废液", 0.40, T),
        Stream("336-063-17", "电镀污泥", 0.25, R))),
    Branch("机械制造有限公司", 92, "3484", WORKSHOPS, "works", (
        Stream("900-006-09", "废切削液", 0.50, T), Stream("900-249-08", "废液压油", 0.25, R, "R9"),
        Stream("900-252-12", "漆渣", 0.15, B), Stream("900-041-49", "废包装桶", 0.10, B))),
    Branch("电子材料有限公司", 34, "3985", WORKSHOPS, "works", (
        Stream("900-300-34", "废混酸", 0.60, T), Stream("900-402-06", "废溶剂", 0.25, R, "R2"),
        Stream("900-041-49", "沾染包装物", 0.15, B))),
    Branch("垃圾焚烧发电有限公司", 4, "4417", (Size(1.0, 2000, 3200),), "town", (
        Stream("772-002-18", "焚烧飞灰", 1.0, G),)),
    Branch("热电有限公司", 6, "4412", (Size(1.0, 20, 90),), "works", (
        Stream("772-007-50", "废催化剂", 0.7, R), Stream("900-249-08", "废润滑油", 0.3, R, "R9"))),
    Branch("塑料制品有限公司", 86, "2929", SMALL_WORKS, "works", (
        Stream("900-039-49", "废活性炭", 0.6, B), Stream("900-041-49", "废包装桶", 0.25, Route.SMALL),
        Stream("900-249-08", "废液压油", 0.15, Route.OIL))),
    Branch("印刷包装有限公司", 56, "2319", SMALL_WORKS, "works", (
        Stream("900-253-12", "废油墨", 0.5, B), Stream("900-041-49", "废包装桶", 0.5, Route.SMALL))),
    Branch("家具有限公司", 52, "2110", SMALL_WORKS, "works", (
        Stream("900-252-12", "漆渣", 0.55, B), Stream("900-039-49", "废活性炭", 0.45, Route.SMALL))),
    Branch("汽车维修厂", 196, "8111", (Size(0.06, 10, 16), Size(0.64, 1, 6), Size(0.30, 0, 1)), "town", (
        Stream("900-214-08", "废机油", 0.70, Route.OIL), Stream("900-052-31", "废铅蓄电池", 0.22, R),
        Stream("900-041-49", "废机油滤芯", 0.08, Route.SMALL))),
    Branch("加油站", 62, "5265", TINY, "town", (
        Stream("900-221-08", "油罐清洗油泥", 0.8, B), Stream("900-041-49", "废吸油毡", 0.2, Route.SMALL))),
    Branch("检测技术有限公司", 28, "7452", TINY, "works", (
        Stream("900-047-49", "检测废液", 0.8, Route.SMALL), Stream("900-999-49", "废试剂", 0.2, Route.SMALL))),
    Branch("高级中学", 44, "8334", TINY, "town", (
        Stream("900-047-49", "实验室废液", 1.0, Route.SMALL),)),
    Branch("医院", 18, "8411", (Size(0.3, 150, 380), Size(0.7, 12, 80)), "town", (
        Stream("841-001-01", "感染性废物", 0.80, Route.MEDICAL),
        Stream("841-002-01", "损伤性废物", 0.15, Route.MEDICAL),
        Stream("900-047-49", "检验废液", 0.05, Route.SMALL)), UnitRole.MEDICAL),
    Branch("诊所", 150, "8425", TINY, "town", (
        Stream("841-001-01", "感染性废物", 0.85, Route.MEDICAL),
        Stream("841-002-01", "损伤性废物", 0.15, Route.MEDICAL)), UnitRole.MEDICAL),
)  # fmt: skip
SHORT = {
    "LYG-XW": "徐圩", "LYG-GNX": "灌南", "LYG-GYX": "灌云", "LYG-GYQ": "赣榆", "LYG-HZ": "海州", "LYG-LY": "连云",
    "LYG-DH": "东海", "LYG-KFQ": "开发区", "LYG-GXQ": "高新区", "LYG-YTS": "云台山",
}  # fmt: skip
"""What people call the area of an office, in names of units."""
