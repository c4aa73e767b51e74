"""What rows of a file may mean: units in sight, their facilities, and what was recorded before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from hwrisk.db.chunks import chunked
from hwrisk.imports import CheckContext
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.storage.models import FacilityVersion, StorageFacility
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import on_or_first
from hwrisk.units.scope import in_scope

MOST_NAMES = 3000
"""Names of units among which near ones are looked for."""


class UnitRef(NamedTuple):
    """A unit in sight."""

    id: int
    unit_no: str
    name: str


class Stored(NamedTuple):
    """A record as it is stored, for telling whether a row of a file is the same."""

    kind: EntryKind
    occurred_on: date
    quantity: Decimal
    waste_code: str
    is_cancelled: bool


@dataclass
class Known:
    """Read once per file, in a handful of statements."""

    units: Mapping[str, list[UnitRef]]
    """Units in sight by number, identity and name, in capitals."""
    only_unit: UnitRef | None
    """The one unit the person stands for, or None."""
    unit_names: Sequence[str]
    facilities: Mapping[int, Mapping[str, int]]
    """Facility by code and by name, per unit."""
    records: dict[tuple[int, str], Stored] = field(default_factory=dict)
    sources: dict[str, bool] = field(default_factory=dict)
    """Keys of rows that were imported before; whether the record was cancelled since."""
    readings: dict[int, Any] = field(default_factory=dict)
    """What each row means, by its number."""


def load_units(session: Session, context: CheckContext, texts: Iterable[str]) -> Known:
    """Return the units in sight that `texts` may name, with their facilities."""
    wanted = sorted({text.upper() for text in texts})
    units: dict[str, list[UnitRef]] = defaultdict(list)
    for chunk in chunked(wanted):
        named = or_(
            Unit.unit_no.in_(chunk), Unit.identity_no.in_(chunk), func.upper(UnitVersion.name).in_(chunk),
            func.upper(UnitVersion.short_name).in_(chunk),
        )  # fmt: skip
        for unit, version in session.execute(_in_sight(context).where(named)):
            ref = UnitRef(unit.id, unit.unit_no, version.name)
            for text in {unit.unit_no, unit.identity_no or "", version.name.upper(), version.short_name.upper()} - {""}:
                units[text].append(ref)
    only = _only_unit(session, context)
    refs = {ref.id for found in units.values() for ref in found} | ({only.id} if only else set())
    missing = [text for text in wanted if text not in units]
    return Known(units, only, _names(session, context) if missing else [], _facilities(session, refs, context.as_of))


def load_records(session: Session, known: Known, keys: Iterable[tuple[int, str]], sources: Iterable[str]) -> None:
    """Add to `known` which numbers and rows were recorded before."""
    cancelling = aliased(LedgerEntry)
    columns = (
        LedgerEntry.unit_id, LedgerEntry.entry_no, LedgerEntry.kind, LedgerEntry.occurred_on, LedgerEntry.quantity,
        LedgerEntry.waste_code, cancelling.id,
    )  # fmt: skip
    for chunk in chunked(sorted(set(keys))):
        rows = session.execute(
            select(*columns)
            .outerjoin(cancelling, cancelling.cancels_id == LedgerEntry.id)
            .where(tuple_(LedgerEntry.unit_id, LedgerEntry.entry_no).in_(chunk))
        )
        for unit_id, number, kind, day, quantity, code, cancelled in rows:
            known.records[(unit_id, number)] = Stored(kind, day, quantity, code, cancelled is not None)
    for texts in chunked(sorted(set(sources))):
        found = session.execute(
            select(LedgerEntry.source_ref, func.count(cancelling.id))
            .outerjoin(cancelling, cancelling.cancels_id == LedgerEntry.id)
            .where(LedgerEntry.source_ref.in_(texts))
            .group_by(LedgerEntry.source_ref)
        )
        known.sources.update((ref, cancelled > 0) for ref, cancelled in found)


def base_version(session: Session, _context: CheckContext) -> str:
    """Return a text that changes whenever a record, a unit or a facility does."""
    counted: tuple[Any, ...] = (
        select(func.max(LedgerEntry.id)),
        select(func.max(UnitVersion.id), func.count(UnitVersion.superseded_at)),
        select(func.max(Unit.id), func.count(Unit.identity_no)),
        select(func.max(StorageFacility.id), func.max(FacilityVersion.id), func.count(FacilityVersion.superseded_at))
        .select_from(StorageFacility)
        .join(FacilityVersion, FacilityVersion.facility_id == StorageFacility.id),
    )
    return " ".join(str(tuple(session.execute(statement).one())) for statement in counted)


def _in_sight(context: CheckContext) -> Any:
    return (
        select(Unit, UnitVersion)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(on_or_first(context.as_of), in_scope(context.user))
        .order_by(Unit.unit_no)
    )


def _only_unit(session: Session, context: CheckContext) -> UnitRef | None:
    if not _stands_for_units(context.user):
        return None
    found = session.execute(_in_sight(context).limit(2)).all()
    return UnitRef(found[0][0].id, found[0][0].unit_no, found[0][1].name) if len(found) == 1 else None


def _stands_for_units(user: Viewer) -> bool:
    return bool(user.units) and not (user.is_city_wide or user.offices or user.parks)


def _names(session: Session, context: CheckContext) -> list[str]:
    statement = _in_sight(context).with_only_columns(UnitVersion.name).limit(MOST_NAMES)
    return list(session.scalars(statement))


def _facilities(session: Session, unit_ids: Iterable[int], as_of: date) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for chunk in chunked(sorted(unit_ids)):
        rows = session.execute(
            select(StorageFacility.unit_id, StorageFacility.id, StorageFacility.code, FacilityVersion.name)
            .outerjoin(
                FacilityVersion,
                and_(
                    FacilityVersion.facility_id == StorageFacility.id,
                    FacilityVersion.superseded_at.is_(None),
                    or_(FacilityVersion.valid_until.is_(None), FacilityVersion.valid_until > as_of),
                ),
            )
            .where(StorageFacility.unit_id.in_(chunk))
            .order_by(StorageFacility.id)
        )
        for unit_id, facility_id, code, name in rows:
            found[unit_id][code.upper()] = facility_id
            if name:
                found[unit_id].setdefault(name.upper(), facility_id)
    return found
