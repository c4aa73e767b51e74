"""What depots can give of a kind, nearest first: the question of the look-up and of every allocation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from hwrisk.db.history import in_force
from hwrisk.emergency.models import Depot, DepotLevel, DepotReserve, MaterialLot, StorageMode
from hwrisk.emergency.queries.states import is_expired, is_usable
from hwrisk.emergency.rules import masked_phone
from hwrisk.emergency.scope import findable_depots, visible_depots
from hwrisk.emergency.settings import StockSettings
from hwrisk.regions.geodesy import Point, distance_km, distances_from
from hwrisk.security.viewer import Viewer


class DepotCard(NamedTuple):
    """What the look-up says of a depot; the telephone number stays masked."""

    id: int
    public_id: UUID
    code: str
    name: str
    level: DepotLevel
    mode: StorageMode
    keeper: str
    address: str
    phone: str
    point: Point | None
    is_shared: bool
    in_own_list: bool
    """Whether the depot has a page for this person; a shared one of others has none."""
    km: float | None
    """Straight distance in kilometres from where one looks, or None where either place is unknown."""

    @property
    def may_be_asked(self) -> bool:
        """Whether its stock takes part in a dispatch by itself: of an authority or a park, or shared."""
        return self.level is not DepotLevel.ENTERPRISE or self.is_shared


class Found(NamedTuple):
    """What one depot has of one kind, in thousandths of its unit; light, for there may be thousands."""

    depot_id: int
    km: float | None
    kind_id: int
    lots: int
    usable_milli: int
    allocated_milli: int
    reserve_milli: int
    expired_milli: int
    unconfirmed_milli: int
    earliest_expiry: date | None
    confirmed_on: date | None
    """Earliest confirmation among what is usable."""
    is_counted: bool
    """Whether the depot's storage mode counts as at hand, and it may be asked."""
    free_milli: int
    """What may be dispatched: usable, less what is promised and what the depot keeps; 0 where it does not count."""


class Supply(NamedTuple):
    """What one depot has of one kind, and who it is."""

    card: DepotCard
    found: Found

    @property
    def free_milli(self) -> int:
        """What may be dispatched."""
        return self.found.free_milli


def supplies(
    session: Session,
    kind_ids: Iterable[int],
    *,
    user: Viewer,
    near: Point | None,
    settings: StockSettings,
    as_of: date,
) -> dict[int, list[Found]]:
    """Return what the depots findable by `user` have of each kind, nearest first, then by code; one statement."""
    wanted = sorted(set(kind_ids))
    sums = _sums(wanted, settings, as_of).subquery()
    # Thousands of plain rows: the connection gives them without the session's work on each.
    rows = session.connection().execute(
        select(
            Depot.id, Depot.code, Depot.longitude, Depot.latitude, type_coerce(Depot.mode, String),
            or_(Depot.level != DepotLevel.ENTERPRISE, Depot.is_shared.is_(True)), sums.c.kind_id, sums.c.lots,
            sums.c.usable, sums.c.allocated, sums.c.expired, sums.c.unconfirmed, sums.c.earliest, sums.c.confirmed,
            func.coalesce(DepotReserve.amount_milli, 0),
        )
        .select_from(sums)
        .join(Depot, Depot.id == sums.c.depot_id)
        .outerjoin(
            DepotReserve,
            and_(
                DepotReserve.depot_id == sums.c.depot_id, DepotReserve.kind_id == sums.c.kind_id,
                in_force(DepotReserve, as_of),
            ),
        )
        .where(findable_depots(user))
    ).all()  # fmt: skip
    listed: dict[int, list[tuple[bool, float, str, Found]]] = {kind_id: [] for kind_id in wanted}
    away = distances_from(near) if near is not None else None
    ways: dict[int, float | None] = {}
    for row in rows:
        depot_id, code, longitude, latitude = row[:4]
        if depot_id not in ways:
            is_known = away is not None and longitude is not None and latitude is not None
            ways[depot_id] = away(longitude, latitude) if away is not None and is_known else None
        km = ways[depot_id]
        listed[row[6]].append((km is None, km or 0.0, code, _found(row, km, settings)))
    return {kind_id: [each[3] for each in sorted(of_kind)] for kind_id, of_kind in listed.items()}


def with_cards(session: Session, found: Sequence[Found], *, user: Viewer, near: Point | None) -> dict[Found, Supply]:
    """Return the given supplies with what is to be said of their depots; one statement."""
    ids = sorted({each.depot_id for each in found})
    known = {card.id: card for card in cards(session, user=user, near=near, where=[Depot.id.in_(ids)])} if ids else {}
    return {each: Supply(known[each.depot_id], each) for each in found}


def stock_at(
    session: Session, depot_ids: Iterable[int], *, settings: StockSettings, as_of: date
) -> dict[int, list[tuple[int, int]]]:
    """Return (kind id, usable thousandths) of each depot, largest number of lots first."""
    usable = is_usable(settings, as_of)
    rows = session.execute(
        select(
            MaterialLot.depot_id, MaterialLot.kind_id, func.sum(case((usable, MaterialLot.remaining_milli), else_=0))
        )
        .where(MaterialLot.depot_id.in_(sorted(set(depot_ids))), MaterialLot.remaining_milli > 0)
        .group_by(MaterialLot.depot_id, MaterialLot.kind_id)
        .order_by(MaterialLot.depot_id, func.count().desc(), MaterialLot.kind_id)
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for depot_id, kind_id, usable_milli in rows:
        found.setdefault(depot_id, []).append((kind_id, int(usable_milli)))
    return found


def cards(
    session: Session, *, user: Viewer, near: Point | None, where: Sequence[ColumnElement[bool]] = ()
) -> list[DepotCard]:
    """Return the depots findable by `user` that meet `where`, nearest first, then by code."""
    rows = session.execute(select(*_CARD, visible_depots(user)).where(findable_depots(user), *where))
    return sorted((_card(row, near) for row in rows), key=_by_way)


def depots_in_order(
    session: Session, *, near: Point | None, first: int | None, settings: StockSettings, user: Viewer
) -> list[int]:
    """Return the ids of the depots that may be asked: the one named first, then the nearest.

    An enterprise's own depot takes part when it is shared, or named.
    """
    found = cards(session, user=user, near=near)
    asked = [
        card for card in found if card.mode.value in settings.counted_modes and (card.may_be_asked or card.id == first)
    ]
    return [card.id for card in sorted(asked, key=lambda card: (card.id != first, _by_way(card)))]


_CARD: tuple[Any, ...] = (
    Depot.id, Depot.public_id, Depot.code, Depot.name, Depot.level, Depot.mode, Depot.keeper, Depot.address,
    Depot.duty_phone, Depot.longitude, Depot.latitude, Depot.is_shared,
)  # fmt: skip


def _card(row: Sequence[Any], near: Point | None) -> DepotCard:
    id_, public_id, code, name, level, mode, keeper, address, phone, longitude, latitude, is_shared, seen = row
    point = None if longitude is None or latitude is None else Point(longitude, latitude)
    km = distance_km(near, point) if near is not None and point is not None else None
    return DepotCard(
        id_, public_id, code, name, level, mode, keeper, address, masked_phone(phone), point, is_shared, bool(seen), km
    )


def _by_way(card: DepotCard) -> tuple[bool, float, str]:
    return (card.km is None, card.km or 0.0, card.code)


def _found(row: Sequence[Any], km: float | None, settings: StockSettings) -> Found:
    depot_id, _, _, _, mode, may_be_asked, kind_id, lots, *sums, earliest, confirmed, reserve = row
    usable, allocated, expired, unconfirmed = map(int, sums)
    is_counted = bool(may_be_asked) and mode in settings.counted_modes
    free = max(usable - allocated - reserve, 0) if is_counted else 0
    return Found(
        depot_id, km, kind_id, lots, usable, allocated, reserve, expired, unconfirmed, earliest, confirmed, is_counted,
        free,
    )  # fmt: skip


def _sums(kind_ids: Sequence[int], settings: StockSettings, as_of: date) -> Any:
    usable, expired = is_usable(settings, as_of), is_expired(as_of)
    remaining = MaterialLot.remaining_milli
    return (
        select(
            MaterialLot.depot_id,
            MaterialLot.kind_id,
            func.count().label("lots"),
            func.sum(case((usable, remaining), else_=0)).label("usable"),
            func.sum(case((usable, MaterialLot.allocated_milli), else_=0)).label("allocated"),
            func.sum(case((expired, remaining), else_=0)).label("expired"),
            func.sum(case((or_(usable, expired), 0), else_=remaining)).label("unconfirmed"),
            func.min(case((usable, MaterialLot.expires_on))).label("earliest"),
            func.min(case((usable, MaterialLot.last_confirmed_on))).label("confirmed"),
        )
        .where(MaterialLot.kind_id.in_(kind_ids), remaining > 0)
        .group_by(MaterialLot.kind_id, MaterialLot.depot_id)
    )
