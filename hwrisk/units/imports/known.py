"""What the check of a unit list must know: regions, parks, and the units its rows may mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.imports import CheckContext, Fault, ParsedRow
from hwrisk.imports.cells import near_names
from hwrisk.parks.models import Park
from hwrisk.parks.queries import park_choices
from hwrisk.regions.models import RegionKind, RegionVersion
from hwrisk.regions.queries import RegionRow, regions
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import UnitRow, units_known_as, units_named

SHOWN = 12
SHORT_ENDINGS = ("生态环境局", "分局", "局", "县", "区")


@dataclass(frozen=True)
class Known:
    """Read once per file, in a handful of statements."""

    offices: Mapping[str, str]
    """Code by every name of an office."""
    admins: Mapping[str, str]
    parks: Mapping[str, int]
    office_names: Mapping[str, str]
    admin_names: Mapping[str, str]
    park_names: Mapping[int, str]
    by_number: Mapping[str, list[UnitRow]]
    """Units by own number, and by identity number."""
    by_name: Mapping[str, list[UnitRow]]
    """Units without an identity number, by name."""
    seen: dict[Any, int] = field(default_factory=dict)
    """Row by what it means, for duplicates within the file."""


def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> Known:
    """Return what the rows of one file must be compared with."""
    numbers = {row.values[key] for row in rows for key in ("unit_no", "uscc", "identity_no") if row.values.get(key)}
    offices = regions(session, RegionKind.OFFICE, as_of=context.as_of)
    admins = regions(session, RegionKind.ADMIN, as_of=context.as_of)
    parks = park_choices(session)
    found = units_known_as(session, {number.upper() for number in numbers}, as_of=context.as_of)
    names = [row.values["name"] for row in rows]
    return Known(
        offices=_names(offices, ("分局", "局")),
        admins=_names(admins, ()),
        parks=parks,
        office_names={r.code: r.name for r in offices},
        admin_names={r.code: r.name for r in admins},
        park_names=dict(session.execute(select(Park.id, Park.name)).all()),
        by_number=_grouped(found, lambda row: [row.unit.unit_no, row.unit.identity_no]),
        by_name=_grouped(units_named(session, names, as_of=context.as_of), lambda row: [row.name]),
    )


def base_version(session: Session, context: CheckContext) -> str:  # noqa: ARG001 - the scope is added by the service
    """Return a text that changes whenever a unit, a region or a park does."""
    counted = (
        select(func.max(UnitVersion.id), func.count(UnitVersion.superseded_at), func.count()),
        select(func.max(Unit.id), func.count(Unit.identity_no), func.count()),
        select(func.max(RegionVersion.id), func.count(RegionVersion.superseded_at), func.count()),
        select(func.max(Park.id), func.count(), func.count(Park.office_code)),
    )
    return " ".join(str(tuple(session.execute(statement).one())) for statement in counted)


def place(row: ParsedRow, key: str, names: Mapping[str, Any], official: Iterable[str], faults: list[Fault]) -> Any:
    """Return the code behind the name in column `key`, or None; an unknown name becomes a fault with near names."""
    typed = row.values.get(key)
    if typed is None:
        return None
    plain = typed.replace(" ", "").upper()
    if plain in names:
        return names[plain]
    options = list(official)
    near = near_names(typed, options)
    faults.append(row.fault(key, f"没有叫“{typed}”的{row.layout.titles[key]}", "、".join(near or options[:SHOWN])))
    return None


def _names(found: Sequence[RegionRow], endings: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for region in found:
        ending = next((ending for ending in SHORT_ENDINGS if region.name.endswith(ending)), "")
        short = region.name.removesuffix(ending)
        for spelling in (region.name, region.code, short, *(short + ending for ending in endings)):
            names.setdefault(spelling.upper(), region.code)
    return names


def _grouped(rows: Sequence[UnitRow], keys: Callable[[UnitRow], Sequence[str | None]]) -> dict[str, list[UnitRow]]:
    found: dict[str, list[UnitRow]] = {}
    for row in rows:
        for key in keys(row):
            if key:
                found.setdefault(key, []).append(row)
    return found
