"""Storage limits: which one applies to a batch, its last lawful day, and on which days the batch is overdue."""

from __future__ import annotations

import calendar as month_calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from hwrisk.catalogue.working_days import is_published_working_day
from hwrisk.rulepacks.records import CaseRunner

PACK_ID = "storage-limits"
ONE_DAY = timedelta(days=1)
WorkingDay = Callable[[date], bool]


@dataclass(frozen=True)
class Limit:
    """One storage limit of the rule pack (贮存期限)."""

    key: str
    title: str
    period: Mapping[str, int]
    """Exactly one of years, months, days, working_days."""
    label: str
    """超法定期限 for what the law limits, 超管理期限 for the bureau's own rule; the latter is never called unlawful."""
    counts_in_rate: bool
    extension: str
    law_subject: str
    trust: str


class Overdue(NamedTuple):
    """Days on which a batch is overdue, both ends included; `until` None means for good."""

    since: date
    until: date | None


class Extension(NamedTuple):
    """An approved extension: it acts from `approved_on`; `until` is the last lawful day it gives."""

    approved_on: date
    until: date


def limit_for(
    parameters: Mapping[str, Any], *, role: str, facility_kind: str, spot_grade: str, waste_code: str, waste_name: str
) -> Limit | None:
    """Return the first enabled limit of the pack that fits, or None when none does."""
    for row in parameters["limit"]:
        if row["enabled"] and _fits(
            row, role=role, kind=facility_kind, grade=spot_grade, code=waste_code, name=waste_name
        ):
            return _limit(row)
    return None


def limit_by_key(parameters: Mapping[str, Any], key: str) -> Limit | None:
    """Return the limit named `key`, or None when this version of the pack has none of that name."""
    return next((_limit(row) for row in parameters["limit"] if row["key"] == key), None)


def last_lawful_day(period: Mapping[str, int], stored_on: date, *, is_working_day: WorkingDay) -> date:
    """Return the last day within the limit for what entered on `stored_on`.

    Years and months end on the corresponding day, or on the last day of the month where there is none; days end on
    day 0 + N; working days on the N-th working day after entry. Nothing rolls over a holiday.
    Source: 民法典 第二百零二条 (years and months); the limits themselves name their clause in the rule pack.
    """
    if years := period.get("years"):
        return _same_day(stored_on, years * 12)
    if months := period.get("months"):
        return _same_day(stored_on, months)
    if days := period.get("days"):
        return stored_on + timedelta(days=days)
    day, left = stored_on, period["working_days"]
    while left:
        day += ONE_DAY
        left -= is_working_day(day)
    return day


def first_overdue_day(
    last_lawful_on: date | None, entered_on: date, *, lot: tuple[date, Sequence[date | None]] | None = None
) -> date:
    """Return the first day on which a batch is overdue when no extension was approved.

    An unknown entry day (入库日期不详) counts as overdue from its first day in the system. In a lot the oldest member
    decides from the day of merging on: `lot` is (day this batch joined, the members' own first overdue days).
    """
    own = entered_on if last_lawful_on is None else last_lawful_on + ONE_DAY
    if lot is None:
        return own
    joined_on, others = lot
    oldest = min((day for day in others if day is not None), default=own)
    return min(own, max(joined_on, oldest))


def overdue_days(overdue_from: date | None, extensions: Sequence[Extension]) -> list[Overdue]:
    """Return the stretches of overdue days, in order; empty when no limit applies.

    An extension takes away the days from its approval to its last day, never the days before its approval.
    """
    if overdue_from is None:
        return []
    stretches: list[Overdue] = [Overdue(overdue_from, None)]
    for extension in sorted(extensions):
        stretches = [piece for stretch in stretches for piece in _without(stretch, extension)]
    return stretches


def is_overdue_on(day: date, stretches: Sequence[Overdue]) -> bool:
    """Tell whether `day` is one of the overdue days."""
    return any(s.since <= day and (s.until is None or day <= s.until) for s in stretches)


def _fits(row: Mapping[str, Any], *, role: str, kind: str, grade: str, code: str, name: str) -> bool:
    waste = row["waste"]
    category = f"HW{code[-2:]}"
    return (
        (not row["roles"] or role in row["roles"])
        and (not row["facility_kinds"] or kind in row["facility_kinds"])
        and (not row["spot_grade"] or row["spot_grade"] == grade)
        and (not waste["categories"] or category in waste["categories"])
        and (not waste["codes"] or code in waste["codes"])
        and (not waste["names"] or any(part in name for part in waste["names"]))
    )


def _limit(row: Mapping[str, Any]) -> Limit:
    return Limit(
        key=row["key"],
        title=row["title"],
        period=row["period"],
        label=row["label"],
        counts_in_rate=row["counts_in_rate"],
        extension=row["extension"],
        law_subject=row["law_subject"],
        trust=row["trust"],
    )


def _same_day(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, month_calendar.monthrange(year, month + 1)[1]))


def _without(stretch: Overdue, extension: Extension) -> list[Overdue]:
    since, until = stretch
    pieces = []
    if since < extension.approved_on:
        last = extension.approved_on - ONE_DAY
        pieces.append(Overdue(since, last if until is None else min(until, last)))
    after = max(since, extension.until + ONE_DAY)
    if until is None or after <= until:
        pieces.append(Overdue(after, until))
    return pieces


def run_case(parameters: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """Work out one test case of the pack: limit, last lawful day, whether overdue on `as_of`, label."""
    stored_on, as_of = date.fromisoformat(case["stored_on"]), date.fromisoformat(case["as_of"])
    limit = limit_for(
        parameters,
        role=case["role"],
        facility_kind=case["facility_kind"],
        spot_grade=case.get("spot_grade", ""),
        waste_code=case["waste_code"],
        waste_name=case["waste_name"],
    )
    if limit is None:
        return {"limit": None}
    last = last_lawful_day(limit.period, stored_on, is_working_day=is_published_working_day)
    return {"limit": limit.key, "last_lawful_day": last, "overdue": as_of > last, "label": limit.label}


CASES = CaseRunner(PACK_ID, run_case)
