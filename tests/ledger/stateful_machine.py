"""The machine: any order of any operations on a real database, beside the plain model."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from hwrisk.db.session import Database
from hwrisk.errors import RuleViolation
from hwrisk.ledger.corrections import adjust, cancel
from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.posting import check_many, post_many
from hwrisk.ledger.storage.models import ExtensionState, StorageBatch, StorageExtension
from hwrisk.ledger.storage.operations import apply_extension, decide_extension, merge
from tests.ledger.ledger_world import city
from tests.ledger.stateful_books import ADJUSTABLE, CAME, DAYS, MOVES, TODAY, Batch, Record
from tests.ledger.stateful_corrections import CorrectedBooks
from tests.ledger.stateful_drafts import Choices, Drafts, amounts, choices, chosen, days
from tests.ledger.stateful_truths import (
    check_found_nothing,
    check_list_of_stock,
    check_rate,
    check_stock,
    check_uses,
    footprint,
)

QUESTIONS = 3
TURNS = [[0], [], [1], [0], [], [0], [2], [], [0], []]
"""Which question is asked after which change: the third costs as much as all else."""
HAND = Hand(viewer=city(), as_of=TODAY)
POSTED = [
    EntryKind.GENERATED, EntryKind.OPENING, EntryKind.STORED_IN, EntryKind.STORED_OUT, EntryKind.SELF_TREATED,
    EntryKind.ENTRUSTED, EntryKind.RECEIVED, EntryKind.RETURNED, EntryKind.MOVED_OUT, EntryKind.STOCKTAKE_GAIN,
    EntryKind.STOCKTAKE_LOSS,
]  # fmt: skip


class Stage(NamedTuple):
    """Where the machine plays: a connection in a transaction that is rolled back, and two units with two facilities."""

    connection: Connection
    facilities: dict[int, tuple[int, int]]
    operator: int
    asks_all: bool
    """Ask the costly questions after every step, not in turn."""


class LedgerMachine(RuleBasedStateMachine):
    """Every accepted step is one the model accepts, every refused one leaves nothing behind."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.savepoint = stage.connection.begin_nested()
        self.database = Database.bound_to(stage.connection)
        self.books = CorrectedBooks(stage.facilities, {stage.operator})
        self.numbers = itertools.count(1)
        self.periods: list[tuple[date, date]] = []
        self.changes = self.asked = 0
        self.failed = False

    def teardown(self) -> None:
        try:
            if not self.failed:
                with self.database.session() as session:
                    self.ask(session, range(QUESTIONS))
        finally:
            self.savepoint.rollback()

    @initialize(periods=st.lists(st.tuples(days, days).map(sorted), min_size=2, max_size=2))
    def ask_about(self, periods: list[list[date]]) -> None:
        """Draw the periods of the rate, first and last day."""
        self.periods = [(since, until) for since, until in periods]

    # --- what is tried

    @rule(c=choices)
    def generate(self, c: Choices) -> None:
        self.post(EntryKind.GENERATED, c)

    @rule(c=choices)
    def open_stock(self, c: Choices) -> None:
        self.post(EntryKind.OPENING, c)

    @rule(c=choices)
    def store_in(self, c: Choices) -> None:
        self.post(EntryKind.STORED_IN, c)

    @precondition(lambda self: self.books.batches)
    @rule(c=choices)
    def take_out(self, c: Choices) -> None:
        self.post(EntryKind.STORED_OUT, c)

    @precondition(lambda self: len(self.books.batches) > 1)
    @rule(c=choices)
    def take_oldest(self, c: Choices) -> None:
        if (draft := self.drafts().oldest(c)) is not None:
            self.post_one(draft)

    @precondition(lambda self: self.has(EntryKind.STORED_OUT, EntryKind.GENERATED))
    @rule(c=choices)
    def treat(self, c: Choices) -> None:
        self.post(EntryKind.SELF_TREATED, c)

    @precondition(lambda self: self.has(EntryKind.STORED_OUT, EntryKind.GENERATED))
    @rule(c=choices)
    def entrust(self, c: Choices) -> None:
        self.post(EntryKind.ENTRUSTED, c)

    @precondition(lambda self: self.has(EntryKind.ENTRUSTED))
    @rule(c=choices)
    def receive(self, c: Choices) -> None:
        self.post(EntryKind.RECEIVED, c)

    @precondition(lambda self: self.has(EntryKind.ENTRUSTED))
    @rule(c=choices)
    def take_back(self, c: Choices) -> None:
        self.post(EntryKind.RETURNED, c)

    @precondition(lambda self: self.books.batches)
    @rule(c=choices)
    def move(self, c: Choices) -> None:
        self.post(EntryKind.MOVED_OUT, c)

    @precondition(lambda self: self.books.batches)
    @rule(c=choices, kind=st.sampled_from([EntryKind.STOCKTAKE_GAIN, EntryKind.STOCKTAKE_LOSS]))
    def count(self, c: Choices, kind: EntryKind) -> None:
        self.post(kind, c)

    @rule(wanted=st.lists(st.tuples(st.sampled_from(POSTED), choices), min_size=2, max_size=5))
    def post_together(self, wanted: list[tuple[EntryKind, Choices]]) -> None:
        """Post several records at once, later ones resting on earlier ones: all or none."""
        before, drafts, accepted = deepcopy(self.books), [], True
        for kind, c in wanted:
            if (draft := self.drafts().of(kind, c)) is not None:
                drafts.append(draft)
                accepted &= self.books.post(draft)
        if not accepted:
            self.books = before
        self.failed = True
        with self.database.session() as session:
            refusals, _ = check_many(session, drafts, HAND)
        assert (not refusals) is accepted, f"the preview says otherwise: {refusals}"
        self.attempt(accepted, lambda session: post_many(session, drafts, HAND))

    @precondition(lambda self: len(self.books.batches) > 1)
    @rule(c=choices, flag=st.booleans())
    def ship(self, c: Choices, flag: bool) -> None:
        """Send away all there is of a waste, in as many parts as it takes, and hear what arrived of it."""
        newest = c._replace(slip=False, pick=0, day=min(c.day, TODAY), later=min(c.later, TODAY))
        if (out := self.drafts().oldest(newest._replace(flag=True))) is not None and self.post_one(out):
            self.post(EntryKind.ENTRUSTED, newest._replace(flag=True))
            self.post(EntryKind.RECEIVED, newest._replace(flag=flag))

    @precondition(lambda self: self.books.records)
    @rule(pick=st.integers(0, 9), quantity=amounts, kinds=st.sampled_from([ADJUSTABLE, {EntryKind.STORED_OUT}, None]))
    def adjust(self, pick: int, quantity: Decimal, kinds: set[EntryKind] | None) -> None:
        """Correct a quantity: mostly of an in or an out, best of an out that something follows."""
        found = self.standing(kinds)
        record = chosen([r for r in found if self.books.followers(r)] or found, pick)
        accepted = self.books.adjust(record, quantity)
        self.attempt(
            accepted,
            lambda session: adjust(session, self.entry(session, record), quantity=quantity, reason="过磅", hand=HAND),
        )

    @precondition(lambda self: self.books.records)
    @rule(pick=st.integers(0, 9), kinds=st.sampled_from([set(EntryKind), MOVES, CAME, None]))
    def cancel(self, pick: int, kinds: set[EntryKind] | None) -> None:
        """Cancel a record, best one whose batch shares its age with a lot."""
        found = self.standing(kinds)
        record = chosen([r for r in found if r.batch and r.batch.lot] or found, pick)
        accepted = self.books.cancel(record)
        self.attempt(accepted, lambda session: cancel(session, self.entry(session, record), reason="填错", hand=HAND))

    @precondition(lambda self: len(self.books.batches) > 1)
    @rule(picks=st.lists(st.integers(0, 5), min_size=2, max_size=3), day=days, slip=st.booleans())
    def merge(self, picks: list[int], day: date, slip: bool) -> None:
        batches = [chosen(self.books.batches, pick) for pick in picks]
        if not slip:
            free = [b for b in self.books.batches if self.books.remaining(b) > 0 and not b.lot]
            alike = [b for b in free if (b.unit_id, b.code) == (free[0].unit_id, free[0].code)]
            batches = alike[:3] or batches
            day = max([day, *(b.entered_on for b in batches)])
        accepted = self.books.merge(batches, day)
        self.attempt(
            accepted,
            lambda session: merge(session, [self.batch(session, b) for b in batches], merged_on=day, hand=HAND),
        )

    @precondition(lambda self: self.books.batches)
    @rule(pick=st.integers(0, 5), day=days)
    def apply_extension(self, pick: int, day: date) -> None:
        mine = [b for b in self.books.batches if b.unit_id in self.books.operators] or self.books.batches
        batch = chosen(mine, pick)
        accepted = self.books.apply(batch, day)
        self.attempt(
            accepted, lambda session: apply_extension(session, self.batch(session, batch), applied_on=day, hand=HAND)
        )

    @precondition(lambda self: self.books.extensions)
    @rule(pick=st.integers(0, 5), day=days, more=st.sampled_from([None, 0, 30, 400]))
    def decide_extension(self, pick: int, day: date, more: int | None) -> None:
        place = -1 - pick % len(self.books.extensions)
        until = None if more is None else day + timedelta(days=more)
        accepted = self.books.decide(self.books.extensions[place], day, until)

        def act(session: Session) -> None:
            found = session.scalars(select(StorageExtension).order_by(StorageExtension.id)).all()[place]
            decide_extension(
                session, found, approved=until is not None, decided_on=day, until=until, document_no="演示〔2026〕1号",
                authority="演示机关", hand=HAND,
            )  # fmt: skip
            assert (found.state is ExtensionState.APPROVED) is (until is not None)

        self.attempt(accepted, act)

    # --- how it is tried

    def has(self, *kinds: EntryKind) -> bool:
        return any(record.kind in kinds for record in self.books.records)

    def drafts(self) -> Drafts:
        return Drafts(self.books, lambda: f"R{next(self.numbers):03}")

    def post(self, kind: EntryKind, c: Choices) -> None:
        if (draft := self.drafts().of(kind, c)) is not None:
            self.post_one(draft)

    def post_one(self, draft: Draft) -> bool:
        accepted = self.books.post(draft)
        self.attempt(accepted, lambda session: post_many(session, [draft], HAND))
        return accepted

    def attempt(self, accepted: bool, act: Callable[[Session], object]) -> None:
        """Run an operation in a unit of work; a refused one has changed nothing even before it is rolled back."""
        refusal, self.failed = None, True
        try:
            with self.database.unit_of_work() as session:
                before = footprint(session)
                try:
                    act(session)
                except RuleViolation:
                    session.flush()
                    assert footprint(session) == before, "a refused operation left something behind"
                    raise
        except RuleViolation as violation:
            refusal = violation.message
        assert (refusal is None) is accepted, refusal or "was not refused"
        self.changes += accepted
        self.failed = False

    def standing(self, kinds: set[EntryKind] | None) -> list[Record]:
        """The records of these kinds that stand, where there are any; None: any record, cancelled ones too."""
        return [r for r in self.books.records if kinds and r.kind in kinds and not r.is_cancelled] or self.books.records

    def entry(self, session: Session, record: Record) -> LedgerEntry:
        """The stored record; the incoming half of a move has a number of its own and is found behind the other."""
        if record.kind is EntryKind.MOVED_IN and record.partner is not None:
            out = self.entry(session, record.partner)
            return session.scalars(select(LedgerEntry).where(LedgerEntry.predecessor_id == out.id)).one()
        return session.scalars(select(LedgerEntry).where(LedgerEntry.entry_no == record.number)).one()

    def batch(self, session: Session, batch: Batch) -> StorageBatch:
        return session.scalars(select(StorageBatch).where(StorageBatch.batch_no == batch.number)).one()

    # --- what must hold

    @invariant()
    def it_adds_up(self) -> None:
        """Ask about stock, balances and uses after every step; about the rest in turn, and about all at the end."""
        self.failed = True
        with self.database.session() as session:
            check_stock(session, self.books)
            check_uses(session)
            if self.changes > self.asked:
                self.asked = self.changes
                self.ask(session, range(QUESTIONS) if self.stage.asks_all else TURNS[self.changes % len(TURNS)])
        self.failed = False

    def ask(self, session: Session, questions: Iterable[int]) -> None:
        for question in questions:
            if question == 0:
                check_found_nothing(session)
            elif question == 1:
                check_list_of_stock(session, self.books, DAYS[self.changes % len(DAYS)])
            else:
                check_rate(session, self.periods)
