"""Rules of operating licences: what they cover, when renewal is due, when the licensed quantity is exceeded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from hwrisk.db.types import ZERO, ratio
from hwrisk.permits.models import GrantMode, LicenceKind
from hwrisk.rulepacks.records import CaseRunner

PACK_ID = "permits"
ONE_DAY = timedelta(days=1)
HUNDRED = 100


class Grant(NamedTuple):
    """One entry of what a line may take; `waste_code` is empty for a whole category."""

    mode: GrantMode
    category: str
    waste_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a licence while one term of it holds."""

    id: int
    line_no: str
    name: str
    quantity: Decimal
    """Licensed tonnes a year."""
    methods: frozenset[str]
    grants: frozenset[Grant]
    valid_from: date
    valid_until: date
    """First day the term no longer holds."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Return the categories it may take something of, in order."""
        return tuple(sorted({grant.category for grant in self.grants if grant.mode is not GrantMode.EXCEPT}))


@dataclass(frozen=True, kw_only=True)
class Term:
    """What a licence says over a time."""

    id: int
    licence_id: int
    kind: LicenceKind
    annual_cap: Decimal | None
    valid_from: date
    valid_until: date
    lines: tuple[Line, ...]

    @property
    def quantity(self) -> Decimal:
        """Return the licensed tonnes a year of the whole licence: the cap, or the sum of the lines where less."""
        lines = sum((line.quantity for line in self.lines), ZERO)
        return lines if self.annual_cap is None else min(self.annual_cap, lines)


def holds(held: Line | Term, on: date) -> bool:
    """Tell whether a line or term of a licence holds on the day `on`."""
    return held.valid_from <= on < held.valid_until


def covers(held: Line | Term, waste_code: str, on: date) -> bool:
    """Tell whether a line or licence may take `waste_code` on the day `on`.

    A listed code is covered; a whole category covers its codes but for those it excepts.

    Source: 危险废物经营许可证管理办法 第十三条 等（证面内容含经营方式、类别、年规模、有效期）.
    """
    if not holds(held, on):
        return False
    if isinstance(held, Term):
        return any(covers(line, waste_code, on) for line in held.lines)
    return grants_allow(held.grants, waste_code)


def grants_allow(grants: Iterable[Grant], waste_code: str) -> bool:
    """Tell whether the entries of a line allow `waste_code`, whatever the day."""
    category = category_of(waste_code)
    there = set(grants)
    if Grant(GrantMode.CODE, category, waste_code) in there:
        return True
    excepted = Grant(GrantMode.EXCEPT, category, waste_code) in there
    return Grant(GrantMode.CATEGORY, category) in there and not excepted


def category_of(waste_code: str) -> str:
    """Return the category of a full waste code: 900-214-08 → HW08; 900-000-XX has none and gives HWXX."""
    return f"HW{waste_code[-2:]}"


def renewal_due_on(expires_on: date, *, working_days: int, is_working_day: Callable[[date], bool]) -> date:
    """Return the last day on which renewal may be asked for: `working_days` working days before the last lawful day.

    The last lawful day itself is not counted.

    Source: 危险废物经营许可证管理办法 第十三条（有效期届满前30个工作日）.
    """
    day, left = expires_on, working_days
    while left:
        day -= ONE_DAY
        left -= is_working_day(day)
    return day


def last_day_of_term(valid_from: date, kind: LicenceKind, years: Mapping[str, Any]) -> date:
    """Return the last lawful day of a licence that begins on `valid_from`: the day before the same day `n` years on.

    Source: 危险废物经营许可证管理办法（综合经营许可证5年，收集经营许可证3年）.
    """
    span = int(years[kind.value])
    try:
        end = valid_from.replace(year=valid_from.year + span)
    except ValueError:
        # 29 February: the year that ends has no such day.
        end = date(valid_from.year + span, 3, 1)
    return end - ONE_DAY


class LoadState(NamedTuple):
    """How a quantity stands to the licensed one."""

    share: Fraction | None
    """Received ÷ licensed, or None where nothing is licensed."""
    alarm: int | None
    """The highest alarm reached, in per cent, or None."""
    state: str
    """bad, warn, good or note, as states are drawn."""
    label: str


def load_state(received: Decimal, licensed: Decimal, alarms: Sequence[int]) -> LoadState:
    """Return how `received` stands to `licensed` tonnes: the first alarm announces, the next mean excess.

    An alarm is reached when the share is at the percentage; the highest one asks for a new licence
    (超过原批准年经营规模20%以上, the figure itself included as 以上 says).

    Source: 危险废物经营许可证管理办法 第十二条; 民法典第一千二百五十九条 (以上).
    """
    share = ratio(received, licensed)
    if share is None:
        return LoadState(None, None, "bad" if received else "note", "无核准规模" if received else "—")
    near, full, again = sorted(alarms)
    if share >= Fraction(again, HUNDRED):
        return LoadState(share, again, "bad", f"达到 {again} %，须重新申请")
    if share > Fraction(full, HUNDRED):
        return LoadState(share, full, "bad", "超核准规模")
    if share == Fraction(full, HUNDRED):
        return LoadState(share, full, "warn", "达到核准规模")
    if share >= Fraction(near, HUNDRED):
        return LoadState(share, near, "warn", f"达到 {near} %")
    return LoadState(share, None, "good", "正常")


def valid_months(valid_from: date, valid_until: date, year: int, *, month_day: int, until: date) -> int:
    """Return for how many months of `year` a term counts: those whose day `month_day` it holds on, up to `until`.

    Two terms that follow one another never both count for a month.
    """
    days = (date(year, month, month_day) for month in range(1, 13))
    return sum(valid_from <= day < valid_until and day <= until for day in days)


def _run(parameters: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Work out a test case of the pack: a load, a renewal day by plain weeks, or the last day of a term."""
    if "received" in given:
        found = load_state(Decimal(given["received"]), Decimal(given["licensed"]), parameters["alarms_percent"])
        return {"alarm": found.alarm or 0}
    if "kind" in given:
        begins = date.fromisoformat(given["valid_from"])
        return {"last_day": last_day_of_term(begins, LicenceKind(given["kind"]), parameters["term_years"]).isoformat()}
    due = renewal_due_on(
        date.fromisoformat(given["expires_on"]),
        working_days=int(parameters["renewal_working_days"]),
        is_working_day=lambda day: day.weekday() < 5,
    )
    return {"due_on": due.isoformat()}


CASES = (CaseRunner(PACK_ID, _run),)
