"""Depots in sight of a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from hwrisk.db.history import in_force
from hwrisk.emergency.models import Depot, DepotLevel, DepotReserve, MaterialKind, MaterialLot, StorageMode
from hwrisk.emergency.scope import findable_depots, visible_depots
from hwrisk.errors import NotFound
from hwrisk.security.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class DepotConditions:
    """What a list of depots is narrowed by; None sets no condition."""

    text: str | None = None
    office: str | None = None
    level: DepotLevel | None = None
    mode: StorageMode | None = None
    shared: bool = False
    park_id: int | None = None
    unit_id: int | None = None


class DepotRow(NamedTuple):
    """A depot with how many kinds it has in stock and in how many lots."""

    depot: Depot
    kinds: int
    lots: int


def conditions_of(values: Mapping[str, str]) -> DepotConditions:
    """Return the conditions that filters carry as text."""
    return DepotConditions(
        text=values.get("text"),
        office=values.get("office"),
        level=DepotLevel.of(values.get("level")),
        mode=StorageMode.of(values.get("mode")),
        shared="shared" in values,
    )


def matching(asked: DepotConditions) -> list[ColumnElement[bool]]:
    """Return the conditions as predicates on `Depot`."""
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (Depot.office_code, asked.office), (Depot.level, asked.level), (Depot.mode, asked.mode),
        (Depot.park_id, asked.park_id), (Depot.unit_id, asked.unit_id),
    ):  # fmt: skip
        if value is not None:
            found.append(column == value)
    if asked.shared:
        found.append(Depot.is_shared.is_(True))
    for word in (asked.text or "").split():
        columns = (Depot.name, Depot.code, Depot.keeper, Depot.address, Depot.pinyin)
        found.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return found


def depots_matching(user: Viewer, asked: DepotConditions) -> Select[Any]:
    """Return the statement for the depots in sight of `user` that match, each with its stock counts (`DepotRow`)."""
    stock = (
        select(
            MaterialLot.depot_id,
            func.count(func.distinct(MaterialLot.kind_id)).label("kinds"),
            func.count().label("lots"),
        )
        .where(MaterialLot.remaining_milli > 0)
        .group_by(MaterialLot.depot_id)
        .subquery()
    )
    # The type of a statement has one parameter or several, by the version of SQLAlchemy.
    columns_of: Any = select(Depot, func.coalesce(stock.c.kinds, 0), func.coalesce(stock.c.lots, 0))
    statement: Select[Any] = columns_of.outerjoin(stock, stock.c.depot_id == Depot.id).where(
        visible_depots(user), *matching(asked)
    )
    return statement


def count_depots(session: Session, user: Viewer, asked: DepotConditions) -> int:
    """Return how many depots in sight match."""
    return session.scalar(select(func.count()).select_from(Depot).where(visible_depots(user), *matching(asked))) or 0


def depot_rows(session: Session, user: Viewer, asked: DepotConditions) -> list[DepotRow]:
    """Return all depots in sight that match, by code."""
    rows = session.execute(depots_matching(user, asked).order_by(Depot.code))
    return [DepotRow(*row) for row in rows]


def get_depot(session: Session, public_id: UUID, *, user: Viewer) -> Depot:
    """Return the depot with this public id.

    Raises:
        NotFound: there is none, or it is out of sight of `user`.
    """
    return _one(session, public_id, visible_depots(user))


def get_findable_depot(session: Session, public_id: UUID, *, user: Viewer) -> Depot:
    """Return the depot with this public id where the look-up of `user` finds it.

    Raises:
        NotFound: there is none, or the look-up does not find it.
    """
    return _one(session, public_id, findable_depots(user))


def _one(session: Session, public_id: UUID, seen: ColumnElement[bool]) -> Depot:
    found = session.scalars(select(Depot).where(Depot.public_id == public_id, seen)).one_or_none()
    if found is None:
        raise NotFound
    return found


def depots_by_id(session: Session, ids: Iterable[int]) -> dict[int, Depot]:
    """Return depots by id."""
    return {row.id: row for row in session.scalars(select(Depot).where(Depot.id.in_(sorted(set(ids)))))}


def choosable_depots(session: Session, *, user: Viewer) -> Sequence[Depot]:
    """Return the depots in use in sight of `user`, by code, for forms."""
    return session.scalars(
        select(Depot).where(visible_depots(user), Depot.is_active.is_(True)).order_by(Depot.code)
    ).all()


def reserves_on(session: Session, *, kind_id: int, as_of: date) -> dict[int, int]:
    """Return what each depot keeps back of one kind on `as_of`, in thousandths, by depot id."""
    rows = session.execute(
        select(DepotReserve.depot_id, DepotReserve.amount_milli).where(
            DepotReserve.kind_id == kind_id, in_force(DepotReserve, as_of)
        )
    )
    return dict(rows.all())


class ReserveRow(NamedTuple):
    """What a depot keeps back of one kind."""

    reserve: DepotReserve
    kind: MaterialKind


def reserves_of(session: Session, depot_id: int, *, as_of: date) -> list[ReserveRow]:
    """Return what a depot keeps back on `as_of`, by kind; zero amounts are left out."""
    rows = session.execute(
        select(DepotReserve, MaterialKind)
        .join(MaterialKind, MaterialKind.id == DepotReserve.kind_id)
        .where(DepotReserve.depot_id == depot_id, in_force(DepotReserve, as_of), DepotReserve.amount_milli > 0)
        .order_by(MaterialKind.code)
    )
    return [ReserveRow(*row) for row in rows]
