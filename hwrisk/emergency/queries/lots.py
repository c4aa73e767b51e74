"""Lots, stock by depot and kind, and movements, in sight of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from hwrisk.db.history import in_force
from hwrisk.emergency import measures
from hwrisk.emergency.models import (
    Depot,
    DepotReserve,
    LotState,
    MaterialFunction,
    MaterialKind,
    MaterialLot,
    MaterialMovement,
)
from hwrisk.emergency.queries.states import has_state, is_expired, is_in_stock, is_usable, state_of
from hwrisk.emergency.rules import STATE_SIGNS
from hwrisk.emergency.scope import visible_depots
from hwrisk.emergency.settings import StockSettings, stock_settings
from hwrisk.errors import NotFound
from hwrisk.security.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class LotConditions:
    """What lists of lots and stock are narrowed by; None sets no condition."""

    text: str | None = None
    office: str | None = None
    function: MaterialFunction | None = None
    state: LotState | None = None
    depot: str | None = None
    """Code of a depot."""
    kind: str | None = None
    """Code of a kind."""
    attention: bool = False
    """Only lots that are expired, near their expiry or unconfirmed."""
    with_empty: bool = False
    """Also lots of which nothing is left."""
    park_id: int | None = None
    unit_id: int | None = None


class LotRow(NamedTuple):
    """A lot with its depot, kind and state on the day."""

    lot: MaterialLot
    depot: Depot
    kind: MaterialKind
    state: LotState

    @property
    def amount(self) -> str:
        """Stock as it is written, without the unit."""
        return measures.shown(self.lot.remaining_milli)

    @property
    def sign(self) -> str:
        """How the state is drawn."""
        return STATE_SIGNS[self.state]


class StockRow(NamedTuple):
    """Stock of one kind at one depot, all in thousandths of the kind's unit."""

    depot: Depot
    kind: MaterialKind
    lots: int
    total_milli: int
    usable_milli: int
    expired_milli: int
    unconfirmed_milli: int
    allocated_milli: int
    reserve_milli: int
    earliest_expiry: date | None
    """Of what is usable; None: nothing of it expires, or nothing is usable."""

    @property
    def free_milli(self) -> int:
        """What may be dispatched: unexpired and confirmed, less what is promised and what the depot keeps."""
        return max(self.usable_milli - self.allocated_milli - self.reserve_milli, 0)


class LotTotals(NamedTuple):
    """How many lots are in each state."""

    lots: int
    by_state: Mapping[LotState, int]


def conditions_of(values: Mapping[str, str]) -> LotConditions:
    """Return the conditions that filters carry as text."""
    return LotConditions(
        text=values.get("text"),
        office=values.get("office"),
        function=MaterialFunction.of(values.get("function")),
        state=LotState.of(values.get("state")),
        depot=values.get("depot"),
        kind=values.get("kind"),
        attention="attention" in values,
        with_empty="with_empty" in values,
    )


def _matching(asked: LotConditions, settings: StockSettings, as_of: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (Depot.office_code, asked.office), (MaterialKind.function, asked.function), (Depot.code, asked.depot),
        (MaterialKind.code, asked.kind), (Depot.park_id, asked.park_id), (Depot.unit_id, asked.unit_id),
    ):  # fmt: skip
        if value is not None:
            found.append(column == value)
    if asked.state is not None:
        found.append(has_state(asked.state, settings, as_of))
    elif not asked.with_empty:
        found.append(is_in_stock())
    if asked.attention:
        found.append(or_(*(has_state(state, settings, as_of) for state in ATTENTION)))
    columns = (
        MaterialKind.name, MaterialKind.aliases, MaterialKind.pinyin, MaterialKind.code, Depot.name, Depot.pinyin,
        MaterialLot.lot_no, MaterialLot.batch_label,
    )  # fmt: skip
    for word in (asked.text or "").split():
        found.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return found


ATTENTION = (LotState.EXPIRED, LotState.EXPIRING, LotState.UNCONFIRMED)


def lots_matching(user: Viewer, asked: LotConditions, *, settings: StockSettings, as_of: date) -> Select[Any]:
    """Return the statement for the lots in sight of `user` that match, each as `LotRow`."""
    return (
        select(MaterialLot, Depot, MaterialKind, state_of(settings, as_of))
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .join(MaterialKind, MaterialKind.id == MaterialLot.kind_id)
        .where(visible_depots(user), *_matching(asked, settings, as_of))
    )


def lot_rows(session: Session, user: Viewer, asked: LotConditions, *, as_of: date) -> list[LotRow]:
    """Return all lots in sight that match: by depot, kind and expiry."""
    statement = lots_matching(user, asked, settings=stock_settings(session, as_of=as_of), as_of=as_of)
    ordered = statement.order_by(
        Depot.code, MaterialKind.code, MaterialLot.expires_on.is_(None), MaterialLot.expires_on, MaterialLot.id
    )
    return [LotRow(*row) for row in session.execute(ordered)]


def lot_totals(session: Session, user: Viewer, asked: LotConditions, *, as_of: date) -> LotTotals:
    """Return how many lots in sight match, by state, every state present."""
    settings = stock_settings(session, as_of=as_of)
    state = state_of(settings, as_of).label("state")
    found = (
        select(state)
        .select_from(MaterialLot)
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .join(MaterialKind, MaterialKind.id == MaterialLot.kind_id)
        .where(visible_depots(user), *_matching(asked, settings, as_of))
        .subquery()
    )
    counted: dict[LotState, int] = dict(
        session.execute(select(found.c.state, func.count()).group_by(found.c.state)).all()
    )
    by_state = {state: counted.get(state, 0) for state in LotState}
    return LotTotals(sum(by_state.values()), by_state)


def stock_matching(user: Viewer, asked: LotConditions, *, settings: StockSettings, as_of: date) -> Select[Any]:
    """Return the statement for the stock in sight by depot and kind, each as `StockRow`."""
    usable = is_usable(settings, as_of)
    expired = and_(is_in_stock(), is_expired(as_of))

    def summed(condition: ColumnElement[bool], column: Any = MaterialLot.remaining_milli) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((condition, column), else_=0)), 0)

    sums = (
        select(
            MaterialLot.depot_id,
            MaterialLot.kind_id,
            func.count().label("lots"),
            func.sum(MaterialLot.remaining_milli).label("total"),
            summed(usable).label("usable"),
            summed(expired).label("expired"),
            summed(usable, MaterialLot.allocated_milli).label("allocated"),
            func.min(case((usable, MaterialLot.expires_on))).label("earliest"),
        )
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .join(MaterialKind, MaterialKind.id == MaterialLot.kind_id)
        .where(visible_depots(user), *_matching(asked, settings, as_of))
        .group_by(MaterialLot.depot_id, MaterialLot.kind_id)
        .subquery()
    )
    return (
        select(
            Depot, MaterialKind, sums.c.lots, sums.c.total, sums.c.usable, sums.c.expired,
            sums.c.total - sums.c.usable - sums.c.expired, sums.c.allocated,
            func.coalesce(DepotReserve.amount_milli, 0), sums.c.earliest,
        )
        .select_from(sums)
        .join(Depot, Depot.id == sums.c.depot_id)
        .join(MaterialKind, MaterialKind.id == sums.c.kind_id)
        .outerjoin(
            DepotReserve,
            and_(
                DepotReserve.depot_id == sums.c.depot_id,
                DepotReserve.kind_id == sums.c.kind_id,
                in_force(DepotReserve, as_of),
            ),
        )
    )  # fmt: skip


def stock_row(row: Sequence[Any]) -> StockRow:
    """Return a row of `stock_matching` with whole numbers; PostgreSQL sums them into decimals."""
    depot, kind, lots, *sums, earliest = row
    total, usable, expired, unconfirmed, allocated, reserve = (int(value or 0) for value in sums)
    return StockRow(depot, kind, lots, total, usable, expired, unconfirmed, allocated, reserve, earliest)


def stock_rows(session: Session, user: Viewer, asked: LotConditions, *, as_of: date) -> list[StockRow]:
    """Return the stock in sight that matches, by depot and kind."""
    statement = stock_matching(user, asked, settings=stock_settings(session, as_of=as_of), as_of=as_of)
    return [stock_row(row) for row in session.execute(statement.order_by(Depot.code, MaterialKind.code))]


def count_stock(session: Session, user: Viewer, asked: LotConditions, *, as_of: date) -> int:
    """Return how many rows `stock_rows` has."""
    statement = stock_matching(user, asked, settings=stock_settings(session, as_of=as_of), as_of=as_of)
    return session.scalar(select(func.count()).select_from(statement.with_only_columns(Depot.id).subquery())) or 0


def get_lot(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> LotRow:
    """Return the lot with this public id.

    Raises:
        NotFound: there is none, or its depot is out of sight of `user`.
    """
    settings = stock_settings(session, as_of=as_of)
    statement = lots_matching(user, LotConditions(with_empty=True), settings=settings, as_of=as_of)
    row = session.execute(statement.where(MaterialLot.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound
    return LotRow(*row)


class MovementRow(NamedTuple):
    """A movement and the stock after it."""

    movement: MaterialMovement
    after_milli: int


def movements_of(session: Session, lot_id: int) -> list[MovementRow]:
    """Return the movements of a lot with the stock after each, latest first."""
    rows = session.scalars(
        select(MaterialMovement)
        .where(MaterialMovement.lot_id == lot_id)
        .order_by(MaterialMovement.occurred_on, MaterialMovement.id)
    )
    stock, found = 0, []
    for row in rows:
        stock += row.delta_milli
        found.append(MovementRow(row, stock))
    return found[::-1]
