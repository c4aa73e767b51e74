"""A ledger record before it is posted, whether it comes from a form, a file or the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from hwrisk.ledger.models import EntryKind, ReceiverKind, Removal
from hwrisk.ledger.storage.models import BatchTag
from hwrisk.security.viewer import Viewer

INTO_STORE = frozenset({EntryKind.STORED_IN, EntryKind.OPENING})
"""Kinds that make a new batch."""
PREFIXES: dict[EntryKind, str] = {
    EntryKind.GENERATED: "HWCS",
    EntryKind.STORED_IN: "HWRK",
    EntryKind.STORED_OUT: "HWCK",
    EntryKind.SELF_TREATED: "HWZX",
    EntryKind.ENTRUSTED: "HWWW",
    # The standard names numbers for the five kinds above alone; these are this system's own.
    EntryKind.OPENING: "QC",
    EntryKind.RECEIVED: "JS",
    EntryKind.RETURNED: "TH",
    EntryKind.MOVED_OUT: "YC",
    EntryKind.MOVED_IN: "YR",
    EntryKind.STOCKTAKE_GAIN: "PY",
    EntryKind.STOCKTAKE_LOSS: "PK",
    EntryKind.ADJUSTED: "TZ",
    EntryKind.CANCELLED: "CX",
}
"""First letters of the record's number (批次编码). Source: HJ 1259—2022 附录B (informative) for the first five."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One record to be posted; what it refers to is named by number, so that a file can refer to its own rows."""

    kind: EntryKind
    unit_id: int
    occurred_on: date
    quantity: Decimal
    waste_code: str = ""
    waste_name: str = ""
    facility_id: int | None = None
    entry_no: str = ""
    """Number given by the enterprise, or empty: one is allocated."""
    batch_no: str = ""
    """Batch that the record takes from or gives to; empty on 出库 means oldest first (先进先出)."""
    predecessor_no: str = ""
    """Number of the record it follows."""
    to_facility_id: int | None = None
    """Where a move goes."""
    first_stored_on: date | None = None
    """First 入库 of an opening stock, or None when unknown; of 入库 None means the day itself."""
    tag: BatchTag = BatchTag.NONE
    removal: Removal | None = None
    method_code: str | None = None
    completed_on: date | None = None
    receiver_kind: ReceiverKind | None = None
    receiver_name: str = ""
    receiver_licence_no: str = ""
    national_no: str | None = None
    provincial_no: str | None = None
    difference_explained: bool | None = None
    remark: str = ""
    source_ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Hand:
    """Who records, on which day, and when (经手)."""

    viewer: Viewer
    as_of: date
    """The present day: nothing may lie after it."""
    recorded_at: datetime | None = None
    """Instant to record under, or None for now (the demonstration gives past ones)."""


class Refusal(NamedTuple):
    """Why one draft of a posting was refused."""

    place: int
    """Place in the list of drafts, from 0."""
    field: str
    message: str


class Posted(NamedTuple):
    """What a posting made."""

    entry_ids: list[int]
    """Ids of the records, in the order of the drafts; one draft may make several (oldest first out)."""
    batches: int
    warnings: list[Refusal]
    """What was accepted but should be looked at, e.g. a code outside the catalogue."""
