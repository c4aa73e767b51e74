"""Units on a day: the list and its filters, one unit, its history, and the states other rooms build on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from hwrisk.clock import today
from hwrisk.db.chunks import chunked
from hwrisk.db.history import in_force, known
from hwrisk.errors import NotFound
from hwrisk.imports.cells import half_width
from hwrisk.parks.models import Park
from hwrisk.regions.models import RegionKind
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import ManagementClass, Unit, UnitRole, UnitSource, UnitStatus, UnitVersion
from hwrisk.units.scope import in_scope, visible_units

CLASS = func.coalesce(UnitVersion.class_set, UnitVersion.class_computed)
"""The management class that prevails."""
REGISTER_ORDER = case((Unit.is_supervised, 0), else_=1)
"""Sorts the bureau's register before names from public sources."""
UNDECIDED = "-"
"""Filter value for units whose region no source states (待定)."""


class UnitRow(NamedTuple):
    """A unit and its state on a day."""

    unit: Unit
    version: UnitVersion

    @property
    def id(self) -> int:
        """The unit's internal id."""
        return self.unit.id

    @property
    def public_id(self) -> UUID:
        """The unit's public id."""
        return self.unit.public_id

    @property
    def unit_no(self) -> str:
        """Our own unit number."""
        return self.unit.unit_no

    @property
    def name(self) -> str:
        """The unit's name on the day."""
        return self.version.name


class RegionCount(NamedTuple):
    """How many units a region has; `code` is None for those whose region no source states (待定)."""

    code: str | None
    units: int


@dataclass(frozen=True, kw_only=True)
class UnitConditions:
    """What a list of units is narrowed by; None sets no condition."""

    text: str | None = None
    """Words of name, address, unit number or identity; letters are also taken as pinyin."""
    pasted: Sequence[str] = ()
    """Unit numbers, identity numbers or whole names."""
    office: str | None = None
    admin: str | None = None
    park: str | None = None
    """Code of a park."""
    status: UnitStatus | None = None
    role: UnitRole | None = None
    management_class: ManagementClass | None = None
    class_differs: bool = False
    """Only units whose class set by the authority is not the computed one."""
    supervised: bool | None = None


def units_matching(user: Viewer, conditions: UnitConditions, *, as_of: date) -> Select[Any]:
    """Return the statement for unit and state (see `UnitRow`) of the units in sight of `user` on `as_of`."""
    # The type of a statement has one parameter or several, by the version of SQLAlchemy.
    statement: Any = select(Unit, UnitVersion)
    found: Select[Any] = (
        statement.join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(visible_units(user, as_of=as_of), *_conditions(conditions))
        .order_by(REGISTER_ORDER, Unit.unit_no)
    )
    return found


def unit_rows(session: Session, user: Viewer, conditions: UnitConditions, *, as_of: date) -> list[UnitRow]:
    """Return all units that match: the register first, then names from public sources, each by unit number."""
    return [UnitRow(*row) for row in session.execute(units_matching(user, conditions, as_of=as_of))]


def count_units(session: Session, user: Viewer, conditions: UnitConditions, *, as_of: date) -> int:
    """Return how many units match."""
    statement = units_matching(user, conditions, as_of=as_of).order_by(None).with_only_columns(func.count())
    return session.scalar(statement) or 0


def counts_by_region(
    session: Session, user: Viewer, conditions: UnitConditions, *, kind: RegionKind, as_of: date
) -> list[RegionCount]:
    """Return the number of matching units by the regions of one partition, those without one (待定) last."""
    column = UnitVersion.office_code if kind is RegionKind.OFFICE else UnitVersion.admin_code
    statement = units_matching(user, conditions, as_of=as_of).order_by(None)
    rows = session.execute(
        statement.with_only_columns(column, func.count()).group_by(column).order_by(column.is_(None), column)
    )
    return [RegionCount(*row) for row in rows]


def get_unit(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> UnitRow:
    """Return the unit with this public id and its state on `as_of`; before its first day, the first state.

    Who may see it is decided by today's state: a unit that moved to another office has left the former one's sight.

    Raises:
        NotFound: there is none, or it is out of sight of `user`.
    """
    unit = session.scalars(
        select(Unit)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(Unit.public_id == public_id, on_or_first(today()), in_scope(user))
    ).one_or_none()
    if unit is None:
        raise NotFound
    return UnitRow(unit, version_on(session, unit.id, as_of=as_of))


def version_on(session: Session, unit_id: int, *, as_of: date, known_at: datetime | None = None) -> UnitVersion:
    """Return the state of one unit on `as_of`; before its first day, the first state.

    Raises:
        NotFound: nothing was known of the unit at that instant.
    """
    version = session.scalars(
        select(UnitVersion).where(UnitVersion.unit_id == unit_id, on_or_first(as_of, known_at))
    ).one_or_none()
    if version is None:
        raise NotFound
    return version


def versions_on(
    session: Session, unit_ids: Iterable[int], *, as_of: date, known_at: datetime | None = None
) -> dict[int, UnitVersion]:
    """Return the state in force on `as_of` by unit id, by what was known at `known_at` (None: now).

    Units that had no state yet are missing. One statement per few hundred units.
    """
    found: dict[int, UnitVersion] = {}
    for chunk in chunked(sorted(set(unit_ids))):
        rows = session.scalars(
            select(UnitVersion).where(UnitVersion.unit_id.in_(chunk), in_force(UnitVersion, as_of, known_at))
        )
        found.update((version.unit_id, version) for version in rows)
    return found


def units_by_id(session: Session, unit_ids: Iterable[int]) -> dict[int, Unit]:
    """Return units by id; one statement per few hundred."""
    found: dict[int, Unit] = {}
    for chunk in chunked(sorted(set(unit_ids))):
        found.update((unit.id, unit) for unit in session.scalars(select(Unit).where(Unit.id.in_(chunk))))
    return found


def history(session: Session, unit_id: int) -> Sequence[UnitVersion]:
    """Return every state ever recorded of a unit, also superseded ones: by day, then by the instant of recording."""
    return session.scalars(
        select(UnitVersion)
        .where(UnitVersion.unit_id == unit_id)
        .order_by(UnitVersion.valid_from.desc(), UnitVersion.recorded_at.desc(), UnitVersion.id.desc())
    ).all()


def sources_of(session: Session, unit_id: int) -> Sequence[UnitSource]:
    """Return what was published about a unit, as published, in the order of the sources."""
    return session.scalars(select(UnitSource).where(UnitSource.unit_id == unit_id).order_by(UnitSource.ref)).all()


def units_known_as(session: Session, numbers: Iterable[str], *, as_of: date) -> list[UnitRow]:
    """Return the units whose identity or own unit number is among `numbers`, whoever may see them, by unit number.

    Raises nothing for unknown ones. Before its first day a unit shows its first state.
    """
    found: list[UnitRow] = []
    for chunk in chunked(sorted(set(numbers))):
        rows = session.execute(
            select(Unit, UnitVersion)
            .join(UnitVersion, UnitVersion.unit_id == Unit.id)
            .where(or_(Unit.identity_no.in_(chunk), Unit.unit_no.in_(chunk)), on_or_first(as_of))
            .order_by(Unit.unit_no)
        )
        found += [UnitRow(*row) for row in rows]
    return found


def units_named(session: Session, names: Iterable[str], *, as_of: date) -> list[UnitRow]:
    """Return the units without an identity number that have one of `names`, whoever may see them, by unit number."""
    found: list[UnitRow] = []
    for chunk in chunked(sorted(set(names))):
        rows = session.execute(
            select(Unit, UnitVersion)
            .join(UnitVersion, UnitVersion.unit_id == Unit.id)
            .where(Unit.identity_no.is_(None), UnitVersion.name.in_(chunk), on_or_first(as_of))
            .order_by(Unit.unit_no)
        )
        found += [UnitRow(*row) for row in rows]
    return found


@lru_cache(maxsize=64)
def on_or_first(as_of: date, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Return the predicate on `UnitVersion` for the state on `as_of`, or the first one where a unit begins later."""
    earlier = aliased(UnitVersion)
    has_earlier = exists().where(
        earlier.unit_id == UnitVersion.unit_id, known(earlier, known_at), earlier.valid_from < UnitVersion.valid_from
    )
    first = and_(known(UnitVersion, known_at), UnitVersion.valid_from > as_of, not_(has_earlier))
    return or_(in_force(UnitVersion, as_of, known_at), first)


def _conditions(asked: UnitConditions) -> list[ColumnElement[bool]]:
    plain: list[tuple[Any, Any]] = [
        (UnitVersion.status, asked.status),
        (UnitVersion.role, asked.role),
        (Unit.is_supervised, asked.supervised),
    ]
    found = [column == value for column, value in plain if value is not None]
    found += [_in_region(column, code) for column, code in _regions(asked) if code]
    if asked.park:
        found.append(UnitVersion.park_id.in_(select(Park.id).where(Park.code == asked.park)))
    if asked.management_class is not None:
        found.append(asked.management_class.value == CLASS)
    if asked.class_differs:
        found.append(UnitVersion.class_set != UnitVersion.class_computed)
    if asked.pasted:
        found.append(_is_one_of(asked.pasted))
    return found + [_has_word(word) for word in half_width(asked.text or "").split()]


def _regions(asked: UnitConditions) -> list[tuple[Any, str | None]]:
    return [(UnitVersion.office_code, asked.office), (UnitVersion.admin_code, asked.admin)]


def _in_region(column: Any, code: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if code == UNDECIDED else column == code
    return found


def _is_one_of(items: Sequence[str]) -> ColumnElement[bool]:
    upper = [item.upper() for item in items]
    return or_(Unit.unit_no.in_(upper), Unit.identity_no.in_(upper), UnitVersion.name.in_(items))


def _has_word(word: str) -> ColumnElement[bool]:
    columns = [UnitVersion.name, UnitVersion.short_name, UnitVersion.address, Unit.unit_no, Unit.identity_no]
    found = [column.icontains(word, autoescape=True) for column in columns]
    if word.isascii() and word.isalnum():
        found.append(UnitVersion.pinyin.contains(word.lower(), autoescape=True))
    return or_(*found)
