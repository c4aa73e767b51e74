"""Any order of any operations, many times over: the ledger does what a plain model does, and always adds up."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from hwrisk.db.session import Database
from hwrisk.errors import RuleViolation
from hwrisk.ledger.corrections import cancel
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.posting import check_many, post
from hwrisk.ledger.storage.models import FacilityKind
from hwrisk.ledger.storage.operations import merge
from hwrisk.units.models import UnitRole
from tests.ledger.ledger_world import SALT, LedgerWorld
from tests.ledger.stateful_machine import LedgerMachine, Stage

QUICK = 100
"""With more examples than these there is time to ask everything after every step."""
SMALLER = 10
"""PostgreSQL sees this part of the examples: its round trips are slow, and the rules above it are the same."""


@pytest.fixture
def stage(databases: Callable[[str], Database], dialect: str) -> Iterator[Stage]:
    """A generator and an operator of different offices and districts; each example plays in a savepoint."""
    whole = databases(dialect)
    with whole.engine.execution_options(hwrisk_write=True).connect() as connection:
        transaction = connection.begin()
        database = Database.bound_to(connection, engine=whole.engine)
        with database.unit_of_work() as session:
            world = LedgerWorld(session, database)
            operator = world.register(role=UnitRole.OPERATOR, admin_code="320703", office_code="LYG-KFQ")
            stores = [
                world.facility("TS001", unit=operator),
                world.facility("TS002", unit=operator, kind=FacilityKind.SPOT, name="贮存点"),
            ]
            facilities = {world.unit.id: (world.store.id, world.spot.id), operator.id: (stores[0].id, stores[1].id)}
            stage = Stage(connection, facilities, operator.id, asks_all=settings().max_examples > QUICK)
        yield stage
        transaction.rollback()


@pytest.mark.db
def test_the_ledger_does_what_the_model_does(stage: Stage, dialect: str) -> None:
    examples = settings().max_examples if dialect == "sqlite" else max(1, settings().max_examples // SMALLER)
    run_state_machine_as_test(lambda: LedgerMachine(stage), settings=settings(max_examples=examples))


class TestWhatTheModelFound:
    """Kept as they were found, each by itself."""

    DAY = date(2026, 3, 2)

    def test_a_batch_named_twice_is_merged_once(self, world: LedgerWorld) -> None:
        first, second = world.stored("1", self.DAY), world.stored("1", self.DAY)
        merge(world.session, [first, first, second], merged_on=self.DAY, hand=world.hand())
        with pytest.raises(RuleViolation, match="合并至少需要两个批次"):
            merge(world.session, [first, first], merged_on=self.DAY, hand=world.hand())

    def test_a_move_whose_second_half_cannot_be_cancelled_stands_whole(self, world: LedgerWorld) -> None:
        batch = world.stored("4", self.DAY)
        moved = world.post(
            EntryKind.MOVED_OUT, self.DAY, "4", batch=batch.batch_no, to_facility_id=world.spot.id
        )  # fmt: skip
        world.post(EntryKind.STORED_OUT, self.DAY, "4", batch=batch.batch_no)
        before = world.records()
        with pytest.raises(RuleViolation, match="库存将为负"):
            cancel(world.session, moved, reason="移错", hand=world.hand())
        assert (world.records(), world.remaining(batch)) == (before, 0)

    def test_an_explained_receipt_completes_every_part_of_a_split_load(self, world: LedgerWorld) -> None:
        for _ in range(3):
            world.stored("2", self.DAY)
        world.post(EntryKind.STORED_OUT, self.DAY, "6", waste_code=SALT, entry_no="CK1")
        world.post(EntryKind.ENTRUSTED, self.DAY, "6", after="CK1", entry_no="WW1")
        received = world.post_all(
            world.draft(EntryKind.RECEIVED, self.DAY, "1.9", after="WW1", difference_explained=True)
        )  # fmt: skip
        assert len(received.entry_ids) == 3
        draft = world.draft(EntryKind.RETURNED, self.DAY, "0.5", after="WW1")
        assert world.refusal(draft) == ("quantity", "退回量 0.5 吨大于尚未接收或退回的 0 吨")

    def test_a_number_that_looks_like_a_part_is_another_record(self, world: LedgerWorld) -> None:
        for number, quantity, minute in (("CK1", "2", 1), ("CK1-2", "3", 2)):
            batch = world.stored(quantity, self.DAY)
            draft = world.draft(EntryKind.STORED_OUT, self.DAY, quantity, batch=batch.batch_no, entry_no=number)
            # The clock of the tests stands still; two postings are never recorded at one instant.
            post(world.session, draft, world.hand(at=datetime(2026, 3, 2, 8, minute, tzinfo=UTC)))
        whole = world.draft(EntryKind.ENTRUSTED, self.DAY, "5", after="CK1")
        assert world.refusal(whole) == ("quantity", "数量 5 吨大于所依据记录尚未登记去向的 2 吨，请核对")
        fits = world.draft(EntryKind.ENTRUSTED, self.DAY, "3", after="CK1-2")
        assert check_many(world.session, [fits], world.hand()) == ([], [])
