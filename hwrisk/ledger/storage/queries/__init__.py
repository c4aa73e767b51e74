"""Reads of storage: what lies where, how long, and what is overdue; list, count, export and reminder ask here."""

from hwrisk.ledger.storage.queries.bases import LimitBasis, limit_bases
from hwrisk.ledger.storage.queries.batch import BatchFile, batch_file, get_batch, get_extension, mergeable_with
from hwrisk.ledger.storage.queries.conditions import StorageConditions, StorageState, conditions_from
from hwrisk.ledger.storage.queries.expressions import (
    extended_until,
    is_due_soon,
    is_extended,
    is_in_store,
    is_overdue,
    is_pending,
    left_on,
    stock_on,
)
from hwrisk.ledger.storage.queries.facilities import FacilityRow, facilities_of, get_facility
from hwrisk.ledger.storage.queries.overdue import (
    overdue_batches,
    overdue_count,
    overdue_totals,
    reasons_given,
    stream_overdue,
)
from hwrisk.ledger.storage.queries.rows import BatchRow, StorageTotals
from hwrisk.ledger.storage.queries.settings import days_to_store, warning_lead_days
from hwrisk.ledger.storage.queries.stock import (
    StockRow,
    StockTotals,
    stock_page,
    stock_totals,
    stream_stock,
    unit_stock,
)
from hwrisk.ledger.storage.queries.waiting import WaitingRow, count_waiting, waiting_page

__all__ = [
    "BatchFile",
    "BatchRow",
    "FacilityRow",
    "LimitBasis",
    "StockRow",
    "StockTotals",
    "StorageConditions",
    "StorageState",
    "StorageTotals",
    "WaitingRow",
    "batch_file",
    "conditions_from",
    "count_waiting",
    "days_to_store",
    "extended_until",
    "facilities_of",
    "get_batch",
    "get_extension",
    "get_facility",
    "is_due_soon",
    "is_extended",
    "is_in_store",
    "is_overdue",
    "is_pending",
    "left_on",
    "limit_bases",
    "mergeable_with",
    "overdue_batches",
    "overdue_count",
    "overdue_totals",
    "reasons_given",
    "stock_on",
    "stock_page",
    "stock_totals",
    "stream_overdue",
    "stream_stock",
    "unit_stock",
    "waiting_page",
    "warning_lead_days",
]
