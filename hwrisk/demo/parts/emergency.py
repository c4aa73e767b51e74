"""Invented depots, lots and dispatches (演示), and the few figures that were published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from hwrisk.catalogue.chemicals.models import ChemicalSubstance
from hwrisk.demo.parts.context import DemoContext
from hwrisk.emergency.models import (
    Compatibility,
    Depot,
    DepotLevel,
    MaterialKind,
    Place,
    ReviewState,
    StorageMode,
    SubstanceMaterial,
)
from hwrisk.emergency.operations import depots, dispatch, kinds, lots
from hwrisk.emergency.operations.dispatch import Settlement
from hwrisk.emergency.operations.hand import Hand
from hwrisk.regions.geodesy import Point
from hwrisk.units.queries import versions_on

PERSON = "应急指挥中心 演示-周八"
PLAN = "《连云港市“十四五”生态环境保护规划》所列物资库；地址、坐标、电话和库存均为演示"
CITY_DEPOTS = (
    ("赣榆区环境应急物资库（演示）", "P-GYQ", "LYG-GYQ"), ("东海县环境应急物资库（演示）", "P-DH", "LYG-DH"),
    ("灌云县环境应急物资库（演示）", "P-GYX", "LYG-GYX"), ("灌南县环境应急物资库（演示）", "P-GNX", "LYG-GNX"),
    ("沿海环境应急物资库（演示）", "P-LY", "LYG-LY"),
)  # fmt: skip
PARKS = ("LYG-P-SHJD", "LYG-P-ZWLG", "LYG-P-GYLG", "LYG-P-GNHG")
OFFICES = {"LYG-P-SHJD": "LYG-XW", "LYG-P-ZWLG": "LYG-GYQ", "LYG-P-GYLG": "LYG-GYX", "LYG-P-GNHG": "LYG-GNX"}
STOCKED = (
    "氧化钙", "碳酸钠", "干沙", "活性炭", "氢氧化钠", "氢氧化钙", "聚合氯化铝", "围油栏(常规)", "沙包沙袋", "吸油毡",
    "正压式空气呼吸器", "防化服", "便携式监测设备", "潜水泵(含防爆)", "对讲机",
)  # fmt: skip
WEIGHTS = {"吨": (2, 20), "米": (100, 800), "立方米": (5, 40), "千克": (50, 400), "袋": (200, 2000)}
PIECES = (3, 30)
ENTERPRISES = 8
REVIEWED = {"7664-93-9": ("碳酸钠", "氧化钙"), "7647-01-0": ("氧化钙", "碳酸钠"), "108-88-3": ("活性炭", "干沙")}
"""Candidates the demonstration shows as reviewed; who reviewed them is invented, and says so."""


class _Maker(NamedTuple):
    context: DemoContext
    hand: Hand
    kinds: dict[str, MaterialKind]
    places: dict[str, Place]


def build(context: DemoContext) -> int:
    """Make depots with lots in every state, reserves, reviewed candidates and a dispatch in every state."""
    session = context.session
    maker = _Maker(
        context,
        Hand(viewer=replace(context.viewer, label=PERSON), as_of=context.as_of, at=context.at),
        {kind.name: kind for kind in session.scalars(select(MaterialKind))},
        {place.code: place for place in session.scalars(select(Place))},
    )
    made = [*_city(maker), *_parks(maker), *_enterprises(maker), _published(maker)]
    count = len(made) + sum(_fill(maker, depot, index) for index, depot in enumerate(made[:-1]))
    return count + _review(maker) + _dispatches(maker)


def _city(maker: _Maker) -> list[Depot]:
    return [
        _depot(maker, name, place, level=DepotLevel.COUNTY, office_code=office, number=number, source=PLAN)
        for number, (name, place, office) in enumerate(CITY_DEPOTS, start=1)
    ]


def _parks(maker: _Maker) -> list[Depot]:
    return [
        _depot(
            maker, f"{maker.places[code].name}应急物资库（演示）", code, level=DepotLevel.PARK,
            office_code=OFFICES[code], park_id=maker.context.parks[code], number=number, source="演示数据",
        )
        for number, code in enumerate(PARKS, start=11)
    ]  # fmt: skip


def _enterprises(maker: _Maker) -> list[Depot]:
    context = maker.context
    ids = list(context.unit_ids[:ENTERPRISES])
    states = versions_on(context.session, ids, as_of=context.as_of)
    codes = {park_id: code for code, park_id in context.parks.items()}
    made = []
    for number, unit_id in enumerate(ids, start=21):
        state = states.get(unit_id)
        if state is None:
            continue
        place = codes.get(state.park_id or 0, "P-CITY")
        made.append(
            _depot(
                maker, f"{state.name}应急物资库", place, level=DepotLevel.ENTERPRISE, office_code=state.office_code,
                park_id=state.park_id, unit_id=unit_id, keeper=state.name, is_shared=number % 2 == 1, number=number,
                source="演示数据", mode=StorageMode.AGREEMENT if number % 5 == 0 else StorageMode.PHYSICAL,
            )
        )  # fmt: skip
    return made


def _published(maker: _Maker) -> Depot:
    """Enter what was published of the rescue team; no lot is made up for it."""
    facts = _facts(
        maker, "国家危险化学品应急救援连云港队（公开资料）", "P-XW", 0, level=DepotLevel.CITY, office_code="LYG-XW",
        keeper="国家危险化学品应急救援连云港队",
        note="公开报道：队员400余人（2022），应急救援装备1000余台套；品种和数量明细没有公开，未计入库存（待核）",
    )  # fmt: skip
    facts |= {"longitude": None, "latitude": None, "duty_phone": "", "address": "徐圩新区"}
    source = "http://js.people.com.cn/n2/2022/0915/c404882-40125714.html"
    return depots.register_depot(maker.context.session, facts, hand=maker.hand, source=source)  # type: ignore[arg-type]  # built by name


def _depot(maker: _Maker, name: str, place: str, *, number: int, source: str, **changes: Any) -> Depot:
    facts = _facts(maker, name, place, number, **changes)
    session = maker.context.session
    return depots.register_depot(session, facts, hand=maker.hand, source=source, is_demo=True)  # type: ignore[arg-type]  # built by name


def _facts(maker: _Maker, name: str, place: str, number: int, **changes: Any) -> dict[str, Any]:
    middle, random = maker.places[place], maker.context.random
    return {
        "name": name, "level": DepotLevel.CITY, "mode": StorageMode.PHYSICAL,
        "address": f"{middle.name}演示路{number}号",
        "longitude": round(middle.longitude + random.uniform(-0.04, 0.04), 6),
        "latitude": round(middle.latitude + random.uniform(-0.03, 0.03), 6),
        "office_code": None, "park_id": None, "unit_id": None, "keeper": "演示管理单位",
        "duty_phone": f"000-0000-{number:04d}", "is_shared": False, "note": "演示数据",
    } | changes  # fmt: skip


def _fill(maker: _Maker, depot: Depot, index: int) -> int:
    """Put lots of every state into a depot, and keep something back of the first kinds."""
    context, random, made = maker.context, maker.context.random, 0
    chosen = STOCKED if depot.level is not DepotLevel.ENTERPRISE else random.sample(STOCKED, 6)
    for place, name in enumerate(chosen):
        kind = maker.kinds[name]
        low, high = WEIGHTS.get(kind.unit, PIECES)
        for number in range(1 + (place + index) % 2):
            received = context.as_of - timedelta(days=random.randint(30, 700))
            produced = received - timedelta(days=random.randint(5, 90))
            shelf = random.choice((None, 400, 760, 1100)) if kind.is_consumable else None
            expires = produced + timedelta(days=shelf) if shelf else None
            confirmed = context.as_of - timedelta(days=random.choice((5, 20, 60, 120, 150, 260)))
            lots.add_lot(
                context.session, depot, kind, quantity_milli=random.randint(low, high) * 1000, received_on=received,
                produced_on=produced, expires_on=expires, confirmed_on=max(confirmed, received), hand=maker.hand,
                batch_label=f"演示{index:02d}{place:02d}{number}", location=f"{place % 4 + 1}区", is_demo=True,
            )  # fmt: skip
            made += 1
        if place < 3 and depot.level is not DepotLevel.ENTERPRISE:
            amount = max(low // 2, 1) * 1000
            depots.set_reserve(
                context.session, depot, kind, amount_milli=amount, from_day=context.as_of - timedelta(days=300),
                hand=maker.hand,
            )  # fmt: skip
            made += 1
    return made


def _review(maker: _Maker) -> int:
    """Show a few candidates as reviewed, by invented experts."""
    session, made = maker.context.session, 0
    for cas, names in REVIEWED.items():
        rows = session.scalars(
            select(SubstanceMaterial).join(SubstanceMaterial.substance).where(ChemicalSubstance.cas == cas)
        ).all()
        for name in names:
            row = next((row for row in rows if row.kind_id == maker.kinds[name].id), None)
            if row is not None:
                kinds.review_candidate(
                    session, row, review=ReviewState.REVIEWED, compatibility=Compatibility.SUITABLE,
                    basis="演示：示意审核流程，不是专家结论", hand=maker.hand,
                )  # fmt: skip
                made += 1
    return made


def _dispatches(maker: _Maker) -> int:
    """Make a dispatch in every state."""
    session, hand = maker.context.session, maker.hand

    def ask(name: str, amount: int, what: str, place: str) -> Any:
        middle = maker.places[place]
        return dispatch.request_dispatch(
            session, maker.kinds[name], incident=f"演示：{what}", place=middle.name, amount_milli=amount * 1000,
            point=Point(middle.longitude, middle.latitude), needed_at=maker.context.at + timedelta(hours=3),
            receiver="演示-现场组", hand=hand, is_demo=True,
        )  # fmt: skip

    ask("活性炭", 5, "某企业储罐区甲苯泄漏入沟", "LYG-P-GNHG")
    waiting = ask("碳酸钠", 3, "某路段盐酸槽车侧翻", "P-GYX")
    dispatch.allocate(session, waiting, hand=hand)
    away = ask("围油栏(常规)", 200, "某河段发现油污带", "P-LY")
    dispatch.allocate(session, away, hand=hand)
    dispatch.send_out(session, away, hand=hand, carrier="演示-车辆1")
    done = ask("沙包沙袋", 100, "某园区雨水排口临时封堵", "LYG-P-SHJD")
    given = dispatch.allocate(session, done, hand=hand)
    dispatch.send_out(session, done, hand=hand, carrier="演示-车辆2")
    for each in given:
        back = each.out_milli // 2000 * 1000
        dispatch.settle(session, done, [Settlement(each.id, back, each.out_milli - back)], hand=hand)
    dropped = ask("防化服", 4, "误报，现场已排除", "P-DH")
    dispatch.cancel(session, dropped, reason="演示：误报，险情解除", hand=hand)
    return 5
