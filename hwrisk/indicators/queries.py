"""Reading values: stored ones by period, others on the spot, each within the person's sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from hwrisk.clock import now, today
from hwrisk.db.once import once
from hwrisk.errors import NotFound
from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ScopeKind, ValueStage
from hwrisk.indicators.periods import ReportingPeriod, running_period, start_of
from hwrisk.indicators.readings import NO_CODE, ON_THE_SPOT, R, Reading, combined
from hwrisk.indicators.registry import INDICATORS, indicator_of
from hwrisk.indicators.scopes import UNDETERMINED, RegionBook, ScopeKey, in_order
from hwrisk.indicators.targets import load_targets
from hwrisk.indicators.values import UnitsOf, Value
from hwrisk.regions.queries import region_names
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion
from hwrisk.units.scope import visible_unit_ids

IN_SIGHT = "授权范围内单位"
"""Name of the sum over the units in sight of somebody who sees neither the city nor whole offices."""


@dataclass(frozen=True)
class OnTheSpot(Generic[R]):
    """Values worked out on the spot, and the rows behind each."""

    readings: list[R]
    rows: dict[ScopeKey, Sequence[Any]]


@dataclass(frozen=True)
class PastValue(Generic[R]):
    """A closed period: what was frozen, and what is known since, or None where nothing differs."""

    frozen: R
    revised: R | None


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


def running_values(
    session: Session, indicator: Indicator[R], *, user: Viewer, as_of: date, kind: PeriodKind
) -> list[R]:
    """Return the rolling values of the period in which `as_of` lies, as the job last left them.

    The city first, then offices, then districts, as far as `user` sees them. Empty when the job has not
    run in that period, or only for a later day.
    """
    period = running_period(kind, as_of)
    rows = session.scalars(
        _values(user).where(
            IndicatorValue.indicator == indicator.id,
            IndicatorValue.period_kind == kind,
            IndicatorValue.period_start == period.start,
            IndicatorValue.stage == ValueStage.LIVE,
            IndicatorValue.as_of <= as_of,
        )
    ).all()
    names = _names(session, as_of)
    return _in_order(session, [indicator.reading.of_row(row, names) for row in rows], as_of)


def headline(session: Session, indicator: Indicator[R], *, user: Viewer, as_of: date, kind: PeriodKind) -> R | None:
    """Return the one value of all that `user` sees: the city, own offices together, or the units in sight.

    Stored values as the job last left them; None when it has not run. Worked out on the spot for who sees units only.

    Raises:
        NotFound: the person sees no unit at all, or no rule pack is in force.
    """
    if reads_stored_values(user):
        found = running_values(session, indicator, user=user, as_of=as_of, kind=kind)
        return combined([r for r in found if r.scope.kind is found[0].scope.kind]) if found else None
    if not (user.is_city_wide or user.offices or user.parks or user.units):
        raise NotFound
    return on_the_spot(session, indicator, as_of=as_of, user=user, kind=kind).readings[0]


def readings_on(session: Session, indicator: Indicator[R], *, user: Viewer, as_of: date) -> list[R]:
    """Return the running periods of the day `as_of` for every scope in sight, the headline first.

    What the job drew for that very day is taken as stored; otherwise the values are worked out on the spot.

    Raises:
        NotFound: nothing is stored for the day and no version of the rule pack is in force.
    """
    if reads_stored_values(user):
        stored = [running_values(session, indicator, user=user, as_of=as_of, kind=kind) for kind in indicator.running]
        if all(values and values[0].as_of == as_of for values in stored):
            return [reading for values in stored for reading in values]
    return live_readings(session, indicator, as_of=as_of, user=user)


def past_values(
    session: Session, indicator: Indicator[R], *, user: Viewer, scope: ScopeKey, limit: int = 24
) -> list[PastValue[R]]:
    """Return the closed periods of one scope, latest first, with what is known since beside each."""
    rows = session.scalars(
        _values(user)
        .where(
            IndicatorValue.indicator == indicator.id,
            IndicatorValue.scope_kind == scope.kind,
            IndicatorValue.scope_code == scope.code,
            IndicatorValue.stage != ValueStage.LIVE,
        )
        .order_by(IndicatorValue.period_end.desc(), IndicatorValue.period_start, IndicatorValue.id)
    ).all()
    names = _names(session, rows[0].period_start) if rows else {}
    of_row = indicator.reading.of_row
    revised = {(r.period_kind, r.period_start): r for r in rows if r.stage is ValueStage.REVISED}
    found = []
    for row in rows:
        if row.stage is ValueStage.FROZEN:
            beside = revised.get((row.period_kind, row.period_start))
            found.append(PastValue(of_row(row, names), of_row(beside, names) if beside else None))
    return found[:limit]


def kept_years(session: Session, indicator: Indicator[Any], *, user: Viewer) -> list[int]:
    """Return the years before the running ones of which whole values in sight of `user` are kept, the latest first."""
    starts = session.scalars(
        select(IndicatorValue.period_start)
        .where(
            IndicatorValue.indicator == indicator.id,
            IndicatorValue.period_kind == PeriodKind.YEAR,
            IndicatorValue.period_start < start_of(PeriodKind.YEAR, today()),
            value_in_sight(user),
        )
        .distinct()
    )
    return sorted((start.year for start in starts), reverse=True) if reads_stored_values(user) else []


def kept_values(session: Session, indicator: Indicator[R], *, user: Viewer, year: int) -> list[R]:
    """Return the values of an ended year for every scope in sight: frozen, or rolling until the year is closed."""
    rows = session.scalars(
        _values(user).where(
            IndicatorValue.indicator == indicator.id,
            IndicatorValue.period_kind == PeriodKind.YEAR,
            IndicatorValue.period_start == date(year, 1, 1),
            IndicatorValue.stage != ValueStage.REVISED,
        )
    ).all()
    names = _names(session, date(year, 12, 31))
    return _in_order(session, [indicator.reading.of_row(row, names) for row in rows], date(year, 12, 31))


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


def last_run(session: Session, indicator: Indicator[Any]) -> date | None:
    """Return the latest day the rolling values were drawn for, or None when the job never ran."""
    return session.scalar(
        select(func.max(IndicatorValue.as_of)).where(
            IndicatorValue.indicator == indicator.id, IndicatorValue.stage == ValueStage.LIVE
        )
    )


def on_the_spot(
    session: Session, indicator: Indicator[R], *, as_of: date, user: Viewer, kind: PeriodKind | None = None
) -> OnTheSpot[R]:
    """Return the values of the period in which `as_of` lies, worked out by what is known now, for what `user` sees.

    The headline's period unless `kind` says otherwise. A person of one or more offices gets these offices; whoever
    sees single units or parks gets one sum of the units in sight on the day.

    Raises:
        NotFound: no version of the rule pack is in force on the day.
    """
    period = running_period(kind or indicator.running[0], as_of)

    def work_out() -> OnTheSpot[R]:
        found = _worked_out(session, indicator, [period], as_of=as_of, user=user)
        rows = {value.scope: value.rows for value in found}
        return OnTheSpot(_read(session, indicator, found, as_of=as_of, user=user), rows)

    return once(session, ("worked out", indicator.id, period, as_of, user), work_out)


def live_readings(session: Session, indicator: Indicator[R], *, as_of: date, user: Viewer) -> list[R]:
    """Return all running periods of `on_the_spot` in one go, the headline first."""
    values = _worked_out(session, indicator, indicator.running_periods(as_of), as_of=as_of, user=user)
    return _read(session, indicator, values, as_of=as_of, user=user)


def live_value(session: Session, ref: str, *, user: Viewer) -> tuple[Reading, Sequence[Any]]:
    """Return the value a reference names that is not stored, and the rows behind it as they were worked out.

    Raises:
        NotFound: the reference names nothing, or what `user` does not see.
    """
    try:
        indicator, as_of, kind, scope = _read_ref(ref)
    except ValueError as failure:
        raise NotFound from failure
    found = on_the_spot(session, indicator, as_of=as_of, user=user, kind=kind)
    for reading in found.readings:
        if reading.scope == scope:
            return reading, found.rows[scope]
    raise NotFound


def indicator_named(session: Session, ref: str, *, user: Viewer) -> Indicator[Any]:
    """Return the indicator of the value that a reference names, stored or not.

    Raises:
        NotFound: it names nothing, or nothing in sight of `user`.
    """
    public_id = as_uuid(ref)
    if public_id is not None:
        return indicator_of(get_value(session, public_id, user=user).indicator)
    try:
        return _read_ref(ref)[0]
    except ValueError as failure:
        raise NotFound from failure


def as_uuid(ref: str) -> UUID | None:
    """Return the public id that `ref` is, or None when it is another kind of reference."""
    try:
        return UUID(ref)
    except ValueError:
        return None


def reading_of_row(row: IndicatorValue, names: Mapping[str, str]) -> Reading:
    """Return a stored value in the words of its indicator."""
    reading: Reading = indicator_of(row.indicator).reading.of_row(row, names)
    return reading


def _read_ref(ref: str) -> tuple[Indicator[Any], date, PeriodKind, ScopeKey]:
    *name, day, kind, scope_kind, code = ref.split(ON_THE_SPOT)
    indicator = next((i for i in INDICATORS if [i.reading.ref_name] == (name or [""])), None)
    if indicator is None:
        raise ValueError(ref)
    as_of = date.fromisoformat(day)
    if as_of > today() or as_of.year < 2000 or PeriodKind(kind) not in indicator.running:
        raise ValueError(ref)
    return (
        indicator,
        as_of,
        PeriodKind(kind),
        ScopeKey(ScopeKind(scope_kind), UNDETERMINED if code == NO_CODE else code),
    )


def _worked_out(
    session: Session, indicator: Indicator[Any], periods: Sequence[ReportingPeriod], *, as_of: date, user: Viewer
) -> list[Value]:
    targets = load_targets(session, on=as_of)
    found = indicator.work_out(session, periods, as_of=as_of, targets=targets, of=_units_of(user, as_of))
    return [value for period in periods for value in _seen(indicator, found[period], user)]


def _read(session: Session, indicator: Indicator[R], values: Sequence[Value], *, as_of: date, user: Viewer) -> list[R]:
    targets, known_at, names = load_targets(session, on=as_of), now(), _names(session, as_of)
    of_value = indicator.reading.of_value
    readings = [of_value(v, names, targets=targets, as_of=as_of, known_at=known_at) for v in values]
    return readings if reads_stored_values(user) else [replace(r, scope_name=IN_SIGHT) for r in readings]


def _seen(indicator: Indicator[Any], values: Sequence[Value], user: Viewer) -> list[Value]:
    if _sees_city(user):
        return list(values)
    if reads_stored_values(user):
        by_scope = {value.scope: value for value in values}
        own = [ScopeKey(ScopeKind.OFFICE, code) for code in sorted(user.offices)]
        return [by_scope.get(scope) or indicator.empty_value(scope, values[0].period) for scope in own]
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
    return select(IndicatorValue).where(value_in_sight(user))


def _names(session: Session, as_of: date) -> dict[str, str]:
    return region_names(session, as_of=as_of)


def _in_order(session: Session, readings: Sequence[R], as_of: date) -> list[R]:
    place = {
        scope: number
        for number, scope in enumerate(in_order({r.scope for r in readings}, RegionBook(session).on(as_of).all))
    }
    return sorted(readings, key=lambda reading: place[reading.scope])
