"""What the three imports share: columns of measures, and the parks, enterprises and facilities a file may mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.containment import queries
from hwrisk.containment.measures import Measure, parse_measure
from hwrisk.containment.models import (
    Connection,
    ConnectionVersion,
    ContainmentKind,
    Facility,
    FacilityVersion,
    Reading,
)
from hwrisk.containment.scope import sees_facilities_of
from hwrisk.containment.states import FacilityStatus
from hwrisk.imports import CheckContext, Fault, ParsedRow, TemplateColumn
from hwrisk.imports.cells import Cell, near_names
from hwrisk.imports.template import Style
from hwrisk.parks.models import Park
from hwrisk.parks.scope import visible_parks
from hwrisk.security.roles import Role
from hwrisk.units.models import UnitVersion
from hwrisk.units.queries import UnitConditions, unit_rows
from hwrisk.units.scope import visible_units

SHOWN = 8


def measure_column(key: str, title: str, measure: Measure, *, positive: bool = False, **more: Any) -> TemplateColumn:
    """Return a column of quantities in the unit of `measure`, which its title carries."""

    def parse(cell: Cell, _as_of: date) -> Decimal:
        return parse_measure(cell, measure, positive=positive)

    return TemplateColumn(
        key=key, title=title, parse=parse, style=Style.TONNES, **{"width": 16, "unit_word": measure.unit, **more}
    )


@dataclass(frozen=True)
class Known:
    """What a file is compared with, read once in a handful of statements."""

    parks: Mapping[str, Park]
    """Parks the person may file for, by every name of theirs."""
    units: Mapping[tuple[int, str], int]
    """Id of an enterprise by park and name."""
    unit_names: Mapping[int, list[str]]
    """Names of the enterprises of a park."""
    facilities: Mapping[tuple[int, str], FacilityStatus]
    """Facilities in sight by park and number, and by park and name."""
    names: Mapping[int, list[str]]
    """Numbers and names of the facilities of a park."""
    kinds: Mapping[str, ContainmentKind]
    taken: frozenset[tuple[int, str]]
    """Numbers of facilities that are taken, whoever may see them."""
    seen: dict[Any, int] = field(default_factory=dict)
    """Row by what it means, for duplicates within the file."""


def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> Known:
    """Return what the rows of a file must be compared with."""
    del rows
    user, as_of = context.user, context.as_of
    parks = _parks(session, context)
    by_name: dict[str, Park] = {}
    for park in parks:
        by_name |= {name: park for name in (park.name, park.code, *park.aliases.split(";")) if name}
    units: dict[tuple[int, str], int] = {}
    unit_names: dict[int, list[str]] = {}
    for row in unit_rows(session, user, UnitConditions(), as_of=as_of):
        if row.version.park_id is not None and sees_facilities_of(user, row.id):
            units |= {(row.version.park_id, name): row.id for name in (row.name, row.unit_no)}
            unit_names.setdefault(row.version.park_id, []).append(row.name)
    facilities: dict[tuple[int, str], FacilityStatus] = {}
    names: dict[int, list[str]] = {}
    for status in queries.statuses(session, user=user, as_of=as_of):
        park_id = status.facility.park_id
        for name in (status.name, status.facility.facility_no):
            facilities[park_id, name] = status
        names.setdefault(park_id, []).extend((status.facility.facility_no, status.name))
    taken = frozenset((row[0], row[1]) for row in session.execute(select(Facility.park_id, Facility.facility_no)))
    kinds = {kind.label: kind for kind in queries.kinds(session)}
    return Known(by_name, units, unit_names, facilities, names, kinds, taken)


def base_version(session: Session, context: CheckContext) -> str:
    """Return a text that changes whenever a facility, a connection, a reading or a unit does."""
    del context
    counted: tuple[Any, ...] = (
        select(func.max(FacilityVersion.id), func.count(FacilityVersion.superseded_at), func.count()),
        select(func.max(ConnectionVersion.id), func.count(ConnectionVersion.superseded_at), func.count()),
        select(func.max(Connection.id), func.count()),
        select(func.max(Reading.id), func.count()),
        select(func.max(UnitVersion.id), func.count(UnitVersion.superseded_at), func.count()),
    )
    return " ".join(str(tuple(session.execute(statement).one())) for statement in counted)


def park_of(row: ParsedRow, known: Known, faults: list[Fault]) -> Park | None:
    """Return the park a row names, or None with a fault that offers near names."""
    typed = str(row.values["park"]).strip()
    if typed in known.parks:
        return known.parks[typed]
    options = list(dict.fromkeys(park.name for park in known.parks.values()))
    near = near_names(typed, options) or options[:SHOWN]
    faults.append(row.fault("park", f"没有叫“{typed}”的园区，或不在您的填报范围内", "、".join(near) or None))
    return None


def facility_of(row: ParsedRow, key: str, park: Park, known: Known, faults: list[Fault]) -> FacilityStatus | None:
    """Return the facility a cell names by number or name, or None: blank, or with a fault that offers near names."""
    typed = row.values.get(key)
    if typed is None:
        return None
    found = known.facilities.get((park.id, str(typed).strip()))
    if found is None:
        options = known.names.get(park.id, [])
        near = near_names(str(typed), options) or options[:SHOWN]
        faults.append(row.fault(key, f"{park.name}没有编号或名称为“{typed}”的设施", "、".join(near) or "先登记该设施"))
    return found


def once(row: ParsedRow, key: Any, known: Known, what: str, faults: list[Fault]) -> None:
    """Refuse a row that means what another row of the file means already."""
    first = known.seen.setdefault(key, row.row_no)
    if first != row.row_no:
        faults.append(row.fault(None, f"与第 {first} 行是同一{what}，一个文件里只能出现一次"))


def _parks(session: Session, context: CheckContext) -> list[Park]:
    user = context.user
    if user.role is Role.ENTERPRISE:
        of_units = select(UnitVersion.park_id).where(visible_units(user, as_of=context.as_of))
        return list(session.scalars(select(Park).where(Park.id.in_(of_units)).order_by(Park.code)))
    return list(session.scalars(select(Park).where(visible_parks(user)).order_by(Park.code)))
