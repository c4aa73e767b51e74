"""Stock by facility and waste, generated-not-stored, one batch's file, facilities, exports, checks."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import text, update

from hwrisk.errors import NotFound, RuleViolation
from hwrisk.ledger.corrections import adjust, cancel
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.storage import checks, exports, operations, queries, searching
from hwrisk.ledger.storage.models import FacilityKind, StorageBatch
from hwrisk.ledger.storage.queries import StorageConditions
from hwrisk.reporting import ReportRequest, produce
from tests.ledger.ledger_world import OIL, SINCE, TODAY, LedgerWorld, city, county, enterprise

DAY = timedelta(days=1)
ENTERED = date(2025, 6, 30)
EVERYTHING = StorageConditions()


class TestStock:
    @pytest.mark.db
    def test_by_facility_and_waste(self, session, world: LedgerWorld) -> None:
        small = world.facility("TS003", capacity="5")
        old = world.stored("4", ENTERED, facility_id=small.id)
        world.stored("2.5", date(2026, 5, 1), facility_id=small.id)
        world.stored("1", date(2026, 5, 2), facility_id=small.id, waste_code=OIL, waste_name="废矿物油")
        world.post(EntryKind.MOVED_OUT, date(2026, 6, 1), "1", batch=old.batch_no, to_facility_id=world.spot.id)
        rows = queries.unit_stock(session, world.unit.id, user=city(), as_of=TODAY)
        assert [(r.facility_code, r.waste_code, r.tonnes, r.overdue, r.batches) for r in rows] == [
            ("TS002", "261-084-45", 1, 1, 1), ("TS003", "261-084-45", Decimal("5.5"), 3, 2), ("TS003", OIL, 1, 0, 1),
        ]  # fmt: skip
        assert [r.is_over_capacity for r in rows] == [False, True, True]
        assert rows[1].capacity_note == "设施存 6.5000 吨，超过能力 5.0000 吨"
        assert (rows[1].oldest, rows[1].has_unknown) == (ENTERED, False)
        assert queries.stock_totals(session, user=city(), as_of=TODAY, asked=EVERYTHING) == (3, Decimal("7.5"), 4)
        before = queries.unit_stock(session, world.unit.id, user=city(), as_of=date(2026, 5, 31))
        assert [(r.facility_code, r.tonnes) for r in before] == [("TS003", Decimal("6.5")), ("TS003", Decimal(1))]

    def test_what_left_is_not_in_store(self, session, world) -> None:
        batch = world.stored("4", ENTERED)
        world.post(EntryKind.STORED_OUT, date(2026, 6, 1), "4", batch=batch.batch_no)
        assert queries.unit_stock(session, world.unit.id, user=city(), as_of=TODAY) == []
        assert queries.unit_stock(session, world.unit.id, user=city(), as_of=date(2026, 5, 31))[0].tonnes == 4

    def test_filters_sight_and_unknown_days(self, session, world) -> None:
        world.post(EntryKind.OPENING, date(2026, 11, 1), "2")
        page = queries.stock_page(session, user=city(), as_of=TODAY, asked=EVERYTHING)
        assert [(row.oldest_label, row.overdue) for row in page.rows] == [("含日期不详", 2)]
        for user, asked in (
            (county("LYG-XW"), EVERYTHING), (enterprise(world.unit.id + 1), EVERYTHING),
            (city(), StorageConditions(office="LYG-XW")), (city(), StorageConditions(text="废矿物油")),
            (city(), StorageConditions(stream="salt")),
        ):  # fmt: skip
            assert queries.stock_page(session, user=user, as_of=TODAY, asked=asked).rows == []

    def test_pages_follow_one_another(self, session, world) -> None:
        world.post_all(*(world.draft(EntryKind.STORED_IN, ENTERED, "0.5", waste_name=f"废盐{n:03}") for n in range(60)))
        first = queries.stock_page(session, user=city(), as_of=TODAY, asked=EVERYTHING)
        rest = queries.stock_page(session, user=city(), as_of=TODAY, asked=EVERYTHING, cursor=first.next_cursor)
        names = [row.waste_name for row in (*first.rows, *rest.rows)]
        assert names == sorted(names)
        assert (len(first.rows), len(rest.rows)) == (50, 10)


class TestWaiting:
    GENERATED = date(2026, 11, 1)

    @pytest.mark.db
    @pytest.mark.parametrize(("days", "expected"), [(7, 0), (8, 1)])
    def test_from_the_day_after_the_allowed_ones(self, session, world, days, expected) -> None:
        world.post(EntryKind.GENERATED, self.GENERATED, "3")
        assert queries.count_waiting(session, user=city(), as_of=self.GENERATED + days * DAY) == expected

    def test_what_was_stored_or_treated_does_not_wait(self, session, world) -> None:
        made = world.post(EntryKind.GENERATED, self.GENERATED, "10")
        world.stored("6", self.GENERATED + DAY, after=made.entry_no)
        rows = queries.waiting_page(session, user=city(), as_of=TODAY, asked=EVERYTHING).rows
        assert [(row.entry_no, row.quantity, row.waiting, row.days) for row in rows] == [(made.entry_no, 10, 4, 22)]
        world.post(EntryKind.SELF_TREATED, self.GENERATED + 2 * DAY, "4", after=made.entry_no)
        assert queries.count_waiting(session, user=city(), as_of=TODAY) == 0
        assert queries.count_waiting(session, user=city(), as_of=self.GENERATED + DAY) == 0

    @pytest.mark.db
    def test_what_followed_counts_as_it_was_corrected(self, session, world) -> None:
        made = [world.post(EntryKind.GENERATED, self.GENERATED, "10") for _ in range(3)]
        taken_back, made_less, in_full = (
            world.post(EntryKind.STORED_IN, self.GENERATED + DAY, "10", after=entry.entry_no) for entry in made
        )
        assert queries.count_waiting(session, user=city(), as_of=TODAY) == 0
        cancel(session, taken_back, reason="试验", hand=world.hand())
        adjust(session, made_less, quantity=Decimal("9.5"), reason="试验", hand=world.hand())
        rows = queries.waiting_page(session, user=city(), as_of=TODAY, asked=EVERYTHING).rows
        assert [(row.entry_no, row.waiting) for row in rows] == [
            (made[0].entry_no, 10), (made[1].entry_no, Decimal("0.5")),
        ]  # fmt: skip
        assert queries.count_waiting(session, user=city(), as_of=TODAY) == 2
        assert in_full.predecessor_id == made[2].id

    def test_cancelled_ones_and_other_offices(self, session, world) -> None:
        made = world.post(EntryKind.GENERATED, self.GENERATED, "10")
        assert queries.count_waiting(session, user=county("LYG-GYX"), as_of=TODAY) == 1
        assert queries.count_waiting(session, user=county("LYG-XW"), as_of=TODAY) == 0
        cancel(session, made, reason="试验", hand=world.hand())
        assert queries.count_waiting(session, user=city(), as_of=TODAY) == 0


class TestBatchFile:
    def test_the_chain_from_generation_to_receipt(self, session, world) -> None:
        made = world.post(EntryKind.GENERATED, ENTERED, "10")
        batch = world.stored("10", ENTERED, after=made.entry_no)
        out = world.post(EntryKind.STORED_OUT, date(2026, 7, 1), "4", batch=batch.batch_no)
        load = world.post(EntryKind.ENTRUSTED, date(2026, 7, 1), "4", after=out.entry_no)
        back = world.post(EntryKind.RETURNED, date(2026, 7, 3), "1", after=load.entry_no)
        received = world.post(EntryKind.RECEIVED, date(2026, 7, 4), "3", after=load.entry_no)
        file = queries.batch_file(session, batch.public_id, user=city(), as_of=TODAY)
        assert [(line.entry.kind, line.stock) for line in file.lines] == [
            (EntryKind.STORED_IN, 10), (EntryKind.STORED_OUT, 6), (EntryKind.RETURNED, 7),
        ]  # fmt: skip
        assert [entry.id for entry in file.before] == [made.id]
        assert [entry.id for entry in file.after] == [load.id, received.id]
        assert back.id not in {entry.id for entry in file.after}
        past = queries.batch_file(session, batch.public_id, user=city(), as_of=date(2026, 7, 2))
        assert [line.stock for line in past.lines] == [10, 6]
        assert past.row.in_store == 6

    def test_out_of_sight_is_not_found(self, session, world) -> None:
        batch = world.stored("10", ENTERED)
        for user in (county("LYG-XW"), enterprise(world.unit.id + 1)):
            with pytest.raises(NotFound):
                queries.batch_file(session, batch.public_id, user=user, as_of=TODAY)
            with pytest.raises(NotFound):
                queries.get_batch(session, batch.public_id, user=user, as_of=TODAY)

    def test_what_it_can_be_merged_with(self, session, world) -> None:
        this, other = world.stored("1", ENTERED), world.stored("2", ENTERED + DAY)
        world.stored("3", ENTERED, waste_code=OIL, waste_name="废矿物油")
        gone = world.stored("4", ENTERED)
        world.post(EntryKind.STORED_OUT, TODAY, "4", batch=gone.batch_no)
        assert list(queries.mergeable_with(session, this, as_of=TODAY)) == [other]


class TestFacilities:
    def change(self, session, world, **values) -> int:
        given = {
            "name": "贮存库", "kind": FacilityKind.WAREHOUSE, "capacity": Decimal(80), "valid_from": date(2026, 3, 1),
            "actor": city(),
        } | values  # fmt: skip
        return operations.change_facility(session, world.store, **given)

    def test_what_held_before_stays(self, session, world) -> None:
        assert self.change(session, world) == 0
        then = queries.get_facility(session, world.store.public_id, user=city(), as_of=date(2026, 2, 28)).version
        now = queries.get_facility(session, world.store.public_id, user=city(), as_of=date(2026, 3, 1)).version
        assert then is not None
        assert now is not None
        assert (then.capacity, then.valid_from, then.valid_until) == (None, SINCE, date(2026, 3, 1))
        assert (now.capacity, now.valid_until) == (Decimal("80.0000"), None)

    @pytest.mark.parametrize(
        ("values", "field", "said"),
        [
            ({"capacity": None}, None, "没有需要变更"),
            ({"capacity": Decimal(0)}, "capacity", "大于 0"),
            ({"valid_from": date(2019, 1, 1)}, "valid_from", "早于该设施登记"),
            ({"valid_from": TODAY + DAY}, "valid_from", "晚于今天"),
            ({"spot_grade": "I"}, "spot_grade", "只有贮存点"),
        ],
    )
    def test_refusals(self, session, world, values, field, said) -> None:
        with pytest.raises(RuleViolation, match=said) as refused:
            self.change(session, world, **values)
        assert refused.value.field == field

    def test_a_later_state_is_never_covered_up(self, session, world) -> None:
        self.change(session, world)
        with pytest.raises(RuleViolation, match="2026-03-01 已登记过"):
            self.change(session, world, capacity=Decimal(90), valid_from=date(2026, 2, 1))
        assert self.change(session, world, capacity=Decimal(90)) == 0

    def test_stock_over_capacity_is_told(self, session, world) -> None:
        self.change(session, world, capacity=Decimal(3))
        world.stored("4", ENTERED)
        row = queries.facilities_of(session, world.unit.id, as_of=TODAY)[0]
        assert (row.tonnes, row.is_over_capacity) == (4, True)


class TestExports:
    @pytest.fixture
    def opened(self, database, world, tmp_path):
        def of(report, fmt: str = "xlsx", user=None, **filters: str):
            request = ReportRequest(user=user or city(), as_of=TODAY, filters=filters)
            produced = produce(database, report, request, fmt, tmp_path / f"out.{fmt}")
            if fmt == "pdf":
                return produced
            sheet = load_workbook(produced.path).worksheets[0]
            return [[cell.value for cell in row] for row in sheet.iter_rows()]

        return of

    def test_overdue_is_what_the_page_shows(self, session, world, opened) -> None:
        batch = world.stored("100", ENTERED)
        world.stored("1", date(2026, 11, 1))
        session.commit()
        cells = opened(exports.OVERDUE, office="LYG-GYX")
        heads = next(row for row in cells if "批次号" in row)
        body = [dict(zip(heads, row, strict=True)) for row in cells[cells.index(heads) + 1 :]]
        assert [row["批次号"] for row in body if row["单位名称"]] == [batch.batch_no]
        assert (body[0]["在库（吨）"], body[0]["状态"]) == (100, "超管理期限 146 天")
        # A day is a day, so that the sheet can be sorted by it; the office stands in one column alone.
        assert body[0]["首次入库"].date() == date(2025, 6, 30)
        assert body[0]["管辖单位"] not in (body[0]["单位情况"] or "")
        assert body[0]["最后期限"].date() == date(2026, 6, 30)
        assert "待核" in body[0]["期限依据"]
        assert body[1]["在库（吨）"] == 100
        words = "".join(str(value) for row in cells for value in row if value)
        assert "状态：已超期（含到期待批）；管辖单位：" in words
        assert "口径：" in words

    def test_stock_and_empty_and_pdf(self, session, world, opened) -> None:
        assert not [row for row in opened(exports.STOCK, user=county("LYG-XW")) if "TS001 贮存库" in row]
        world.stored("100", ENTERED)
        session.commit()
        cells = opened(exports.STOCK)
        heads = next(row for row in cells if "贮存设施" in row)
        first = dict(zip(heads, cells[cells.index(heads) + 1], strict=True))
        assert (first["贮存设施"], first["在库（吨）"], first["其中超期（吨）"]) == ("TS001 贮存库", 100, 100)
        for report in exports.REPORTS:
            assert opened(report, "pdf").path.read_bytes().startswith(b"%PDF")


class TestChecks:
    def problems(self, session) -> dict[str, list[str]]:
        return {check.name: found for check in checks.CHECKS if (found := check.run(session))}

    @pytest.mark.db
    def test_a_sound_ledger_has_none(self, session, world) -> None:
        first, second = world.stored("5", ENTERED), world.stored("6", ENTERED + DAY)
        world.post(EntryKind.STORED_OUT, TODAY, "2", batch=first.batch_no)
        world.post(EntryKind.MOVED_OUT, TODAY, "1", batch=second.batch_no, to_facility_id=world.spot.id)
        operations.merge(session, [first, second], merged_on=date(2026, 7, 15), hand=world.hand())
        assert self.problems(session) == {}

    def test_each_fault_is_named(self, session, world) -> None:
        batch, other = world.stored("5", ENTERED), world.stored("6", ENTERED + DAY)
        session.execute(update(StorageBatch).where(StorageBatch.id == batch.id).values(remaining=Decimal(4)))
        session.execute(update(StorageBatch).where(StorageBatch.id == other.id).values(overdue_from=date(2026, 1, 1)))
        session.expire_all()
        found = self.problems(session)
        assert found == {
            "storage.balance": [f"批次 {batch.batch_no} 记的余量 4.0000 吨，按台账记录应为 5.0000 吨"],
            "storage.limits": [
                f"批次 {other.batch_no} 记的超期起日 2026-01-01，重算为 2026-07-02（期限 generator-365-days）"
            ],
        }

    def test_stock_below_nothing_is_found(self, session, world) -> None:
        batch = world.stored("5", ENTERED)
        out = world.post(EntryKind.STORED_OUT, date(2026, 7, 1), "4", batch=batch.batch_no)
        session.execute(text("DROP TRIGGER trg_ledger_entry_no_update"))
        session.execute(
            text("UPDATE ledger_entry SET occurred_on = :day WHERE id = :id"), {"day": "2025-06-01", "id": out.id}
        )
        said = f"批次 {batch.batch_no} 在设施 TS001 自 2025-06-01 起库存为负（最低 -4.0000 吨）"
        assert checks.negative_stock(session) == [said]


def test_batches_can_be_searched(session, world) -> None:
    batch = world.stored("5", ENTERED)
    doc = next(doc for doc in searching.all_docs(session) if doc.ref == str(batch.public_id))
    assert (doc.title, doc.link, doc.unit_id) == (
        batch.batch_no, f"/storage/batches/{batch.public_id}", world.unit.id,
    )  # fmt: skip
    assert "2025-06-30 入库" in doc.subtitle
