"""The ledger as it is listed: scope, conditions, totals with corrections, paging, and what forms offer."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from hwrisk.errors import NotFound
from hwrisk.ledger import queries
from hwrisk.ledger.corrections import adjust, cancel
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.queries import LedgerConditions, WasteConditions, conditions_from
from hwrisk.ledger.wastes import confirm_tag
from hwrisk.units.queries import get_unit
from tests.ledger.ledger_world import OIL, SALT, TODAY, city, county, enterprise

DAY = date(2026, 3, 2)
pytestmark = pytest.mark.db


def days(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def ledger(world):
    """A generation, a batch, an out, a load and its receipt."""
    world.post(EntryKind.GENERATED, DAY, "10", entry_no="CS1")
    world.post(EntryKind.STORED_IN, days(1), "10", entry_no="RK1", after="CS1")
    world.post(EntryKind.STORED_OUT, days(5), "6", batch="RK1", entry_no="CK1")
    world.post(EntryKind.ENTRUSTED, days(5), "6", after="CK1", entry_no="WW1", national_no="20263207000001")
    world.post(EntryKind.RECEIVED, days(7), "6", after="WW1", entry_no="JS1")
    return world


def listed(world, user=None, as_of=TODAY, **asked):
    found = queries.entries_page(
        world.session, user=user or city(), as_of=as_of, asked=LedgerConditions(unit_id=world.unit.id, **asked)
    )
    return [row.entry_no for row in found.rows]


def totals(world, as_of=TODAY, **asked):
    conditions = LedgerConditions(unit_id=world.unit.id, **asked)
    return queries.ledger_totals(world.session, user=city(), as_of=as_of, asked=conditions)


class TestList:
    def test_the_latest_first(self, ledger):
        assert listed(ledger) == ["JS1", "WW1", "CK1", "RK1", "CS1"]

    def test_a_row(self, ledger):
        row = next(
            row for row in queries.stream_entries(
                ledger.session, user=city(), as_of=TODAY, asked=LedgerConditions(unit_id=ledger.unit.id)
            ) if row.entry_no == "CK1"
        )  # fmt: skip
        assert (row.batch_no, row.facility, row.predecessor_no, row.stock_delta) == ("RK1", "TS001", "", Decimal(-6))
        assert (row.unit_no, row.office_name, row.state_label) == (ledger.unit.unit_no, "灌云生态环境局", "")

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"kind": EntryKind.ENTRUSTED}, ["WW1"]),
            ({"since": days(5), "until": days(5)}, ["WW1", "CK1"]),
            ({"waste": "HW45"}, ["JS1", "WW1", "CK1", "RK1", "CS1"]),
            ({"waste": "hw08"}, []),
            ({"waste": "261-084"}, ["JS1", "WW1", "CK1", "RK1", "CS1"]),
            ({"waste": "结晶"}, ["JS1", "WW1", "CK1", "RK1", "CS1"]),
            ({"text": "20263207000001"}, ["WW1"]),
            ({"text": "接收单位甲"}, ["WW1"]),
            ({"pasted": ("RK1", "CS1", "X")}, ["RK1", "CS1"]),
            ({"office": "LYG-GYX"}, ["JS1", "WW1", "CK1", "RK1", "CS1"]),
            ({"office": "LYG-GNX"}, []),
            ({"admin": "320724"}, []),
        ],
    )
    def test_conditions(self, ledger, asked, found):
        assert listed(ledger, **asked) == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("cs1", ["CS1"]), ("20263207", ["WW1"]), ("查无此词", []), ("%", []), ("cs1 261-", ["CS1"]),
            ("261-", ["JS1", "WW1", "CK1", "RK1", "CS1"]),
        ],
    )  # fmt: skip
    def test_words_are_looked_for_in_records(self, ledger, text, found):
        assert listed(ledger, text=text) == found
        assert queries.count_entries(
            ledger.session, user=city(), as_of=TODAY, asked=LedgerConditions(unit_id=ledger.unit.id, text=text)
        ) == len(found)

    def test_words_are_looked_for_in_units_in_sight(self, ledger):
        unit = get_unit(ledger.session, ledger.unit.public_id, user=city(), as_of=TODAY)
        everything = ["JS1", "WW1", "CK1", "RK1", "CS1"]
        for text in (
            unit.version.name[2:6],
            ledger.unit.unit_no.lower(),
            f"{unit.version.name[:3]} {ledger.unit.unit_no[-4:]}",
        ):
            assert listed(ledger, text=text) == everything
            assert listed(ledger, user=county("LYG-GNX"), text=text) == []
            assert totals(ledger, text=text).entries == 5

    def test_nothing_after_the_day_asked_for(self, ledger):
        assert listed(ledger, as_of=days(2)) == ["RK1", "CS1"]

    def test_a_cancelled_record_says_so(self, ledger):
        entry = queries.stream_entries(
            ledger.session, user=city(), as_of=TODAY, asked=LedgerConditions(pasted=("JS1",))
        )
        record = queries.get_entry(ledger.session, next(entry).public_id, user=city(), as_of=TODAY)
        cancel(ledger.session, record, reason="错", hand=ledger.hand())
        rows = queries.recent_entries(ledger.session, ledger.unit.id, user=city(), as_of=TODAY)
        shown = {row.entry_no: (row.state_label, row.corrects_no) for row in rows}
        assert shown["JS1"] == ("已撤销", "")
        assert shown["CX20260309001"] == ("", "JS1")

    @pytest.mark.parametrize("user", [county("LYG-GNX"), enterprise(999_999)])
    def test_out_of_sight(self, ledger, user):
        assert listed(ledger, user) == []
        found = next(queries.stream_entries(ledger.session, user=city(), as_of=TODAY, asked=LedgerConditions()))
        with pytest.raises(NotFound):
            queries.get_entry(ledger.session, found.public_id, user=user, as_of=TODAY)

    def test_in_sight(self, ledger):
        assert len(listed(ledger, county())) == len(listed(ledger, enterprise(ledger.unit.id))) == 5

    def test_pages(self, world):
        world.post_all(*(world.draft(EntryKind.GENERATED, days(n % 3), "1") for n in range(120)))
        asked, seen, cursor = LedgerConditions(unit_id=world.unit.id), [], None
        while True:
            found = queries.entries_page(world.session, user=city(), as_of=TODAY, asked=asked, cursor=cursor)
            seen += [row.id for row in found.rows]
            cursor = found.next_cursor
            if cursor is None:
                break
        streamed = queries.stream_entries(world.session, user=city(), as_of=TODAY, asked=asked)
        assert seen == [row.id for row in streamed]
        assert len(set(seen)) == 120 == queries.count_entries(world.session, user=city(), as_of=TODAY, asked=asked)

    def test_one_statement_however_many(self, ledger, count_statements):
        ledger.post_all(*(ledger.draft(EntryKind.GENERATED, DAY, "1") for _ in range(30)))
        with count_statements() as seen:
            assert len(listed(ledger)) == 35
            list(queries.stream_entries(ledger.session, user=city(), as_of=TODAY, asked=LedgerConditions()))
            totals(ledger)
        assert len(seen) == 3


class TestTotals:
    def test_what_a_ledger_adds_up_to(self, ledger):
        assert totals(ledger) == (5, 10, 10, 6, 0, 6, 6)

    def test_corrections_are_worked_in(self, ledger):
        out = ledger.post(EntryKind.STORED_OUT, days(8), "2", batch="RK1", entry_no="CK2")
        adjust(ledger.session, out, quantity=Decimal("2.1"), reason="过磅", hand=ledger.hand())
        gone = ledger.post(EntryKind.GENERATED, days(8), "3")
        cancel(ledger.session, gone, reason="错", hand=ledger.hand())
        assert totals(ledger)[1:4] == (10, 10, Decimal("8.1"))

    def test_moves_add_nothing(self, ledger):
        ledger.post(EntryKind.MOVED_OUT, days(8), "2", batch="RK1", to_facility_id=ledger.spot.id)
        assert totals(ledger)[1:4] == (10, 10, 6)

    def test_nothing(self, world):
        assert totals(world) == (0, 0, 0, 0, 0, 0, 0)


def test_conditions_of_an_address():
    asked = conditions_from(
        {"kind": "stored_in", "waste": "HW08", "since": "2026-01-01", "until": "x", "numbers": "A\nB", "text": "盐"}
    )
    assert asked == LedgerConditions(
        kind=EntryKind.STORED_IN, waste="HW08", since=date(2026, 1, 1), pasted=("A", "B"), text="盐"
    )
    assert conditions_from({"kind": "none"}) == LedgerConditions()


class TestEntry:
    def test_its_chain_and_corrections(self, ledger):
        rows = {r.entry_no: r for r in queries.recent_entries(ledger.session, ledger.unit.id, user=city(), as_of=TODAY)}
        out = queries.get_entry(ledger.session, rows["CK1"].public_id, user=city(), as_of=TODAY)
        adjust(ledger.session, out, quantity=Decimal("6.5"), reason="过磅", hand=ledger.hand())
        file = queries.entry_file(ledger.session, out, user=city(), as_of=TODAY)
        assert file.effective == Decimal("6.5")
        assert [row.entry_no for row in file.after] == ["WW1"]
        assert [row.kind for row in file.corrections] == [EntryKind.ADJUSTED]
        stored = queries.get_entry(ledger.session, rows["RK1"].public_id, user=city(), as_of=TODAY)
        file = queries.entry_file(ledger.session, stored, user=city(), as_of=TODAY)
        assert [row.entry_no for row in file.before] == ["CS1"]


class TestChoices:
    def test_batches_oldest_first(self, ledger):
        ledger.post(EntryKind.OPENING, days(3), "2", entry_no="QC1")
        ledger.stored("1", days(4), entry_no="RK2", first_stored_on=DAY)
        found = queries.batches_to_take(ledger.session, ledger.unit.id)
        assert [(c.number, c.left) for c in found] == [("QC1", 2), ("RK2", 1), ("RK1", 4)]
        assert found[2].shown == f"RK1 · 蒸发结晶盐 {SALT} · 4 吨"

    def test_outs_and_generations_not_yet_followed(self, ledger):
        ledger.post(EntryKind.STORED_OUT, days(8), "3", batch="RK1", entry_no="CK2")
        ledger.post(EntryKind.SELF_TREATED, days(8), "1", after="CK2")
        ledger.post(EntryKind.GENERATED, days(9), "5", entry_no="CS2")
        stored = ledger.post(EntryKind.STORED_IN, days(9), "2", after="CS2")
        adjust(ledger.session, stored, quantity=Decimal("2.2"), reason="过磅", hand=ledger.hand())
        outs = [(c.number, c.left) for c in queries.outs_open(ledger.session, ledger.unit.id)]
        assert outs == [("CS2", Decimal("2.8")), ("CK2", 2)]
        assert [c.number for c in queries.generations_open(ledger.session, ledger.unit.id)] == ["CS2"]

    def test_loads_without_receipt(self, ledger):
        ledger.post(EntryKind.STORED_OUT, days(8), "3", batch="RK1", entry_no="CK2")
        ledger.post(EntryKind.ENTRUSTED, days(8), "3", after="CK2", entry_no="WW2")
        ledger.post(EntryKind.RETURNED, days(9), "1", after="WW2")
        found = queries.loads_open(ledger.session, ledger.unit.id)
        assert [(c.number, c.left) for c in found] == [("WW2", 2)]

    def test_one_statement_each(self, ledger, count_statements):
        with count_statements() as seen:
            for ask in (queries.batches_to_take, queries.outs_open, queries.generations_open, queries.loads_open):
                ask(ledger.session, ledger.unit.id)
        assert len(seen) == 4


class TestWastes:
    def test_list_and_confirmation(self, world):
        world.stored("1", DAY, waste_name="废盐")
        world.stored("1", DAY, waste_code="999-999-49", waste_name="怪料")

        def found(**asked):
            rows = queries.wastes_page(world.session, user=county(), as_of=TODAY, asked=WasteConditions(**asked)).rows
            return [row.waste.waste_name for row in rows if row.waste.unit_id == world.unit.id]

        assert found() == ["怪料", "废盐"]
        assert found(outside=True) == ["怪料"]
        waste = next(
            row.waste for row in queries.wastes_page(
                world.session, user=city(), as_of=TODAY, asked=WasteConditions(text="废盐")
            ).rows
        )  # fmt: skip
        confirm_tag(world.session, waste, tag="waste-salt", viewer=city())
        assert found(unconfirmed=True) == ["怪料"]
        assert queries.count_outside(world.session, user=enterprise(world.unit.id), as_of=TODAY) == 1
        with pytest.raises(NotFound):
            queries.get_waste(world.session, waste.public_id, user=county("LYG-GNX"), as_of=TODAY)

    def test_a_code_listed_after_all_loses_its_mark(self, world):
        from hwrisk.catalogue.models import CatalogueCode

        world.stored("1", DAY, waste_code="999-999-49", waste_name="怪料")
        world.session.add(
            CatalogueCode(edition="2025", waste_code="999-999-49", category="HW49", category_name="其他废物",
                          short_name="试验")
        )  # fmt: skip
        world.stored("1", days(1), waste_code="999-999-49", waste_name="怪料")
        world.session.expire_all()
        assert queries.count_outside(world.session, user=enterprise(world.unit.id), as_of=TODAY) == 0


def test_the_oil_is_found_by_its_category(world):
    world.stored("1", DAY, waste_code=OIL, waste_name="废机油")
    assert len(listed(world, waste="HW08")) == 1
