"""Reads of the ledger: records with their totals, one record with its chain, what a form may offer; list = export."""

from hwrisk.ledger.queries.choices import Choice, batches_to_take, generations_open, loads_open, outs_open, usual_wastes
from hwrisk.ledger.queries.conditions import LedgerConditions, conditions_from
from hwrisk.ledger.queries.entries import (
    EntryRow,
    LedgerTotals,
    count_entries,
    entries_page,
    ledger_totals,
    recent_entries,
    stream_entries,
)
from hwrisk.ledger.queries.entry import EntryFile, entry_file, get_entry
from hwrisk.ledger.queries.statements import statements_of
from hwrisk.ledger.queries.wastes import WasteConditions, WasteRow, count_outside, get_waste, wastes_page

__all__ = [
    "Choice",
    "EntryFile",
    "EntryRow",
    "LedgerConditions",
    "LedgerTotals",
    "WasteConditions",
    "WasteRow",
    "batches_to_take",
    "conditions_from",
    "count_entries",
    "count_outside",
    "entries_page",
    "entry_file",
    "generations_open",
    "get_entry",
    "get_waste",
    "ledger_totals",
    "loads_open",
    "outs_open",
    "recent_entries",
    "statements_of",
    "stream_entries",
    "usual_wastes",
    "wastes_page",
]
