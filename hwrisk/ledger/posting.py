"""Posting: the one way records enter the ledger, from forms, files and the demonstration alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.catalogue.rules import check_code
from hwrisk.clock import now
from hwrisk.db.types import ZERO
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import INTO_STORE, Draft, Hand, Posted, Refusal
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.numbering import Numbering, numbers_in_use
from hwrisk.ledger.posting_context import BatchState, EntryState, PostingContext, load_context
from hwrisk.ledger.posting_kinds import HANDLERS
from hwrisk.ledger.posting_store import store
from hwrisk.units.models import UnitStatus

FIRST_DAY = date(1990, 1, 1)
CLOSED = {UnitStatus.CLOSED_CLEARED, UnitStatus.DEREGISTERED, UnitStatus.MERGED}
NATIONAL_DIGITS = 14
AFTER_CLOSURE = {EntryKind.RECEIVED, EntryKind.SELF_TREATED}


class PostingRefused(RuleViolation):
    """One or more drafts cannot be posted; nothing was."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(refusals[0].message, field=refusals[0].field or None)
        self.refusals = list(refusals)


class Posting:
    """Works out a list of drafts in order, without touching the database."""

    def __init__(self, session: Session, drafts: Sequence[Draft], hand: Hand) -> None:
        self.context: PostingContext = load_context(session, drafts)
        self.hand = hand
        self.recorded_at = hand.recorded_at or now()
        self.rows: list[dict[str, Any]] = []
        self.new_batches: list[BatchState] = []
        self.refusals: list[Refusal] = []
        self.warnings: list[Refusal] = []
        self._numbers = Numbering(session, ((d.unit_id, d.occurred_on) for d in drafts))
        given = {(d.unit_id, d.entry_no) for d in drafts if d.entry_no}
        self._taken = numbers_in_use(session, given)
        for unit_id, number in given:
            self._numbers.take(unit_id, number)
        self._seen: set[tuple[int, str]] = set()
        self._national: set[str] = set()

    def run(self, drafts: Sequence[Draft]) -> None:
        """Work out every draft; refusals are collected, not raised."""
        for place, draft in enumerate(drafts):
            try:
                self._check(draft)
                HANDLERS[draft.kind](self, place, draft)
            except RuleViolation as violation:
                self.refusals.append(Refusal(place, violation.field or "", violation.message))

    def warn(self, place: int, field: str, message: str) -> None:
        """Note something that is accepted but should be looked at."""
        self.warnings.append(Refusal(place, field, message))

    def number(self, draft: Draft, kind: EntryKind | None = None, *, own: bool = True) -> str:
        """Return the number of a record: the enterprise's own for the first, else the next free one."""
        if own and draft.entry_no:
            return draft.entry_no
        return self._numbers.allocate(
            draft.unit_id, kind or draft.kind, draft.occurred_on, method_code=draft.method_code
        )

    def predecessor(self, draft: Draft, kinds: set[EntryKind], what: str) -> EntryState:
        """Return the record that `draft` follows.

        Raises:
            RuleViolation: it is not named, unknown, cancelled, of another kind, or later than the draft.
        """
        if not draft.predecessor_no:
            raise RuleViolation(f"请填写所依据的{what}编号", field="predecessor_no")
        state = self.context.entries.get((draft.unit_id, draft.predecessor_no))
        if state is None or state.kind not in kinds:
            raise RuleViolation(
                f"没有找到编号为“{draft.predecessor_no}”的{what}记录，请核对编号", field="predecessor_no"
            )
        if state.is_cancelled:
            raise RuleViolation(f"{what}记录 {draft.predecessor_no} 已撤销，不能再登记后续环节", field="predecessor_no")
        if draft.occurred_on < state.occurred_on:
            raise RuleViolation(
                f"日期早于所依据的{what}记录（{state.occurred_on:%Y-%m-%d}），请核对日期", field="occurred_on"
            )
        return state

    def add(self, draft: Draft, **values: Any) -> EntryState:
        """Add a row to be stored and return its state, so that later drafts may follow it."""
        version = self.context.version_on(draft.unit_id, draft.occurred_on)
        batch: BatchState | None = values.pop("batch", None)
        predecessor: EntryState | None = values.pop("predecessor", None)
        row = {
            "unit_id": draft.unit_id,
            "office_code": version.office_code if version else None,
            "kind": draft.kind,
            "occurred_on": draft.occurred_on,
            "waste_code": draft.waste_code,
            "waste_name": draft.waste_name,
            "quantity": draft.quantity,
            "stock_delta": ZERO,
            "facility_id": None,
            "removal": draft.removal,
            "method_code": draft.method_code,
            "completed_on": draft.completed_on,
            "receiver_kind": draft.receiver_kind,
            "receiver_name": draft.receiver_name,
            "receiver_licence_no": draft.receiver_licence_no,
            "national_no": draft.national_no,
            "provincial_no": draft.provincial_no,
            "difference_explained": draft.difference_explained,
            "remark": draft.remark,
            "source_ref": draft.source_ref,
            "recorded_by": self.hand.viewer.label,
            "recorded_at": self.recorded_at,
            **values,
        }
        state = EntryState(
            key=(draft.unit_id, row["entry_no"]),
            id=None,
            kind=row["kind"],
            occurred_on=row["occurred_on"],
            waste_code=row["waste_code"],
            waste_name=row["waste_name"],
            quantity=row["quantity"],
            batch=batch,
            facility_id=row["facility_id"],
            predecessor=predecessor,
        )
        self.context.entries[state.key] = state
        self.rows.append({**row, "_state": state})
        return state

    def _check(self, draft: Draft) -> None:
        if draft.quantity <= 0:
            raise RuleViolation("数量必须大于 0 吨", field="quantity")
        for day, field in ((draft.occurred_on, "occurred_on"), (draft.completed_on, "completed_on")):
            if day is not None and day > self.hand.as_of:
                raise RuleViolation(f"日期 {day:%Y-%m-%d} 晚于今天，请核对", field=field)
            if day is not None and day < FIRST_DAY:
                raise RuleViolation(f"日期 {day:%Y-%m-%d} 过早，请核对年份", field=field)
        self._check_unit(draft)
        self._check_numbers(draft)
        if draft.kind in INTO_STORE or draft.kind is EntryKind.GENERATED:
            check_code(draft.waste_code)
        for facility_id in (draft.facility_id, draft.to_facility_id):
            facility = self.context.facilities.get(facility_id or 0)
            if facility_id is not None and (facility is None or facility.unit_id != draft.unit_id):
                raise RuleViolation("贮存设施不属于该单位，请核对设施编码", field="facility_id")

    def _check_unit(self, draft: Draft) -> None:
        unit = self.context.units.get(draft.unit_id)
        version = self.context.version_on(draft.unit_id, draft.occurred_on)
        if unit is None or version is None:
            raise RuleViolation("没有找到该单位，请核对单位编号", field="unit_id")
        if not unit.is_supervised:
            raise RuleViolation(f"{version.name} 未纳入监管名录，不能登记台账；请先在单位名录中纳入", field="unit_id")
        if version.status in CLOSED and draft.kind not in AFTER_CLOSURE:
            raise RuleViolation(
                f"{version.name} 在 {draft.occurred_on:%Y-%m-%d} 的状态为“{version.status.label}”，"
                f"不能登记{draft.kind.label}",
                field="occurred_on",
            )

    def _check_numbers(self, draft: Draft) -> None:
        if draft.entry_no:
            key = (draft.unit_id, draft.entry_no)
            if key in self._taken or key in self._seen:
                raise RuleViolation(f"记录编号 {draft.entry_no} 已经存在，同一单位内不得重复", field="entry_no")
            self._seen.add(key)
        if draft.national_no is None:
            return
        number = draft.national_no
        if not (number.isascii() and number.isdigit() and len(number) == NATIONAL_DIGITS):
            raise RuleViolation(f"国家联单编号应为 14 位数字，现为“{number}”", field="national_no")
        if number in self._national:
            raise RuleViolation(f"国家联单编号 {number} 在本次记录中重复", field="national_no")
        self._national.add(number)


def post_many(session: Session, drafts: Sequence[Draft], hand: Hand) -> Posted:
    """Post `drafts` in order, all or none; a later one may refer to an earlier one by number.

    Raises:
        PostingRefused: at least one cannot be posted; it lists every refusal with its place.
    """
    posting = Posting(session, drafts, hand)
    posting.run(drafts)
    if posting.refusals:
        raise PostingRefused(posting.refusals)
    posted = store(session, posting)
    _record(session, drafts, hand, posted)
    return posted


def post(session: Session, draft: Draft, hand: Hand) -> Posted:
    """Post one record.

    Raises:
        PostingRefused: why it cannot be posted.
    """
    return post_many(session, [draft], hand)


def check_many(session: Session, drafts: Sequence[Draft], hand: Hand) -> tuple[list[Refusal], list[Refusal]]:
    """Return the refusals and the warnings that posting `drafts` would meet, without posting (import preview)."""
    posting = Posting(session, drafts, hand)
    posting.run(drafts)
    return posting.refusals, posting.warnings


def _record(session: Session, drafts: Sequence[Draft], hand: Hand, posted: Posted) -> None:
    if len(drafts) == 1:
        draft = drafts[0]
        summary = {"环节": draft.kind.label, "日期": str(draft.occurred_on), "数量（吨）": str(draft.quantity)}
        audit.record(session, hand.viewer, "ledger.post", "ledger_entry", posted.entry_ids[0], summary=summary)
        return
    audit.record(
        session, hand.viewer, "ledger.post_many", "ledger_entry", posted.entry_ids[0],
        summary={"记录数": len(posted.entry_ids), "新批次": posted.batches},
    )  # fmt: skip
