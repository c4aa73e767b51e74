"""A kept run as pages and exports show it; quantities in tonnes."""

from hwrisk.capacity.showing.asked import Level, View
from hwrisk.capacity.showing.balance import BalanceRow, Totals, balance_rows, balance_totals
from hwrisk.capacity.showing.categories import CategoryRow, category_rows
from hwrisk.capacity.showing.flows import FlowRow, FlowSum, Unserved, flow_rows, flow_sums, unserved_rows
from hwrisk.capacity.showing.lines import LineRow, line_rows
from hwrisk.capacity.showing.sums import Sums, inputs_of, scenario_of, scenario_words, sums_of

__all__ = [
    "BalanceRow",
    "CategoryRow",
    "FlowRow",
    "FlowSum",
    "Level",
    "LineRow",
    "Sums",
    "Totals",
    "Unserved",
    "View",
    "balance_rows",
    "balance_totals",
    "category_rows",
    "flow_rows",
    "flow_sums",
    "inputs_of",
    "line_rows",
    "scenario_of",
    "scenario_words",
    "sums_of",
    "unserved_rows",
]
