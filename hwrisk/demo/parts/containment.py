"""The three tiers of the four parks: published facts as published, everything else invented and marked so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.containment import operations, queries
from hwrisk.containment.data import BLANK, FacilityData
from hwrisk.containment.models import Facility, MarkState, Means, ServiceState, TestKind, TestResult, ValveState
from hwrisk.containment.states import FacilityStatus
from hwrisk.db.history import in_force
from hwrisk.demo.parts.context import DemoContext
from hwrisk.parks.models import Park
from hwrisk.rulepacks import Trust
from hwrisk.security import Role, Viewer, permissions_of
from hwrisk.units.models import UnitVersion

FIRST_DAY = date(2024, 1, 1)
INVENTED = "演示数据（虚构）"
PUBLISHED = "http://www.lyg01.net/news/lygxw/2020/0418/153611.shtml"
NOT_PUBLISHED = (
    "公开资料只载三处合计 230 000 m³（规划，2020）和拟布设 3 处（2022），分池容积、位置和投用情况没有公布，不作推算。"
)
PLACES = {
    "LYG-P-SHJD": (119.60, 34.58), "LYG-P-GNHG": (119.80, 34.44), "LYG-P-GYLG": (119.76, 34.49),
    "LYG-P-ZWLG": (119.23, 35.08),
}  # fmt: skip
"""Roughly where the parks lie; the facilities around are invented."""
DONE = {
    "LYG-P-SHJD": ("tier1", "public-basin", "conveyance", "river-gates", "materials", "one-map", "platform"),
    "LYG-P-ZWLG": ("tier1", "public-basin", "conveyance", "river-gates", "materials", "one-map", "platform"),
    "LYG-P-GYLG": ("tier1", "public-basin", "river-gates", "materials", "platform"),
    "LYG-P-GNHG": ("tier1", "materials"),
}
SPARED = "LYG-P-GNHG"
"""The park where hardly anything was confirmed, so that unknown can be seen to count as the worse."""


class Site(NamedTuple):
    """A park with the enterprises of the demonstration that have basins."""

    park: Park
    units: tuple[UnitVersion, ...]


class Maker:
    """Makes facilities of one park with what was confirmed of them."""

    def __init__(self, context: DemoContext, site: Site) -> None:
        self.context, self.site, self.made = context, site, 0
        self.x, self.y = PLACES[site.park.code]
        self.count = 0

    def facility(
        self,
        number: str,
        name: str,
        kind: str,
        *,
        unit: UnitVersion | None = None,
        volume: str | None = None,
        **more: Any,
    ) -> Facility:
        """Register one invented facility."""
        self.count += 1
        row, column = divmod(self.count, 4)
        data: Any = dict(BLANK) | {
            "name": name, "kind_code": kind, "effective_volume": Decimal(volume) if volume else None,
            "control_mode": "手自一体", "operator_name": "演示运维单位" if unit is None else "",
            "ordering_post": "园区应急值班长（演示）" if unit is None else "企业应急总指挥（演示）",
            "acting_post": "运维班组（演示）" if unit is None else "当班班长（演示）", "duty_phone": "000-0000-0001",
            "place": "演示位置（虚构）", "longitude": round(self.x + column * 0.006, 6),
            "latitude": round(self.y + row * 0.005, 6), "source": INVENTED, "trust": Trust.UNVERIFIED,
        } | more  # fmt: skip
        return self.put(number, data, unit, is_demo=True)

    def put(self, number: str, data: FacilityData, unit: UnitVersion | None, *, is_demo: bool) -> Facility:
        """Register a facility as given."""
        self.made += 1
        return operations.register_facility(
            self.context.session, park_id=self.site.park.id, unit_id=unit.unit_id if unit else None,
            facility_no=number, data=data, valid_from=FIRST_DAY, actor=self.context.viewer,
            recorded_at=self.context.at, is_demo=is_demo,
        )  # fmt: skip

    def status(self, facility: Facility) -> FacilityStatus:
        """Return a facility as it stands on the day of the demonstration."""
        return queries.facility_status(
            self.context.session, facility.public_id, user=self.context.viewer, as_of=self.context.as_of
        )

    def level(self, facility: Facility, occupied: str, *, days_ago: int = 1) -> None:
        """Confirm a level some days ago."""
        operations.confirm_level(
            self.context.session, self.status(facility), occupied=Decimal(occupied), confirmed_at=self._ago(days_ago),
            actor=self.context.viewer, person="演示-韩五", recorded_at=self.context.at,
        )  # fmt: skip
        self.made += 1

    def state(self, facility: Facility, state: ValveState, *, days_ago: int = 3) -> None:
        """Confirm a state some days ago."""
        operations.confirm_state(
            self.context.session, self.status(facility), state=state, confirmed_at=self._ago(days_ago),
            actor=self.context.viewer, person="演示-韩五", recorded_at=self.context.at,
        )  # fmt: skip
        self.made += 1

    def test(
        self, facility: Facility, *, days_ago: int, passed: bool = True, kind: TestKind = TestKind.VALVE_TEST
    ) -> None:
        """Record a test some days ago."""
        done_on = self.context.as_of - timedelta(days=days_ago)
        operations.record_test(
            self.context.session, self.status(facility), kind=kind, done_on=done_on,
            result=TestResult.PASSED if passed else TestResult.FAILED, person="演示-韩五",
            findings="" if passed else "电动执行机构卡涩，手动可关（演示）", actor=self.context.viewer,
            recorded_at=self.context.at,
        )  # fmt: skip
        self.made += 1

    def connect(
        self, number: str, start: Facility, end: Facility, *, flow: str, means: Means, through: Facility
    ) -> None:
        """Register a connection."""
        operations.register_connection(
            self.context.session, park_id=self.site.park.id, connection_no=number, start=start, end=end, means=means,
            flow=Decimal(flow), through=through, service=ServiceState.IN_USE, valid_from=FIRST_DAY, note=INVENTED,
            actor=self.context.viewer, recorded_at=self.context.at,
        )  # fmt: skip
        self.made += 1

    def _ago(self, days: int) -> datetime:
        return self.context.at - timedelta(days=days, hours=1)


def build(context: DemoContext) -> int:
    """Make the three tiers of the parks; return how many rows."""
    made = 0
    for site in _sites(context.session, context):
        maker = Maker(context, site)
        _site(maker, is_spared=site.park.code == SPARED)
        made += maker.made
        made += _checklist(context, site.park)
    return made


def _sites(session: Session, context: DemoContext) -> list[Site]:
    parks = session.scalars(select(Park).where(Park.code.in_(PLACES)).order_by(Park.code)).all()
    invented = set(context.unit_ids)
    found = []
    for park in parks:
        rows = session.scalars(
            select(UnitVersion)
            .where(UnitVersion.park_id == park.id, in_force(UnitVersion, context.as_of))
            .order_by(UnitVersion.unit_id)
            .limit(200)
        )
        found.append(Site(park, tuple(row for row in rows if row.unit_id in invented)[:3]))
    return found


def _site(maker: Maker, *, is_spared: bool) -> None:
    if maker.site.park.code == "LYG-P-SHJD":
        _published(maker)
    pump = maker.facility("YQ-B01", "演示提升泵站", "park-pump", steps="接令后合闸启泵\n确认出水压力\n回报流量和时间")
    basin = maker.facility("YQ-C01", "演示园区应急池", "public-basin", volume="12000")
    gate = maker.facility("YQ-Z01", "演示园区节制闸", "park-gate", steps="接令后全开闸门\n确认水流方向\n回报开度和时间")
    outfall = maker.facility(
        "YQ-Z02", "演示雨水总排口闸", "park-outfall-gate", steps="接令后全关闸门\n查看有无渗漏\n回报关闭时间"
    )
    reach = maker.facility("SX-H01", "演示可封闭河段", "river-reach", volume="30000")
    river = maker.facility("SX-Z01", "演示河闸", "river-gate", steps="接令后全关闸门\n上下游各设一人值守\n回报水位")
    maker.connect("LJ-90", basin, reach, flow="600", means=Means.GRAVITY, through=gate)
    for number, unit in enumerate(maker.site.units, start=1):
        _enterprise(maker, number, unit, basin, pump)
    if is_spared:
        maker.level(basin, "9000", days_ago=40)
        return
    maker.level(basin, "1500")
    maker.level(reach, "6000", days_ago=2)
    for device, state in ((pump, ValveState.READY), (gate, ValveState.CLOSED), (river, ValveState.CLOSED)):
        maker.state(device, state)
        maker.test(device, days_ago=30)
    maker.state(outfall, ValveState.CLOSED, days_ago=5)
    maker.test(outfall, days_ago=95)
    maker.test(basin, days_ago=12, kind=TestKind.INSPECTION)
    _filings(maker, gate)
    _checks(maker)


def _published(maker: Maker) -> None:
    for number in range(1, 4):
        data: Any = dict(BLANK) | {
            "name": f"公共应急事故池（第{'一二三'[number - 1]}处，规划）", "kind_code": "public-basin",
            "service": ServiceState.PLANNED, "source": PUBLISHED, "trust": Trust.SECOND_HAND, "note": NOT_PUBLISHED,
        }  # fmt: skip
        maker.put(f"GK-{number:02d}", data, None, is_demo=False)


def _enterprise(maker: Maker, number: int, unit: UnitVersion, public: Facility, pump: Facility) -> None:
    short = f"QY{number}"
    called = unit.name.removeprefix("连云港").removesuffix("有限公司")
    basin = maker.facility(
        f"{short}-C1", f"{called}事故应急池", "enterprise-basin", unit=unit, volume=f"{1200 * number}"
    )
    bund = maker.facility(f"{short}-W1", f"{called}罐区围堰", "bund", unit=unit, volume="450")
    valve = maker.facility(
        f"{short}-F1", f"{called}雨水切断阀", "shutoff-valve", unit=unit,
        steps="接令后关闭切断阀\n查看阀后有无渗漏\n回报关闭时间",
    )  # fmt: skip
    maker.connect(f"LJ-{number:02d}", basin, public, flow="300", means=Means.PUMP, through=pump)
    if maker.site.park.code == SPARED:
        return
    # The second has too much in its basin, the third has said nothing for weeks.
    maker.level(basin, {1: "150", 2: "1000"}.get(number, "300"), days_ago={3: 21}.get(number, 1))
    maker.level(bund, "0")
    maker.state(valve, ValveState.CLOSED if number != 2 else ValveState.OPEN, days_ago=2)
    maker.test(valve, days_ago=20 * number, passed=number != 3)


def _filings(maker: Maker, gate: Facility) -> None:
    if maker.site.park.code != "LYG-P-SHJD":
        return
    session, at = maker.context.session, maker.context.at
    operator = _acting("石化产业基地应急池运维 演示-韩五", Role.OPERATOR)
    park = _acting("石化产业基地管理办公室 演示-赵六", Role.PARK)
    new: Any = dict(BLANK) | {
        "name": "演示移动泵车", "kind_code": "hose-set", "operator_name": "演示运维单位", "source": INVENTED,
        "trust": Trust.UNVERIFIED, "ordering_post": "园区应急值班长（演示）",
    }  # fmt: skip
    common: dict[str, Any] = {
        "park_id": maker.site.park.id,
        "unit_id": None,
        "valid_from": maker.context.as_of,
        "at": at,
    }
    returned = operations.submit(
        session, facility=None, facility_no="YQ-P01", data=new, reason="新增移动泵车（演示）", actor=operator, **common
    )
    reasons = {"place": "请写明平时停放位置", "duty_phone": "请补值班电话"}
    operations.return_filing(session, returned, reasons=reasons, seen=returned.version, actor=park)
    changed: Any = dict(BLANK) | _fields(maker, gate) | {"control_mode": "远程", "acting_post": "中控室值班员（演示）"}
    waiting = operations.submit(
        session, facility=gate, facility_no=gate.facility_no, data=changed, reason="加装远程控制（演示）",
        actor=operator, **common,
    )  # fmt: skip
    operations.approve(session, waiting, seen=waiting.version, actor=park)
    maker.made += 2


def _fields(maker: Maker, facility: Facility) -> dict[str, Any]:
    version = maker.status(facility).version
    fields: dict[str, Any] = {name: getattr(version, name) for name in BLANK}
    return fields | {"trust": Trust(version.trust)}


def _checks(maker: Maker) -> None:
    scenarios = (
        ("苯罐组最大储罐泄漏着火（演示）", "500", "720", "4", "450"),
        ("装置区小型泄漏（演示）", "60", "108", "2", "50"),
    )
    if maker.site.park.code != "LYG-P-SHJD" or not maker.site.units:
        return
    for name, v1, flow, hours, v3 in scenarios:
        inputs = {
            "method": "qsy", "v4": "20", "qa": "960", "n": "80", "f": "3.5",
            "rain_source": "演示取值，不是连云港的实际数据",
            "units": [{"name": "演示罐组", "v1": v1, "v3": v3, "vr": "0", "fire": [{"flow": flow, "hours": hours}]}],
        }  # fmt: skip
        operations.store_check(
            maker.context.session, park_id=maker.site.park.id, unit_id=maker.site.units[0].unit_id, name=name,
            inputs=inputs, as_of=maker.context.as_of, actor=maker.context.viewer,
        )  # fmt: skip
        maker.made += 1


def _checklist(context: DemoContext, park: Park) -> int:
    for key in DONE[park.code]:
        operations.set_item(
            context.session, park, item_key=key, state=MarkState.DONE, document="演示验收文件（虚构）", remark=INVENTED,
            valid_from=date(2024, 12, 1), actor=context.viewer, recorded_at=context.at,
        )  # fmt: skip
    return len(DONE[park.code])


def _acting(label: str, role: Role) -> Viewer:
    return replace(Viewer.system(), label=label, role=role, is_city_wide=False, permissions=permissions_of(role))
