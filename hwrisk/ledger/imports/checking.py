"""The verdict on the rows of a file: each by itself, then all as one posting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.imports import CheckContext, CheckedRow, Outcome, ParsedRow, RowOutcome
from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger.drafts import Draft, Hand, Refusal
from hwrisk.ledger.imports.known import Known, Stored
from hwrisk.ledger.imports.reading import Reading
from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.ledger.posting import Foreseen, check_many
from hwrisk.ledger.storage.models import BatchTag, StorageFacility

ORDER = (
    EntryKind.GENERATED, EntryKind.OPENING, EntryKind.STORED_IN, EntryKind.STOCKTAKE_GAIN, EntryKind.MOVED_OUT,
    EntryKind.STORED_OUT, EntryKind.STOCKTAKE_LOSS, EntryKind.SELF_TREATED, EntryKind.ENTRUSTED, EntryKind.RETURNED,
    EntryKind.RECEIVED,
)  # fmt: skip
"""Within a day what comes into being goes before what rests on it, however the file is sorted."""
COLUMN_OF = {"facility_id": "facility", "to_facility_id": "to_facility", "unit_id": "unit"}
DRAFT_FIELDS = (
    "unit_id", "occurred_on", "quantity", "waste_code", "waste_name", "to_facility_id", "entry_no", "batch_no",
    "predecessor_no", "first_stored_on", "method_code", "completed_on", "receiver_name", "receiver_licence_no",
    "national_no", "provincial_no", "difference_explained", "remark", "source_ref",
)  # fmt: skip
NewFacility = tuple[int, str]
"""Unit id and code of a facility that is to be registered."""


def check(_session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row by itself."""
    known: Known = context.known
    reading: Reading = known.readings[row.row_no]
    title = _title(reading)
    if reading.payload is None:
        return RowOutcome.refused(*reading.faults, title=title)
    payload = reading.payload
    if payload["source_ref"] in known.sources:
        return _known_again(row, title, is_cancelled=known.sources[payload["source_ref"]])
    stored = known.records.get((payload["unit_id"], payload["entry_no"]))
    if stored is None:
        return RowOutcome(outcome=Outcome.NEW, after=_shown(reading), payload=payload, title=title)
    if _is_same(stored, payload):
        return _known_again(row, title, is_cancelled=stored.is_cancelled)
    return RowOutcome.refused(row.fault("entry_no", _otherwise(payload["entry_no"], stored)), title=title)


def check_all(session: Session, context: CheckContext, rows: Sequence[CheckedRow]) -> None:
    """Work all new rows out as one posting, and tell each row what it would meet."""
    new = sorted(
        (each for each in rows if each.outcome.outcome is Outcome.NEW), key=lambda each: _order(each.row, context)
    )
    if not new:
        return
    payloads = [context.known.readings[each.row.row_no].payload for each in new]
    made_up = {key: -number for number, key in enumerate(new_facilities(payloads), start=1)}
    drafts = [draft_of(payload, made_up) for payload in payloads]
    foreseen = Foreseen(
        [StorageFacility(id=number, unit_id=key[0], code=key[1]) for key, number in made_up.items()],
        _refused_numbers(rows, context),
    )
    hand = Hand(viewer=context.user, as_of=context.as_of)
    refusals, warnings = check_many(session, drafts, hand, foreseen=foreseen)
    for refusal in refusals:
        new[refusal.place].outcome.refuse(_fault(new[refusal.place].row, refusal))
    for warning in warnings:
        new[warning.place].outcome.warn(_fault(new[warning.place].row, warning))


def draft_of(payload: Mapping[str, Any], facility_ids: Mapping[NewFacility, int]) -> Draft:
    """Return the draft of a row; `facility_ids` are those of facilities that were not registered yet."""
    facility_id = payload["facility_id"]
    if payload["new_facility"]:
        facility_id = facility_ids[(payload["unit_id"], payload["new_facility"]["code"])]
    return Draft(
        kind=EntryKind(payload["kind"]),
        facility_id=facility_id,
        tag=BatchTag(payload["tag"]),
        receiver_kind=ReceiverKind(payload["receiver_kind"]) if payload["receiver_kind"] else None,
        **{name: payload[name] for name in DRAFT_FIELDS},
    )


def new_facilities(payloads: Iterable[Mapping[str, Any]]) -> dict[NewFacility, Mapping[str, str]]:
    """Return the facilities that are to be registered, with their kind and name, as their first rows say."""
    found: dict[NewFacility, Mapping[str, str]] = {}
    for payload in payloads:
        if new := payload["new_facility"]:
            found.setdefault((payload["unit_id"], new["code"]), new)
    return found


def order_of(payload: Mapping[str, Any]) -> tuple[Any, int]:
    """Return the sort key in which rows are posted; rows of one day and kind keep the order of the file."""
    return payload["occurred_on"], ORDER.index(EntryKind(payload["kind"]))


def _order(row: ParsedRow, context: CheckContext) -> tuple[Any, ...]:
    return *order_of(context.known.readings[row.row_no].payload), row.row_no


def _refused_numbers(rows: Sequence[CheckedRow], context: CheckContext) -> set[tuple[int, str]]:
    found = set()
    for each in rows:
        reading: Reading = context.known.readings[each.row.row_no]
        number = each.row.values.get("entry_no")
        if each.outcome.outcome is Outcome.REFUSED and reading.unit and number:
            found.add((reading.unit.id, number))
    return found


def _fault(row: ParsedRow, refusal: Refusal) -> Any:
    key = COLUMN_OF.get(refusal.field, refusal.field)
    if key == "occurred_on" and "stored_on" in row.layout.titles:
        key = "stored_on"
    return row.fault(key, refusal.message)


def _known_again(row: ParsedRow, title: str, *, is_cancelled: bool) -> RowOutcome:
    outcome = RowOutcome(outcome=Outcome.UNCHANGED, title=title)
    if is_cancelled:
        outcome.warn(row.fault(None, "这条记录登记过，后来撤销了，本次不再登记；确需重新登记的请换一个编号"))
    return outcome


def _is_same(stored: Stored, payload: Mapping[str, Any]) -> bool:
    if payload["waste_code"] not in {"", stored.waste_code}:
        return False
    return (stored.kind, stored.occurred_on, stored.quantity) == (
        EntryKind(payload["kind"]),
        payload["occurred_on"],
        payload["quantity"],
    )


def _otherwise(number: str, stored: Stored) -> str:
    was = f"{stored.occurred_on:%Y-%m-%d} {stored.kind.label} {stored.waste_code} {format_tonnes(stored.quantity)} 吨"
    return f"编号 {number} 已登记为 {was}，与本行不同；已登记的记录不能用导入修改，请在系统中调整或撤销"


def _title(reading: Reading) -> str:
    values = reading.row.values
    unit = reading.unit.name if reading.unit else values.get("unit") or ""
    kind = EntryKind(reading.payload["kind"]).label if reading.payload else ""
    return " ".join(str(part) for part in (unit, kind, values.get("entry_no"), values.get("waste_code")) if part)


def _shown(reading: Reading) -> dict[str, Any]:
    payload = reading.payload or {}
    new = payload["new_facility"]
    shown = {
        "单位": reading.unit.name if reading.unit else "",
        "环节": EntryKind(payload["kind"]).label,
        "日期": payload["occurred_on"],
        "废物": f"{payload['waste_name']} {payload['waste_code']}".strip(),
        "数量（吨）": payload["quantity"],
        "新登记设施": f"{new['code']}" if new else "",
    }
    return {name: value for name, value in shown.items() if value != ""}
