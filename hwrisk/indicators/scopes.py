"""The scopes a value is drawn for: the city, each supervising office, each district; each partition once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from hwrisk.db.history import known
from hwrisk.indicators.models import ScopeKind
from hwrisk.regions.models import Region, RegionKind, RegionVersion
from hwrisk.regions.queries import CITY_LEVEL
from hwrisk.units.models import ManagementClass, UnitStatus, UnitVersion

UNDETERMINED = ""
"""Scope of units whose region no source states (待定)."""
UNDETERMINED_LABEL = "待定"
DISTRICT_LEVELS = frozenset({"district", "county"})


class ScopeKey(NamedTuple):
    """A scope: its kind and its region's code, empty for 待定."""

    kind: ScopeKind
    code: str


class UnitSpan(NamedTuple):
    """What a figure asks of a unit during [since, until)."""

    since: date
    until: date | None
    name: str
    office_code: str | None
    admin_code: str | None
    status: UnitStatus
    management_class: ManagementClass


class Places(NamedTuple):
    """The two partitions of the city on a day."""

    city: ScopeKey
    offices: tuple[ScopeKey, ...]
    districts: tuple[ScopeKey, ...]
    district_of: Mapping[str, str]
    """District or county of every administrative code, towns included."""
    names: Mapping[str, str]

    @property
    def all(self) -> tuple[ScopeKey, ...]:
        """Every scope that always has a value: the city first, then offices, then districts, 待定 last of each."""
        return (
            self.city,
            *self.offices,
            ScopeKey(ScopeKind.OFFICE, UNDETERMINED),
            *self.districts,
            ScopeKey(ScopeKind.ADMIN, UNDETERMINED),
        )

    def scopes_of(self, span: UnitSpan | None) -> tuple[ScopeKey, ScopeKey, ScopeKey]:
        """Return the city, the office and the district a unit belongs to."""
        return self.scopes_at(span.office_code if span else None, span.admin_code if span else None)

    def scopes_at(self, office_code: str | None, admin_code: str | None) -> tuple[ScopeKey, ScopeKey, ScopeKey]:
        """Return the city, the office and the district of two regional codes; None or empty is 待定."""
        district = self.district_of.get(admin_code or "", UNDETERMINED)
        return self.city, ScopeKey(ScopeKind.OFFICE, office_code or UNDETERMINED), ScopeKey(ScopeKind.ADMIN, district)

    def label(self, scope: ScopeKey) -> str:
        """Return the name of a scope."""
        return self.names.get(scope.code, scope.code) if scope.code else UNDETERMINED_LABEL


class RegionBook:
    """Every known version of every region, loaded once in one statement, to be asked for many days."""

    def __init__(self, session: Session) -> None:
        self._rows = session.execute(
            select(
                Region.kind, RegionVersion.region_code, RegionVersion.level, RegionVersion.parent_code,
                RegionVersion.name, RegionVersion.valid_from, RegionVersion.valid_until,
            )
            .join(RegionVersion, RegionVersion.region_code == Region.code)
            .where(known(RegionVersion))
            .order_by(RegionVersion.sort_no, RegionVersion.region_code)
        ).all()  # fmt: skip
        # All versions, not only those of a day: a unit may still name a town that has been merged away.
        placed = {
            row.region_code: (row.level, row.parent_code) for row in sorted(self._rows, key=lambda r: r.valid_from)
        }
        self._district_of = {code: _ancestor(code, placed) for code in placed}

    def on(self, day: date) -> Places:
        """Return the partitions of the city on `day`, in their official order."""
        rows = [r for r in self._rows if r.valid_from <= day and (r.valid_until is None or day < r.valid_until)]
        admin = [row for row in rows if row.kind is RegionKind.ADMIN]
        city = next((row.region_code for row in admin if row.level == CITY_LEVEL), UNDETERMINED)
        return Places(
            city=ScopeKey(ScopeKind.CITY, city),
            offices=tuple(ScopeKey(ScopeKind.OFFICE, r.region_code) for r in rows if r.kind is RegionKind.OFFICE),
            districts=tuple(ScopeKey(ScopeKind.ADMIN, r.region_code) for r in admin if r.level in DISTRICT_LEVELS),
            district_of=self._district_of,
            names={row.region_code: row.name for row in rows},
        )


def unit_histories(
    session: Session, *, known_at: datetime | None = None, of: ColumnElement[bool] | None = None
) -> dict[int, list[UnitSpan]]:
    """Return what is known of every unit over time, by unit and day; `of` narrows it by columns of `UnitVersion`."""
    rows = session.execute(
        select(
            UnitVersion.unit_id, UnitVersion.valid_from, UnitVersion.valid_until, UnitVersion.name,
            UnitVersion.office_code, UnitVersion.admin_code, UnitVersion.status,
            UnitVersion.class_set, UnitVersion.class_computed,
        )
        .where(known(UnitVersion, known_at), true() if of is None else of)
        .order_by(UnitVersion.unit_id, UnitVersion.valid_from)
    )  # fmt: skip
    found: dict[int, list[UnitSpan]] = defaultdict(list)
    for row in rows:
        # Whoever produces hazardous waste is at least registered (登记管理), whatever has been worked out so far.
        management_class = row.class_set or row.class_computed or ManagementClass.REGISTERED
        found[row.unit_id].append(
            UnitSpan(
                row.valid_from, row.valid_until, row.name, row.office_code, row.admin_code, row.status,
                management_class,
            )
        )  # fmt: skip
    return found


def span_on(spans: Sequence[UnitSpan], day: date) -> UnitSpan | None:
    """Return what held on `day`; before the first record the first, and None where nothing is known."""
    for span in spans:
        if span.since <= day and (span.until is None or day < span.until):
            return span
    return spans[0] if spans and day < spans[0].since else None


def _ancestor(code: str, placed: Mapping[str, tuple[str, str | None]]) -> str:
    seen: set[str] = set()
    current: str | None = code
    while current is not None and current in placed and current not in seen:
        seen.add(current)
        level, parent = placed[current]
        if level in DISTRICT_LEVELS:
            return current
        current = parent
    return UNDETERMINED


def in_order(scopes: Iterable[ScopeKey], known_order: Sequence[ScopeKey]) -> list[ScopeKey]:
    """Return `scopes` in the official order, what stands in no list before 待定 of its kind."""
    place = {scope: number for number, scope in enumerate(known_order)}
    return sorted(scopes, key=lambda s: (list(ScopeKind).index(s.kind), s.code == "", place.get(s, 10**6), s.code))
