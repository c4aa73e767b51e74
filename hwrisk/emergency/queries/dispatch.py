"""Dispatches in sight of a person: of the own office or park, and those that take from the own depots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from hwrisk.emergency import measures
from hwrisk.emergency.models import (
    Depot,
    DispatchAllocation,
    DispatchRequest,
    DispatchState,
    DispatchStep,
    MaterialKind,
    MaterialLot,
)
from hwrisk.emergency.scope import visible_depots, visible_requests
from hwrisk.errors import NotFound
from hwrisk.security.viewer import Viewer

OPEN = (DispatchState.REQUESTED, DispatchState.ALLOCATED, DispatchState.OUT)
SIGNS = {
    DispatchState.REQUESTED: "bad",
    DispatchState.ALLOCATED: "warn",
    DispatchState.OUT: "warn",
    DispatchState.CLOSED: "good",
    DispatchState.CANCELLED: "note",
}
"""How a state is drawn."""


@dataclass(frozen=True, kw_only=True)
class DispatchConditions:
    """What a list of dispatches is narrowed by; None sets no condition."""

    text: str | None = None
    state: DispatchState | None = None
    open_only: bool = False


class DispatchRow(NamedTuple):
    """A dispatch with its kind, what was allocated and what is still out, in thousandths."""

    request: DispatchRequest
    kind: MaterialKind
    allocated_milli: int
    away_milli: int

    @property
    def amount(self) -> str:
        """What was asked for, with its unit."""
        return f"{measures.shown(self.request.amount_milli)} {self.kind.unit}"

    @property
    def sign(self) -> str:
        """How the state is drawn."""
        return SIGNS[self.request.state]


class AllocationRow(NamedTuple):
    """What of one lot goes to a dispatch, and where it lies."""

    allocation: DispatchAllocation
    lot: MaterialLot
    depot: Depot
    is_in_sight: bool
    """Whether the depot is in sight of the person, who may then open and handle it."""


class DispatchFile(NamedTuple):
    """Everything about one dispatch."""

    row: DispatchRow
    depot: Depot | None
    """The depot that was asked for first, or None."""
    allocations: tuple[AllocationRow, ...]
    """All of them for whoever asked and for the whole city; a keeper sees what goes from the own depots."""
    is_in_hand: bool
    """Whether every lot lies in a depot in sight, so that the person may send it out."""
    steps: tuple[DispatchStep, ...]


def conditions_of(values: Mapping[str, str]) -> DispatchConditions:
    """Return the conditions that filters carry as text."""
    return DispatchConditions(
        text=values.get("text"),
        state=DispatchState.of(values.get("state")),
        open_only="open" in values,
    )


def in_sight(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate on `DispatchRequest` for what `user` sees."""
    if user.is_city_wide:
        return visible_requests(user)
    from_own_depots = (
        select(DispatchAllocation.request_id)
        .join(MaterialLot, MaterialLot.id == DispatchAllocation.lot_id)
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .where(visible_depots(user))
    )
    return or_(visible_requests(user), DispatchRequest.id.in_(from_own_depots))


def _matching(asked: DispatchConditions) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.state is not None:
        found.append(DispatchRequest.state == asked.state)
    if asked.open_only:
        found.append(DispatchRequest.state.in_(OPEN))
    columns = (
        DispatchRequest.number, DispatchRequest.incident, DispatchRequest.place, MaterialKind.name, MaterialKind.pinyin,
    )  # fmt: skip
    for word in (asked.text or "").split():
        found.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return found


def dispatches_matching(user: Viewer, asked: DispatchConditions) -> Select[Any]:
    """Return the statement for the dispatches in sight that match, each as `DispatchRow`."""
    sums = (
        select(
            DispatchAllocation.request_id,
            func.sum(DispatchAllocation.amount_milli).label("given"),
            func.sum(
                DispatchAllocation.out_milli - DispatchAllocation.returned_milli - DispatchAllocation.consumed_milli
            ).label("away"),
        )
        .where(DispatchAllocation.is_released.is_(False))
        .group_by(DispatchAllocation.request_id)
        .subquery()
    )
    # The type of a statement has one parameter or several, by the version of SQLAlchemy.
    columns_of: Any = select(
        DispatchRequest, MaterialKind, func.coalesce(sums.c.given, 0), func.coalesce(sums.c.away, 0)
    )
    statement: Select[Any] = (
        columns_of.join(MaterialKind, MaterialKind.id == DispatchRequest.kind_id)
        .outerjoin(sums, sums.c.request_id == DispatchRequest.id)
        .where(in_sight(user), *_matching(asked))
    )
    return statement


def dispatch_row(row: Sequence[Any]) -> DispatchRow:
    """Return a row of `dispatches_matching` with whole numbers."""
    request, kind, given, away = row
    return DispatchRow(request, kind, int(given), int(away))


def dispatch_rows(session: Session, user: Viewer, asked: DispatchConditions) -> list[DispatchRow]:
    """Return all dispatches in sight that match, latest first."""
    rows = session.execute(dispatches_matching(user, asked).order_by(DispatchRequest.id.desc()))
    return [dispatch_row(row) for row in rows]


def count_dispatches(session: Session, user: Viewer, asked: DispatchConditions) -> int:
    """Return how many dispatches in sight match."""
    found = dispatches_matching(user, asked).with_only_columns(DispatchRequest.id).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def get_dispatch(session: Session, public_id: UUID, *, user: Viewer) -> DispatchRequest:
    """Return the dispatch with this public id.

    Raises:
        NotFound: there is none, or it is out of sight of `user`.
    """
    found = session.scalars(
        select(DispatchRequest).where(DispatchRequest.public_id == public_id, in_sight(user))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def dispatch_file(session: Session, public_id: UUID, *, user: Viewer) -> DispatchFile:
    """Return everything about one dispatch.

    Raises:
        NotFound: there is none, or it is out of sight of `user`.
    """
    found = session.execute(
        dispatches_matching(user, DispatchConditions()).where(DispatchRequest.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    row = dispatch_row(found)
    allocations = session.execute(
        select(DispatchAllocation, MaterialLot, Depot, visible_depots(user))
        .join(MaterialLot, MaterialLot.id == DispatchAllocation.lot_id)
        .join(Depot, Depot.id == MaterialLot.depot_id)
        .where(DispatchAllocation.request_id == row.request.id)
        .order_by(DispatchAllocation.id)
    )
    steps = session.scalars(
        select(DispatchStep).where(DispatchStep.request_id == row.request.id).order_by(DispatchStep.id)
    )
    given = [AllocationRow(*each[:3], bool(each[3])) for each in allocations]
    own = select(DispatchRequest.id).where(DispatchRequest.id == row.request.id, visible_requests(user))
    is_asker = session.scalar(own) is not None
    first = select(Depot).where(Depot.id == row.request.depot_id)
    depot = session.scalars(first if is_asker else first.where(visible_depots(user))).one_or_none()
    shown = tuple(each for each in given if is_asker or each.is_in_sight)
    in_hand = all(each.is_in_sight for each in given if not each.allocation.is_released)
    return DispatchFile(row, depot, shown, in_hand, tuple(steps))
