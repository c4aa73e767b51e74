"""Reading values: stored ones by period, others on the spot, each within the person's sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from hwrisk.clock import now, today
from hwrisk.errors import NotFound
from hwrisk.indicators.computing import INDICATOR, RateRow, RateValue, UnitsOf, empty_value, load_targets, work_out
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ScopeKind, ValueStage
from hwrisk.indicators.periods import ReportingPeriod, running_period, running_periods
from hwrisk.indicators.readings import ON_THE_SPOT, Reading, combined, reading_of_row, reading_of_value
from hwrisk.indicators.scopes import UNDETERMINED, RegionBook, ScopeKey, in_order
from hwrisk.regions.queries import region_names
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion
from hwrisk.units.scope import visible_unit_ids

REF_PARTS = 4
IN_SIGHT = "授权范围内单位"
"""Name of the sum over the units in sight of somebody who sees neither the city nor whole offices."""


class OnTheSpot(NamedTuple):
    """Values worked out on the spot, and the batches behind each."""

    readings: list[Reading]
    rows: dict[ScopeKey, tuple[RateRow, ...]]


class PastValue(NamedTuple):
    """A closed period: what was frozen, and what is known since, or None where nothing differs."""

    frozen: Reading
    revised: Reading | None


def value_in_sight(user: Viewer) -> ColumnElement[bool]:
    """Return the predicate that a stored value speaks of what `user` sees whole: the city, or own offices."""
    if _sees_city(user):
        return true()
    return and_(IndicatorValue.scope_kind == ScopeKind.OFFICE, IndicatorValue.scope_code.in_(sorted(user.offices)))


def reads_stored_values(user: Viewer) -> bool:
    """Tell whether stored values speak of exactly what `user` sees; who sees single units or parks gets own ones."""
    only_offices = bool(user.offices) and not (user.parks or user.units) and user.role is not Role.HEALTH
    return _sees_city(user) or only_offices


def _sees_city(user: Viewer) -> bool:
    # The health commission sees medical institutions alone, wherever they are.
    return user.is_city_wide and user.role is not Role.HEALTH


def running_values(session: Session, *, user: Viewer, as_of: date, kind: PeriodKind) -> list[Reading]:
    """Return the rolling values of the period in which `as_of` lies, as the job last left them.

    The city first, then offices, then districts, as far as `user` sees them. Empty when the job has not
    run in that period, or only for a later day.
    """
    period = running_period(kind, as_of)
    rows = session.scalars(
        _values(user).where(
            IndicatorValue.period_kind == kind,
            IndicatorValue.period_start == period.start,
            IndicatorValue.stage == ValueStage.LIVE,
            IndicatorValue.as_of <= as_of,
        )
    ).all()
    return _in_order(session, [reading_of_row(row, _names(session, as_of)) for row in rows], as_of)


def headline(session: Session, *, user: Viewer, as_of: date, kind: PeriodKind) -> Reading | None:
    """Return the one value of all that `user` sees: the city, own offices together, or the units in sight.

    Stored values as the job last left them; None when it has not run. Worked out on the spot for who sees units only.

    Raises:
        NotFound: the person sees no unit at all, or no rule pack is in force.
    """
    if reads_stored_values(user):
        found = running_values(session, user=user, as_of=as_of, kind=kind)
        return combined([r for r in found if r.scope.kind is found[0].scope.kind]) if found else None
    if not (user.is_city_wide or user.offices or user.parks or user.units):
        raise NotFound
    return live_rate(session, as_of=as_of, user=user, kind=kind).readings[0]


def readings_on(session: Session, *, user: Viewer, as_of: date) -> list[Reading]:
    """Return year to date, month and quarter of the day `as_of` for every scope in sight, the headline first.

    What the job drew for that very day is taken as stored; otherwise the values are worked out on the spot.

    Raises:
        NotFound: nothing is stored for the day and no version of the rule pack is in force.
    """
    if reads_stored_values(user):
        stored = [
            running_values(session, user=user, as_of=as_of, kind=period.kind) for period in running_periods(as_of)
        ]
        if all(values and values[0].as_of == as_of for values in stored):
            return [reading for values in stored for reading in values]
    return live_readings(session, as_of=as_of, user=user)


def past_values(session: Session, *, user: Viewer, scope: ScopeKey, limit: int = 24) -> list[PastValue]:
    """Return the closed periods of one scope, latest first, with what is known since beside each."""
    rows = session.scalars(
        _values(user)
        .where(
            IndicatorValue.scope_kind == scope.kind,
            IndicatorValue.scope_code == scope.code,
            IndicatorValue.stage != ValueStage.LIVE,
        )
        .order_by(IndicatorValue.period_end.desc(), IndicatorValue.period_start, IndicatorValue.id)
    ).all()
    names = _names(session, rows[0].period_start) if rows else {}
    revised = {(r.period_kind, r.period_start): r for r in rows if r.stage is ValueStage.REVISED}
    found = []
    for row in rows:
        if row.stage is ValueStage.FROZEN:
            beside = revised.get((row.period_kind, row.period_start))
            found.append(PastValue(reading_of_row(row, names), beside and reading_of_row(beside, names)))
    return found[:limit]


def get_value(session: Session, public_id: UUID, *, user: Viewer) -> IndicatorValue:
    """Return a stored value.

    Raises:
        NotFound: there is none, or it speaks of what `user` does not see.
    """
    row: IndicatorValue | None = session.scalars(
        _values(user).where(IndicatorValue.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def frozen_beside(session: Session, revised: IndicatorValue) -> IndicatorValue:
    """Return the frozen value that a revised one stands beside.

    Raises:
        NotFound: the value is no revised one, or this scope had none when the period closed.
    """
    row = session.scalars(
        select(IndicatorValue).where(
            IndicatorValue.indicator == revised.indicator,
            IndicatorValue.scope_kind == revised.scope_kind,
            IndicatorValue.scope_code == revised.scope_code,
            IndicatorValue.period_kind == revised.period_kind,
            IndicatorValue.period_start == revised.period_start,
            IndicatorValue.stage == ValueStage.FROZEN,
        )
    ).one_or_none()
    if row is None or revised.stage is not ValueStage.REVISED:
        raise NotFound
    return row


def last_run(session: Session) -> date | None:
    """Return the latest day the rolling values were drawn for, or None when the job never ran."""
    return session.scalar(
        select(func.max(IndicatorValue.as_of)).where(
            IndicatorValue.indicator == INDICATOR, IndicatorValue.stage == ValueStage.LIVE
        )
    )


def live_rate(session: Session, *, as_of: date, user: Viewer, kind: PeriodKind = PeriodKind.YEAR_TO_DATE) -> OnTheSpot:
    """Return the values of the period in which `as_of` lies, worked out by what is known now, for what `user` sees.

    A person of one or more offices gets these offices, by the office of each batch on its first overdue day; whoever
    sees single units or parks gets one sum of the units in sight on the day.

    Raises:
        NotFound: no version of the rule pack is in force on the day.
    """
    found = _worked_out(session, running_period(kind, as_of), as_of=as_of, user=user)
    return OnTheSpot(_read(session, found, as_of=as_of, user=user), {value.scope: value.rows for value in found})


def live_readings(session: Session, *, as_of: date, user: Viewer) -> list[Reading]:
    """Return year to date, month and quarter of `live_rate` in one go, the headline first."""
    periods = running_periods(as_of)
    targets = load_targets(session, on=as_of)
    found = work_out(session, periods, as_of=as_of, targets=targets, of=_units_of(user, as_of))
    values = [value for period in periods for value in _seen(found[period], user)]
    return _read(session, values, as_of=as_of, user=user)


def live_value(session: Session, ref: str, *, user: Viewer) -> tuple[Reading, tuple[RateRow, ...]]:
    """Return the value a reference names that is not stored, and the batches behind it.

    Raises:
        NotFound: the reference names nothing, or what `user` does not see.
    """
    try:
        as_of, kind, scope = _read_ref(ref)
    except ValueError as failure:
        raise NotFound from failure
    found = live_rate(session, as_of=as_of, user=user, kind=kind)
    for reading in found.readings:
        if reading.scope == scope:
            return reading, found.rows[scope]
    raise NotFound


def _read_ref(ref: str) -> tuple[date, PeriodKind, ScopeKey]:
    parts = ref.split(ON_THE_SPOT)
    if len(parts) != REF_PARTS:
        raise ValueError(ref)
    day, kind, scope_kind, code = parts
    as_of = date.fromisoformat(day)
    if as_of > today() or as_of.year < 2000:
        raise ValueError(ref)
    return as_of, PeriodKind(kind), ScopeKey(ScopeKind(scope_kind), UNDETERMINED if code == "none" else code)


def _worked_out(session: Session, period: ReportingPeriod, *, as_of: date, user: Viewer) -> list[RateValue]:
    targets = load_targets(session, on=as_of)
    found = work_out(session, [period], as_of=as_of, targets=targets, of=_units_of(user, as_of))
    return _seen(found[period], user)


def _read(session: Session, values: Sequence[RateValue], *, as_of: date, user: Viewer) -> list[Reading]:
    targets, known_at, names = load_targets(session, on=as_of), now(), _names(session, as_of)
    readings = [reading_of_value(v, names, targets=targets, as_of=as_of, known_at=known_at) for v in values]
    return readings if reads_stored_values(user) else [r._replace(scope_name=IN_SIGHT) for r in readings]


def _seen(values: Sequence[RateValue], user: Viewer) -> list[RateValue]:
    if _sees_city(user):
        return list(values)
    if reads_stored_values(user):
        by_scope = {value.scope: value for value in values}
        own = [ScopeKey(ScopeKind.OFFICE, code) for code in sorted(user.offices)]
        return [by_scope.get(scope) or empty_value(scope, values[0].period) for scope in own]
    # Of units in sight only: their sum stands where the city stands for others, and is named so by the pages.
    return [v for v in values if v.scope.kind is ScopeKind.CITY]


def _units_of(user: Viewer, as_of: date) -> UnitsOf | None:
    if _sees_city(user):
        return None
    if reads_stored_values(user):
        # Whoever was ever supervised there: a unit that moved on still counts where it stood on its day.
        ever: Any = select(UnitVersion.unit_id).where(UnitVersion.office_code.in_(sorted(user.offices)))
    else:
        ever = visible_unit_ids(user, as_of=as_of)
    predicate: Callable[[Any], ColumnElement[bool]] = lambda column: or_(false(), column.in_(ever))  # noqa: E731
    return predicate


def _values(user: Viewer) -> Any:
    return select(IndicatorValue).where(IndicatorValue.indicator == INDICATOR, value_in_sight(user))


def _names(session: Session, as_of: date) -> dict[str, str]:
    return region_names(session, as_of=as_of)


def _in_order(session: Session, readings: Sequence[Reading], as_of: date) -> list[Reading]:
    place = {
        scope: number
        for number, scope in enumerate(in_order({r.scope for r in readings}, RegionBook(session).on(as_of).all))
    }
    return sorted(readings, key=lambda reading: place[reading.scope])
