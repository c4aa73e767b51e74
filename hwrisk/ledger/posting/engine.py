"""Working out a list of drafts in order, and posting it all or not at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.catalogue.queries import OUTSIDE
from hwrisk.clock import now
from hwrisk.db.types import ZERO
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import Draft, Hand, Posted, Refusal
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.numbering import Numbering, numbers_in_use
from hwrisk.ledger.posting.checks import NAMES_WASTE, checked
from hwrisk.ledger.posting.context import PostingContext, load_context
from hwrisk.ledger.posting.kinds import HANDLERS
from hwrisk.ledger.posting.manifests import Manifests
from hwrisk.ledger.posting.records import part_number
from hwrisk.ledger.posting.states import BatchState, EntryState, Key
from hwrisk.ledger.posting.store import over_capacity, store
from hwrisk.ledger.storage.models import StorageFacility
from hwrisk.ledger.wastes import codes_outside


class PostingRefused(RuleViolation):
    """One or more drafts cannot be posted; nothing was."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(refusals[0].message, field=refusals[0].field or None)
        self.refusals = list(refusals)


class Foreseen(NamedTuple):
    """What a preview knows beyond the database."""

    facilities: Sequence[StorageFacility] = ()
    """Facilities that will be registered before the posting; their ids are made up, below zero."""
    refused: Collection[Key] = ()
    """Unit and number of records that were refused before they came here; who rests on them is told so."""


NOTHING = Foreseen()


class Posting:
    """Works out a list of drafts in order, without touching the database."""

    def __init__(self, session: Session, drafts: Sequence[Draft], hand: Hand, *, foreseen: Foreseen = NOTHING) -> None:
        self.given = {(d.unit_id, d.entry_no) for d in drafts if d.entry_no}
        """Numbers the enterprise gave itself."""
        self._taken = numbers_in_use(session, self.given)
        self.context: PostingContext = load_context(session, drafts, fresh=self.given - self._taken)
        self.context.facilities.update({facility.id: facility for facility in foreseen.facilities})
        self.hand = hand
        self.recorded_at = hand.recorded_at or now()
        self.rows: list[tuple[dict[str, Any], EntryState]] = []
        self.places: list[int] = []
        """Place of the draft behind each row."""
        self.new_batches: list[BatchState] = []
        self.refusals: list[Refusal] = []
        self.warnings: list[Refusal] = []
        self.outside: set[tuple[str, Any]] = set()
        """Waste code and day of what the catalogue does not list."""
        self._session = session
        self._place = 0
        self._failed: set[Key] = set(foreseen.refused)
        self._numbers = Numbering(session, {(d.unit_id, d.occurred_on) for d in drafts if _needs_number(d)})
        self._manifests = Manifests(session, drafts)
        for unit_id, number in self.given:
            self._numbers.take(unit_id, number)

    def run(self, drafts: Sequence[Draft]) -> None:
        """Work out every draft; refusals and warnings are collected, not raised."""
        for place, draft in enumerate(drafts):
            self._place = place
            rows = len(self.rows)
            try:
                HANDLERS[draft.kind](self, checked(self, draft))
            except RuleViolation as violation:
                self.refusals.append(Refusal(place, violation.field or "", violation.message))
                self._failed.add((draft.unit_id, draft.entry_no))
                del self.rows[rows:]
            self.places += [place] * (len(self.rows) - rows)
        self._warn_of_codes()
        self.warnings += over_capacity(self._session, self)
        self.warnings.sort()

    def warn(self, field: str, message: str) -> None:
        """Note something about the present draft that is accepted but should be looked at."""
        self.warnings.append(Refusal(self._place, field, message))

    def claim_number(self, unit_id: int, number: str) -> None:
        """Keep the enterprise's own number for the present draft.

        Raises:
            RuleViolation: the unit uses it already.
        """
        if (unit_id, number) in self._taken:
            raise RuleViolation(f"记录编号 {number} 已经存在，同一单位内不得重复", field="entry_no")
        self._taken.add((unit_id, number))

    def claim_manifest(self, number: str, draft: Draft) -> None:
        """Keep a national manifest number for the present draft.

        Raises:
            RuleViolation: another load carries it.
        """
        self._manifests.claim(number, draft)

    def number(self, draft: Draft, kind: EntryKind | None = None) -> str:
        """Return the number of a record: the enterprise's own, else the next free one."""
        if draft.entry_no and kind is None:
            return draft.entry_no
        outcome = self.context.methods.get(draft.method_code or "", "")
        return self._numbers.allocate(draft.unit_id, kind or draft.kind, draft.occurred_on, outcome=outcome)

    def preceding(self, draft: Draft, kinds: set[EntryKind], what: str) -> list[EntryState]:
        """Return the record that `draft` follows, with its parts where it was split over several batches.

        Raises:
            RuleViolation: it is not named, unknown, cancelled, of another kind, or later than the draft.
        """
        if not draft.predecessor_no:
            raise RuleViolation(f"请填写所依据的{what}记录编号", field="predecessor_no")
        key = (draft.unit_id, draft.predecessor_no)
        state = self.context.entries.get(key)
        if state is None or state.kind not in kinds:
            self.refuse_behind_fault(key, field="predecessor_no")
            raise RuleViolation(
                f"没有找到编号为“{draft.predecessor_no}”的{what}记录，请核对编号", field="predecessor_no"
            )
        if state.is_cancelled:
            raise RuleViolation(f"{what}记录 {draft.predecessor_no} 已撤销，不能再登记后续环节", field="predecessor_no")
        if draft.occurred_on < state.occurred_on:
            raise RuleViolation(
                f"日期早于所依据的{what}记录（{state.occurred_on:%Y-%m-%d}），请核对日期", field="occurred_on"
            )
        parts = self.context.parts.get(key, [])
        return [state, *(part for part in parts if part.kind is state.kind and not part.is_cancelled)]

    def refuse_behind_fault(self, key: Key, *, field: str) -> None:
        """Refuse a draft for the fault of the one it rests on, when that is why the latter is not there.

        Raises:
            RuleViolation: the record or batch `key` is one of this posting and was refused itself.
        """
        if key in self._failed:
            raise RuleViolation(f"所依据的记录 {key[1]} 本身有错误，请先改正那一条", field=field)

    def add(self, draft: Draft, **values: Any) -> EntryState:
        """Add a row to be stored and return its state, so that later drafts may follow it."""
        version = self.context.version_on(draft.unit_id, draft.occurred_on)
        batch: BatchState | None = values.pop("batch", None)
        predecessor: EntryState | None = values.pop("predecessor", None)
        part_of: str | None = values.pop("part_of", None)
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
        if part_of is not None:
            self.context.parts.setdefault((draft.unit_id, part_of), []).append(state)
        self.rows.append((row, state))
        return state

    def part(self, number: str, place: int) -> dict[str, str]:
        """Return number and whole of the part at `place` (from 0) of a record that may be split."""
        return {"entry_no": number} if place == 0 else {"entry_no": part_number(number, place + 1), "part_of": number}

    def _warn_of_codes(self) -> None:
        named = [
            (row["waste_code"], row["occurred_on"]) if row["kind"] in NAMES_WASTE else None for row, _ in self.rows
        ]
        self.outside = codes_outside(self._session, {pair for pair in named if pair is not None})
        for place, pair in zip(self.places, named, strict=True):
            if pair in self.outside:
                self.warnings.append(Refusal(place, "waste_code", f"{pair[0]} 为{OUTSIDE}，可以登记，请确认代码"))


def _needs_number(draft: Draft) -> bool:
    # The other half of a move always has a number of our own.
    return not draft.entry_no or draft.kind is EntryKind.MOVED_OUT


def post_many(session: Session, drafts: Sequence[Draft], hand: Hand) -> Posted:
    """Post `drafts` in order, all or none; a later one may refer to an earlier one by number.

    Raises:
        PostingRefused: at least one cannot be posted; it lists every refusal with its place.
    """
    if not drafts:
        return Posted([], 0, [])
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


def check_many(
    session: Session, drafts: Sequence[Draft], hand: Hand, *, foreseen: Foreseen = NOTHING
) -> tuple[list[Refusal], list[Refusal]]:
    """Return the refusals and the warnings that posting `drafts` would meet, without posting (import preview)."""
    posting = Posting(session, drafts, hand, foreseen=foreseen)
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
