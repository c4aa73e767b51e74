"""Keeping depots: registering, changing, and what each keeps back."""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.catalogue.chemicals.rules import sounds_of
from hwrisk.clock import today
from hwrisk.db.history import known
from hwrisk.db.locks import hold_until_commit
from hwrisk.emergency import searching
from hwrisk.emergency.measures import shown
from hwrisk.emergency.models import Depot, DepotLevel, DepotReserve, MaterialKind, MaterialLot, StorageMode
from hwrisk.emergency.operations.hand import Hand
from hwrisk.errors import RuleViolation
from hwrisk.parks.models import Park
from hwrisk.search import index
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion
from hwrisk.units.scope import visible_units

NUMBER_LOCK = 0x6877_7269_736B_1262
"""Key of the lock under which numbers are given out."""


class DepotFacts(TypedDict):
    """What is entered of a depot."""

    name: str
    level: DepotLevel
    mode: StorageMode
    address: str
    longitude: float | None
    latitude: float | None
    office_code: str | None
    park_id: int | None
    unit_id: int | None
    keeper: str
    duty_phone: str
    is_shared: bool
    note: str


def register_depot(
    session: Session, facts: DepotFacts, *, hand: Hand, code: str = "", source: str = "", is_demo: bool = False
) -> Depot:
    """Return a new depot; without `code` it gets the next number of our own.

    Raises:
        RuleViolation: no name, the name is in use, half a coordinate, an enterprise's depot without the enterprise, or
            the depot would be out of sight of who enters it.
    """
    _check(session, facts, hand.viewer, own=None)
    depot = Depot(
        code=code or _next_code(session), source=source, trust="derived", is_demo=is_demo, recorded_at=hand.instant,
        pinyin=sounds_of(facts["name"].strip()), **facts,
    )  # fmt: skip
    session.add(depot)
    session.flush()
    index(session, [searching.doc_of_depot(depot)])
    audit.record(
        session, hand.viewer, "material.depot.register", "material_depot", depot.id, summary={"名称": depot.name}
    )
    return depot


def change_depot(session: Session, depot: Depot, facts: DepotFacts, *, is_active: bool, hand: Hand) -> bool:
    """Change what is entered of a depot, and tell whether anything changed; the audit trail keeps both values.

    Raises:
        RuleViolation: see `register_depot`; or it is closed though materials lie there.
    """
    _check(session, facts, hand.viewer, own=depot.id)
    if not is_active and depot.is_active:
        left = select(func.count()).where(MaterialLot.depot_id == depot.id, MaterialLot.remaining_milli > 0)
        if session.scalar(left):
            raise RuleViolation("库内还有物资，移库、消耗或报废完毕后才能停用", field="is_active")
    wanted: dict[str, Any] = {**facts, "is_active": is_active, "pinyin": sounds_of(facts["name"].strip())}
    before = {name: getattr(depot, name) for name, value in wanted.items() if getattr(depot, name) != value}
    if not before:
        return False
    for name in before:
        setattr(depot, name, wanted[name])
    depot.version += 1
    session.flush()
    index(session, [searching.doc_of_depot(depot)])
    changes = {
        name: "已变更" if name == "duty_phone" else [str(old), str(wanted[name])]
        for name, old in before.items()
        if name != "pinyin"
    }
    audit.record(session, hand.viewer, "material.depot.change", "material_depot", depot.id, summary=changes)
    return True


def set_reserve(
    session: Session, depot: Depot, kind: MaterialKind, *, amount_milli: int, from_day: date, hand: Hand
) -> None:
    """Record what a depot keeps back of one kind from a day on (保底数量); what held before stays on record.

    Raises:
        RuleViolation: the amount is negative, nothing changes, or a later amount is recorded already.
    """
    if amount_milli < 0:
        raise RuleViolation("保底数量不能是负数", field="quantity")
    rows = session.scalars(
        select(DepotReserve)
        .where(DepotReserve.depot_id == depot.id, DepotReserve.kind_id == kind.id, known(DepotReserve))
        .order_by(DepotReserve.valid_from)
        .with_for_update()
    ).all()
    if rows and rows[-1].valid_from > from_day:
        raise RuleViolation(f"{rows[-1].valid_from} 已登记过后来的保底数量，起始日期不得早于该日", field="from_day")
    held = rows[-1] if rows else None
    if (held.amount_milli if held else 0) == amount_milli:
        raise RuleViolation("与现有保底数量相同，没有需要变更的内容", field="quantity")
    if held is not None:
        held.superseded_at = hand.instant
        if held.valid_from < from_day:
            session.add(_reserve(depot, kind, held.amount_milli, days=(held.valid_from, from_day), hand=hand))
    session.add(_reserve(depot, kind, amount_milli, days=(from_day, None), hand=hand))
    session.flush()
    summary = {"物资": kind.name, "保底": f"{shown(amount_milli)} {kind.unit}", "自": str(from_day)}
    audit.record(session, hand.viewer, "material.reserve", "material_depot", depot.id, summary=summary)


def _reserve(
    depot: Depot, kind: MaterialKind, amount: int, *, days: tuple[date, date | None], hand: Hand
) -> DepotReserve:
    return DepotReserve(
        depot_id=depot.id, kind_id=kind.id, amount_milli=amount, valid_from=days[0], valid_until=days[1],
        recorded_at=hand.instant, recorded_by=hand.viewer.label,
    )  # fmt: skip


def _check(session: Session, facts: DepotFacts, user: Viewer, *, own: int | None) -> None:
    name = facts["name"].strip()
    if not name:
        raise RuleViolation("请填写物资库名称", field="name")
    same = select(Depot.id).where(Depot.name == name)
    if own is not None:
        same = same.where(Depot.id != own)
    if session.scalar(same.limit(1)) is not None:
        raise RuleViolation(f"已有名为“{name}”的物资库，请核对或加注地点区分", field="name")
    if (facts["longitude"] is None) != (facts["latitude"] is None):
        raise RuleViolation("经度和纬度要么都填，要么都不填", field="latitude")
    if facts["level"] is DepotLevel.ENTERPRISE and facts["unit_id"] is None:
        raise RuleViolation("企业级物资库须选择管理它的单位", field="unit")
    if not _is_own(session, facts, user):
        raise RuleViolation("只能登记本管辖范围内的物资库，请核对管辖单位、园区和单位", field="office_code")


def _is_own(session: Session, facts: DepotFacts, user: Viewer) -> bool:
    """Tell whether a depot is put under the own office, park or enterprise, and under nobody else's beside it."""
    if user.is_city_wide:
        return True
    office, park_id, unit_id = facts["office_code"], facts["park_id"], facts["unit_id"]
    offices: set[str | None] = {None, *user.offices}
    parks: set[int | None] = {None, *user.parks}
    if unit_id is not None:
        version = session.scalars(
            select(UnitVersion).where(UnitVersion.unit_id == unit_id, visible_units(user, as_of=today()))
        ).one_or_none()
        if version is None:
            return False
        offices.add(version.office_code)
        parks.add(version.park_id)
    if park_id is not None:
        park = session.get_one(Park, park_id)
        # An office's parks are its own; a park, and whoever lies in it, is of the park's office.
        parks |= {park.id} if park.office_code in user.offices else set()
        offices |= {park.office_code} if park.id in parks else set()
    is_own = office in user.offices or park_id in user.parks or unit_id in user.units
    return is_own and office in offices and park_id in parks


def _next_code(session: Session) -> str:
    hold_until_commit(session, NUMBER_LOCK)
    codes = session.scalars(select(Depot.code).where(Depot.code.startswith("KU-")))
    numbers = [int(code[3:]) for code in codes if code[3:].isascii() and code[3:].isdigit()]
    return f"KU-{max(numbers, default=0) + 1:03d}"
