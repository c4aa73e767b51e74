"""What one row of a file means: its unit, its facilities, the draft it becomes, and by what it is known again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.imports import CheckContext, Fault, ParsedRow
from hwrisk.imports.cells import CellError, format_tonnes, near_names, parse_uscc
from hwrisk.ledger.drafts import INTO_STORE
from hwrisk.ledger.imports.known import Known, UnitRef, load_records, load_units
from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.ledger.storage.models import BatchTag, FacilityKind

TEXTS = (
    "waste_code", "waste_name", "entry_no", "batch_no", "predecessor_no", "receiver_name", "receiver_licence_no",
    "remark",
)  # fmt: skip
OPTIONAL = ("method_code", "completed_on", "national_no", "provincial_no", "difference_explained")
KEYED = (
    "kind", "day", "quantity", "waste_code", "waste_name", "facility", "entry_no", "batch_no", "predecessor_no",
    "receiver_name", "first_stored_on",
)  # fmt: skip
"""What makes a record the same one when its file comes again; remarks and staff do not."""
WITHOUT_REASON = frozenset({"", "无", "否", "未说明", "待说明", "不详", "-", "—", "/"})
"""What stands in the column 差异说明 where nothing is explained."""
USCC_LENGTH = 18
MAX_FACILITY_CODE = 32
SOURCE = "import:"


@dataclass
class Reading:
    """A row understood: `payload` is None where it cannot be."""

    row: ParsedRow
    unit: UnitRef | None = None
    payload: dict[str, Any] | None = None
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, key: str | None, message: str, right: str | None = None) -> None:
        """Note why the row is refused."""
        self.faults.append(self.row.fault(key, message, right))


def read_rows(session: Session, context: CheckContext, rows: Sequence[ParsedRow], fixed: EntryKind | None) -> Known:
    """Return what the check needs; `fixed` is the kind of every row of a form that has one."""
    known = load_units(session, context, (row.values["unit"] for row in rows if row.values.get("unit")))
    repeats: Counter[str] = Counter()
    for row in rows:
        reading = _read(row, known, context, fixed)
        if reading.payload is not None:
            key = _content_key(reading.payload, row.values.get("facility") or row.values.get("facility_name") or "")
            repeats[key] += 1
            reading.payload["source_ref"] = f"{SOURCE}{key}:{repeats[key]}"
        known.readings[row.row_no] = reading
    payloads = [reading.payload for reading in known.readings.values() if reading.payload]
    load_records(
        session, known, ((p["unit_id"], p["entry_no"]) for p in payloads if p["entry_no"]),
        (p["source_ref"] for p in payloads),
    )  # fmt: skip
    return known


def _read(row: ParsedRow, known: Known, context: CheckContext, fixed: EntryKind | None) -> Reading:
    reading = Reading(row)
    reading.unit = _unit(reading, known)
    kind = fixed or _kind(row.values)
    facility_id, new_facility = _facility(reading, known, "facility")
    to_facility_id, _ = _facility(reading, known, "to_facility")
    _ask_facility(reading, known, kind, facility_id, new_facility)
    if reading.faults or reading.unit is None:
        return reading
    values = row.values
    day = values.get("occurred_on") or values.get("stored_on")
    reading.payload = {
        "unit_id": reading.unit.id,
        "kind": kind.value,
        "day": day.isoformat() if day else "",
        "occurred_on": day or context.as_of,
        "quantity": values["quantity"],
        "facility_id": facility_id if facility_id is not None or new_facility else _only(reading, known, kind),
        "new_facility": new_facility,
        "to_facility_id": to_facility_id,
        "first_stored_on": values.get("first_stored_on"),
        "tag": BatchTag(values.get("tag") or BatchTag.NONE).value,
        "receiver_kind": _receiver_kind(kind, values),
        **{name: values.get(name) or "" for name in TEXTS},
        **{name: values.get(name) for name in OPTIONAL},
    }
    _explain(reading.payload, kind, values.get("difference_note") or "")
    return reading


def _explain(payload: dict[str, Any], kind: EntryKind, note: str) -> None:
    """Take the reason of a difference, where one is written, as its explanation, and keep it in the remark."""
    if kind is not EntryKind.RECEIVED or note in WITHOUT_REASON:
        return
    if payload["difference_explained"] is None:
        payload["difference_explained"] = True
    payload["remark"] = "；".join(text for text in (payload["remark"], f"差异说明：{note}") if text)


def _kind(values: Mapping[str, Any]) -> EntryKind:
    if values.get("kind"):
        return EntryKind(values["kind"])
    # A list of stored waste: with a day it is an entry into store, without one it is opening stock of unknown age.
    return EntryKind.STORED_IN if values.get("stored_on") else EntryKind.OPENING


def _unit(reading: Reading, known: Known) -> UnitRef | None:
    text = reading.row.values.get("unit")
    if not text:
        if known.only_unit is None:
            reading.refuse("unit", "没有写明单位", "填写单位编号、统一社会信用代码或全称")
        return known.only_unit
    found = {ref.id: ref for ref in known.units.get(text.upper(), [])}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        numbers = "、".join(ref.unit_no for ref in found.values())
        reading.refuse("unit", f"有 {len(found)} 家单位叫“{text}”", f"填写单位编号（{numbers}）")
        return None
    if len(text) == USCC_LENGTH and text.isascii() and text.isalnum():
        try:
            parse_uscc(text)
        except CellError as error:
            reading.refuse("unit", error.message, error.right)
            return None
    near = near_names(text, known.unit_names)
    reading.refuse("unit", f"没有找到单位“{text}”，或不在您的管辖范围内", "、".join(near) or "先在单位名录中登记")
    return None


def _facility(reading: Reading, known: Known, key: str) -> tuple[int | None, dict[str, Any] | None]:
    """Return the facility a row names: its id, or what is needed to register it; neither where the cell is blank."""
    values = reading.row.values
    text, name = values.get(key), values.get("facility_name") or ""
    if not text and key == "facility" and name:
        key, text = "facility_name", name
    if not text or reading.unit is None:
        return None, None
    own = known.facilities.get(reading.unit.id, {})
    if text.upper() in own:
        return own[text.upper()], None
    kind = values.get("facility_kind")
    if kind and key != "to_facility":
        if len(text) > MAX_FACILITY_CODE:
            reading.refuse(key, "新设施没有编码，名称又太长，不能代替编码", "在“贮存设施编码”列填写编码")
            return None, None
        return None, {"code": text, "name": name, "kind": FacilityKind(kind).value}
    near = "、".join(near_names(text, own)) or "、".join(list(own)[:6])
    right = f"{near}；新设施请在“贮存设施类型”列写明类型" if near else "在“贮存设施类型”列写明类型，导入时一并登记"
    reading.refuse(key, f"该单位没有编码或名称为“{text}”的贮存设施", right)
    return None, None


def _ask_facility(
    reading: Reading, known: Known, kind: EntryKind, facility_id: int | None, new: dict[str, Any] | None
) -> None:
    if kind not in INTO_STORE or facility_id is not None or new or reading.faults or reading.unit is None:
        return
    own = set(known.facilities.get(reading.unit.id, {}).values())
    if len(own) != 1:
        right = "填写编码或名称" if own else "填写编码，并在“贮存设施类型”列写明类型"
        reading.refuse("facility", "没有写明贮存设施", right)


def _only(reading: Reading, known: Known, kind: EntryKind) -> int | None:
    own = set(known.facilities.get(reading.unit.id if reading.unit else 0, {}).values())
    return next(iter(own)) if kind in INTO_STORE and len(own) == 1 else None


def _receiver_kind(kind: EntryKind, values: Mapping[str, Any]) -> str | None:
    if kind is not EntryKind.ENTRUSTED:
        return None
    return ReceiverKind(values.get("receiver_kind") or ReceiverKind.TREATMENT).value


def _content_key(payload: Mapping[str, Any], facility: str) -> str:
    # The facility as it was typed: one that is new the first time is known the second.
    shown = {**payload, "facility": facility.upper(), "quantity": format_tonnes(payload["quantity"])}
    text = "|".join(_plain(shown[name]) for name in KEYED)
    return hashlib.sha256(f"{payload['unit_id']}|{text}".encode()).hexdigest()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value if value is not None else "")
