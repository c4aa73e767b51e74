"""A kept run as pages and exports show it; quantities in tonnes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from hwrisk.capacity.inputs import QUANTITIES, Inputs, LedgerRow, Scenario
from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.rules import local_rate
from hwrisk.db.types import ZERO, Labelled, from_units, ratio
from hwrisk.permits.rules import category_of

PENDING = "待定"
EMPTY: Mapping[str, Any] = {}


class Level(Labelled):
    """How far the balance is broken down (汇总层次)."""

    CATEGORY = "category", "按废物类别"
    CODE = "code", "按废物代码"
    METHOD = "method", "按类别和处置方式"
    OFFICE = "office", "按管辖单位"
    FULL = "full", "按类别、方式和管辖单位"


@dataclass(frozen=True)
class View:
    """What of a run is asked for; `offices` narrows to those in sight, None for the whole city."""

    level: Level = Level.CATEGORY
    category: str | None = None
    method: str | None = None
    office: str | None = None
    offices: frozenset[str] | None = None


class BalanceRow(NamedTuple):
    """One line of the balance; tonnes. None where the breakdown has no such figure."""

    category: str
    code: str
    method: str
    office: str
    office_name: str
    generated: Decimal | None
    """None below methods: what is generated has none."""
    own: Decimal
    city: Decimal
    province: Decimal
    outside: Decimal
    abroad: Decimal
    unknown: Decimal
    collected: Decimal
    need: Decimal | None
    """What needs a licensed line by code and office, as computed; None where the breakdown has none of its own."""
    licensed: Decimal | None
    """Capacity of the lines that may take the category; lines are shared, so it is never added up."""
    is_shared: bool
    gap_low: Decimal | None
    gap_high: Decimal | None
    spare_low: Decimal | None
    spare_high: Decimal | None

    @property
    def entrusted(self) -> Decimal:
        """Everything entrusted, wherever it went."""
        return self.city + self.province + self.outside + self.abroad + self.unknown + self.collected

    @property
    def demand(self) -> Decimal | None:
        """What needs a licensed line: generated less what the units treat themselves, never below 0."""
        if self.need is not None:
            return self.need
        return None if self.generated is None else max(self.generated - self.own, ZERO)

    @property
    def load(self) -> Fraction | None:
        """Entrusted within the city ÷ the capacity that may take it, or None."""
        return ratio(self.city, self.licensed) if self.licensed else None

    @property
    def gap(self) -> str:
        """The gap, with both bounds where lines are shared."""
        return _span(self.gap_low, self.gap_high)

    @property
    def spare(self) -> str:
        """The surplus, with both bounds where lines are shared."""
        return _span(self.spare_low, self.spare_high)


class LineRow(NamedTuple):
    """A line of a run; tonnes."""

    key: str
    licence_no: str
    public_id: str
    holder: str
    name: str
    office_name: str
    methods: str
    annual: Decimal
    months: int
    cap: Decimal
    used: Decimal

    @property
    def load(self) -> Fraction | None:
        """Used ÷ capacity."""
        return ratio(self.used, self.cap)

    @property
    def spare(self) -> Decimal:
        """What is left."""
        return self.cap - self.used


class FlowRow(NamedTuple):
    """Where a waste of an office goes in the computation."""

    category: str
    code: str
    office: str
    office_name: str
    line: str
    plant: str
    tonnes: Decimal
    km: Decimal


class FlowSum(NamedTuple):
    """Where a category of an office goes, its codes together."""

    category: str
    office_name: str
    line: str
    plant: str
    tonnes: Decimal
    km: Decimal


class Unserved(NamedTuple):
    """What no line of the city can take; `why` says whether nobody is licensed or the lines are full."""

    code: str
    office_name: str
    tonnes: Decimal
    why: str


class Sums(NamedTuple):
    """Sums of a run, for its head and for comparing."""

    generated: Decimal
    own: Decimal
    demand: Decimal
    treated: Decimal
    gap: Decimal
    capacity: Decimal
    load: Fraction | None
    """Treated ÷ capacity in the computation."""
    local_rate: Fraction | None
    landfill: Fraction | None
    """Landfilled ÷ (self-treated + entrusted), as recorded."""
    unknown: Decimal
    tonne_km: Decimal


def inputs_of(run: CapacityRun) -> Inputs:
    """Return the inputs of a run."""
    return Inputs.unpack(run.inputs)


def scenario_of(run: CapacityRun) -> Scenario:
    """Return what a run assumes."""
    return Scenario.unpack(run.scenario)


def balance_rows(run: CapacityRun, asked: View) -> list[BalanceRow]:
    """Return the lines of the balance in the order of category, code, method and office."""
    inputs = inputs_of(run)
    sums: dict[tuple[str, str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(QUANTITIES, 0))
    for row in _chosen(inputs.ledger, asked):
        cell = sums[_key(row, asked.level)]
        for name in QUANTITIES:
            cell[name] += getattr(row, name)
    # What lines can take is known for the city alone: a part of it has no gap of its own.
    is_whole = asked.level is Level.CATEGORY and not asked.office and not asked.method and asked.offices is None
    of_category = {row["category"]: row for row in run.result["categories"]} if is_whole else EMPTY
    rows = []
    for key in sorted(sums):
        if not any(sums[key].values()):
            continue
        rows.append(_balance_row(key, sums[key], of_category.get(key[0], EMPTY), inputs.names, asked.level))
    return rows


def balance_totals(rows: Iterable[BalanceRow]) -> dict[str, Decimal | None]:
    """Return the sums of the columns that may be added up."""
    listed = list(rows)
    names = ("own", "city", "province", "outside", "abroad", "unknown", "collected", "entrusted")
    sums: dict[str, Decimal | None] = {name: sum((getattr(row, name) for row in listed), ZERO) for name in names}
    if all(row.generated is not None for row in listed):
        sums["generated"] = sum((row.generated for row in listed if row.generated is not None), ZERO)
    else:
        sums["generated"] = None
    return sums


def line_rows(run: CapacityRun) -> list[LineRow]:
    """Return the lines of a run with their load, the fullest first."""
    names = run.inputs["names"]
    rows = [
        LineRow(
            row["key"], row["licence_no"], row["public_id"], row["holder"], row["name"],
            names.get(row["office"], row["office"]) or PENDING, "、".join(row["methods"]),
            from_units(row["annual"]), row["months"], from_units(row["cap"]), from_units(row["used"]),
        )
        for row in run.result["lines"]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-(row.load or Fraction(0)), row.key))


def flow_rows(run: CapacityRun, asked: View) -> list[FlowRow]:
    """Return where the waste of the offices in sight goes, by code and office."""
    names = run.inputs["names"]
    plants = {row["key"]: row["holder"] for row in run.result["lines"]}
    rows = [
        FlowRow(
            category_of(row["code"]), row["code"], row["office"], names.get(row["office"], PENDING), row["line"],
            plants.get(row["line"], ""), from_units(row["units"]), _tenths(Decimal(row["metres"]).scaleb(-3)),
        )
        for row in run.result["flows"]
    ]  # fmt: skip
    return [row for row in rows if _is_asked(row.category, row.office, asked)]


def flow_sums(flows: Iterable[FlowRow]) -> list[FlowSum]:
    """Return the flows with the codes of a category together, the most first."""
    sums: dict[tuple[str, str, str, str, Decimal], Decimal] = defaultdict(lambda: ZERO)
    for flow in flows:
        sums[flow.category, flow.office_name, flow.line, flow.plant, flow.km] += flow.tonnes
    rows = [FlowSum(*key[:4], quantity, key[4]) for key, quantity in sums.items()]
    return sorted(rows, key=lambda row: (-row.tonnes, row.category, row.office_name, row.line))


def unserved_rows(run: CapacityRun, asked: View) -> list[Unserved]:
    """Return what no line of the city can take, the most first."""
    names = run.inputs["names"]
    rows = [
        Unserved(
            row["code"], names.get(row["office"], PENDING), from_units(row["units"]),
            "有核准的生产线，能力不足" if row["is_licensed"] else "市内没有核准该代码的生产线",
        )
        for row in run.result["unserved"]
        if _is_asked(category_of(row["code"]), row["office"], asked)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.tonnes, row.code))


def sums_of(run: CapacityRun, *, landfill_methods: Sequence[str]) -> Sums:
    """Return the sums of a run; rates are those of the ledger it rests on."""
    ledger = inputs_of(run).ledger
    own, city = _sum(ledger, "own"), _sum(ledger, "city")
    entrusted = from_units(sum(row.entrusted for row in ledger))
    landfilled = from_units(sum(row.own + row.entrusted for row in ledger if row.method in landfill_methods))
    made = sum(row["generated"] for row in run.result["categories"])
    return Sums(
        generated=from_units(made),
        own=own,
        demand=run.demand,
        treated=run.treated,
        gap=run.gap,
        capacity=run.capacity,
        load=ratio(run.treated, run.capacity),
        local_rate=local_rate(own, city, entrusted),
        landfill=ratio(landfilled, own + entrusted),
        unknown=_sum(ledger, "unknown"),
        tonne_km=_tenths(Decimal(run.result["tonne_metres"]).scaleb(-7)),
    )


def scenario_words(scenario: Scenario) -> list[str]:
    """Return what a scenario assumes, in words."""
    words = [f"停用 {key}" for key in scenario.off]
    words += [f"{plant.name} 投运，能力 {from_units(plant.capacity)} 吨/年（假设）" for plant in scenario.projects]
    words += [
        f"{'全部类别' if category == '*' else category} 产生量 {percent:+d} %"
        for category, percent in sorted(scenario.percent.items())
        if percent
    ]
    return words


def _sum(ledger: Iterable[LedgerRow], name: str) -> Decimal:
    return from_units(sum(getattr(row, name) for row in ledger))


def _chosen(ledger: Iterable[LedgerRow], asked: View) -> Iterable[LedgerRow]:
    for row in ledger:
        if not _is_asked(category_of(row.code), row.office, asked):
            continue
        if asked.method is None or row.method == asked.method:
            yield row


def _is_asked(category: str, office: str, asked: View) -> bool:
    if asked.category is not None and category != asked.category:
        return False
    if asked.office is not None and office != asked.office:
        return False
    return asked.offices is None or office in asked.offices


def _key(row: LedgerRow, level: Level) -> tuple[str, str, str, str]:
    category = category_of(row.code)
    match level:
        case Level.CODE:
            return category, row.code, "", ""
        case Level.METHOD:
            return category, "", row.method, ""
        case Level.OFFICE:
            return "", "", "", row.office
        case Level.FULL:
            return category, "", row.method, row.office
        case _:
            return category, "", "", ""


def _balance_row(
    key: tuple[str, str, str, str],
    units: Mapping[str, int],
    computed: Mapping[str, Any],
    names: Mapping[str, str],
    level: Level,
) -> BalanceRow:
    category, code, method, office = key
    has_generated = level not in {Level.METHOD, Level.FULL} or not method
    place = (names.get(office, office) or PENDING) if level in {Level.OFFICE, Level.FULL} else ""
    tonnes = {name: from_units(units[name]) for name in QUANTITIES}
    generated = tonnes.pop("generated")

    def of(name: str) -> Decimal | None:
        return from_units(computed[name]) if computed else None

    return BalanceRow(
        category=category, code=code, method=method, office=office, office_name=place,
        generated=generated if has_generated else None, **tonnes, need=of("demand"), licensed=of("licensed"),
        is_shared=bool(computed.get("is_shared")), gap_low=of("gap_low"), gap_high=of("gap_high"),
        spare_low=of("spare_low"), spare_high=of("spare_high"),
    )  # fmt: skip


def _span(low: Decimal | None, high: Decimal | None) -> str:
    if low is None or high is None:
        return "—"
    return f"{low:,}" if low == high else f"{low:,} 至 {high:,}"


def _tenths(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"))
