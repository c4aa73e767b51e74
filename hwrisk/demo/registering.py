"""Registering the invented units with their storage facilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from hwrisk.demo.branches import Route
from hwrisk.demo.bulk import NewFacility, register_facilities
from hwrisk.demo.flow import YEAR, Place, rhythm
from hwrisk.demo.names import invented_uscc
from hwrisk.demo.plan import DISTRICTS, FIRST_DAY, Site
from hwrisk.demo.receivers import Facility
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.storage.models import FacilityKind
from hwrisk.units.models import IdentityKind, ManagementClass, UnitRole, UnitStatus
from hwrisk.units.operations import NewUnit, UnitChange, register_units
from hwrisk.units.rules import Identity

FIRST_CODE = 1000
"""Where the codes of ordinary units begin; the special cases have those before."""
SOURCE = "演示数据（虚构）"
ADDRESS = "演示地址（虚构）"
PARTY = {"LYG-GNX": "园区管理机构（演示）", "LYG-GYX": "政府代处置（演示）"}
ENTERPRISE = "企业破产管理人（演示）"


@dataclass(frozen=True)
class Registrar:
    """Registers sites and receivers, and says where their ledgers are kept."""

    session: Session
    hand: Hand
    parks: Mapping[str, int]

    def register_sites(self, sites: Sequence[Site], *, begins: date) -> list[Place]:
        """Register units with one or two facilities each; a ledger begins on `begins`, or when its unit did."""
        units = register_units(
            self.session,
            [self._unit(site) for site in sites],
            actor=self.hand.viewer,
            recorded_at=self.hand.recorded_at,
        )
        news = [new for site, unit in zip(sites, units, strict=True) for new in _facilities(site, unit.id)]
        return self._places(
            news, {unit.id: max(begins, site.started_on) for site, unit in zip(sites, units, strict=True)}
        )

    def register_takers(self, takers: Sequence[Facility], *, begins: date) -> list[Place]:
        """Register receivers, each with a store for what arrives and one for what it leaves itself."""
        units = register_units(
            self.session,
            [self._taker(place, taker) for place, taker in enumerate(takers)],
            actor=self.hand.viewer,
            recorded_at=self.hand.recorded_at,
        )
        news = []
        for taker, unit in zip(takers, units, strict=True):
            capacity = Decimal(max(100, round(taker.receiver.capacity / 6, -1)))
            news.append(_facility(unit.id, ARRIVALS, capacity, FIRST_DAY))
            if taker.route is Route.BURN:
                news.append(_facility(unit.id, ASHES, capacity, FIRST_DAY))
        return self._places(news, {unit.id: begins for unit in units})

    def _places(self, news: Sequence[NewFacility], begins: Mapping[int, date]) -> list[Place]:
        ids = register_facilities(self.session, news, hand=self.hand)
        of_unit: dict[int, list[int]] = {}
        for new, number in zip(news, ids, strict=True):
            of_unit.setdefault(new.unit_id, []).append(number)
        return [
            Place(unit_id=unit_id, facilities=tuple(of_unit[unit_id]), begins=day, ends=self.hand.as_of)
            for unit_id, day in begins.items()
        ]

    def _unit(self, site: Site) -> NewUnit:
        closed = site.status is UnitStatus.CLOSED_UNCLEARED
        return NewUnit(
            identity=_identity(site),
            valid_from=max(FIRST_DAY, site.started_on),
            state=UnitChange(
                name=site.name,
                address=ADDRESS,
                status=site.status,
                role=site.branch.role,
                admin_code=DISTRICTS.get(site.office),
                office_code=site.office,
                park_id=self.parks.get(site.in_park or ""),
                class_computed=site.management_class,
                responsible_party=(PARTY.get(site.office, ENTERPRISE) if site.number % 3 else ENTERPRISE)
                if closed
                else "",
                contact="演示-联系人",
                contact_phone=f"000-0000-{site.number:04d}",
            ),
            industry_code=site.branch.industry,
            started_on=site.started_on,
            source=SOURCE,
            is_demo=True,
        )

    def _taker(self, place: int, taker: Facility) -> NewUnit:
        return NewUnit(
            identity=_taker_identity(place, taker),
            valid_from=FIRST_DAY,
            state=UnitChange(
                name=taker.receiver.name,
                address="" if taker.is_public else ADDRESS,
                status=UnitStatus.OPERATING,
                role=taker.role,
                admin_code=taker.admin,
                office_code=taker.office,
                class_computed=ManagementClass.KEY,
                licence_no=taker.receiver.licence_no,
                contact="演示-联系人",
                contact_phone=f"000-0001-{place:04d}",
            ),
            industry_code="7724",
            started_on=None if taker.is_public else FIRST_DAY,
            source=taker.source,
            is_demo=True,
        )


def _identity(site: Site) -> Identity:
    if site.branch.role is UnitRole.MEDICAL:
        return Identity(IdentityKind.MEDICAL, f"YANSHI{site.number:08d}", "演示数据，登记号虚构")
    return Identity(IdentityKind.USCC, invented_uscc(FIRST_CODE + site.number))


def _taker_identity(place: int, taker: Facility) -> Identity:
    if taker.is_public:
        return Identity(IdentityKind.UNKNOWN, None, "公开资料未载统一社会信用代码")
    return Identity(IdentityKind.USCC, invented_uscc(FIRST_CODE // 2 + place))


def _facilities(site: Site, unit_id: int) -> list[NewFacility]:
    since = max(FIRST_DAY, site.started_on)
    _, shipping = rhythm(site.tonnes, direct=False)
    usual = site.tonnes * shipping / YEAR
    arrears = site.arrears.tonnes if site.arrears else Decimal(0)
    if site.management_class is ManagementClass.REGISTERED and not arrears:
        return [_facility(unit_id, SPOT, Decimal(3), since)]
    capacity = Decimal(max(10, round(usual * 1.8 + float(arrears) * 1.2 + 4, -1)))
    found = [_facility(unit_id, STORE, capacity, since)]
    if any(stream.route is Route.OWN for stream in site.branch.streams):
        found.append(_facility(unit_id, TANKS, capacity, since))
    return found


STORE = ("TS001", "危险废物贮存库", FacilityKind.WAREHOUSE)
SPOT = ("TS001", "危险废物贮存点", FacilityKind.SPOT)
TANKS = ("TS002", "废酸（溶剂）贮存罐区", FacilityKind.TANKS)
ARRIVALS = ("TS001", "危险废物暂存库", FacilityKind.WAREHOUSE)
ASHES = ("TS002", "灰渣库", FacilityKind.WAREHOUSE)


def _facility(unit_id: int, what: tuple[str, str, FacilityKind], capacity: Decimal, since: date) -> NewFacility:
    code, name, kind = what
    return NewFacility(unit_id=unit_id, code=code, name=name, kind=kind, capacity=capacity, valid_from=since)
