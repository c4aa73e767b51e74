"""Where the waste goes in a computation, and what no line of the city can take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.showing.asked import PENDING, View, is_asked
from hwrisk.db.types import ZERO, from_units
from hwrisk.permits.rules import category_of


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


def flow_rows(run: CapacityRun, asked: View) -> list[FlowRow]:
    """Return where the waste of the offices in sight goes, by code and office."""
    names = run.inputs["names"]
    plants = {row["key"]: row["holder"] for row in run.result["lines"]}
    rows = [
        FlowRow(
            category_of(row["code"]), row["code"], row["office"], names.get(row["office"], PENDING), row["line"],
            plants.get(row["line"], ""), from_units(row["units"]), tenths(Decimal(row["metres"]).scaleb(-3)),
        )
        for row in run.result["flows"]
    ]  # fmt: skip
    return [row for row in rows if is_asked(row.category, row.office, asked)]


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
        if is_asked(category_of(row["code"]), row["office"], asked)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.tonnes, row.code))


def tenths(value: Decimal) -> Decimal:
    """Return a number to one decimal."""
    return value.quantize(Decimal("0.1"))
