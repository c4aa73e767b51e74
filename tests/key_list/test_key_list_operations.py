"""Drawing up, checking, publishing and amending the list; what it does to the units."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from hwrisk.audit.models import AuditEntry
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.key_list.models import AnnualGeneration, BasisKind, Change, ListState, ReviewState
from hwrisk.key_list.operations import add_unit, decide, discard, propose, record_document, record_figure, review
from hwrisk.key_list.operations.classes import compute_classes
from hwrisk.key_list.queries.facts import facts_of, get_unit_row, judged_unit
from hwrisk.key_list.queries.lists import list_in_force, list_title
from hwrisk.ledger.corrections import cancel
from hwrisk.ledger.models import EntryKind
from hwrisk.security import Viewer
from hwrisk.units.models import ManagementClass, UnitRole, UnitStatus
from hwrisk.units.operations import record_state
from tests.behind import behind_the_back
from tests.key_list.key_list_world import OTHER_OFFICE, TODAY, KeyListWorld
from tests.ledger.ledger_world import city, county


class TestFigures:
    def test_the_ledger_counts_with_its_cancellations(self, world: KeyListWorld) -> None:
        unit = world.unit()
        kept = world.ledger.post(EntryKind.GENERATED, date(2025, 3, 1), "99.9999", unit_id=unit.id)
        wrong = world.ledger.post(EntryKind.GENERATED, date(2025, 3, 2), "50", unit_id=unit.id)
        row = get_unit_row(world.session, unit.id, as_of=TODAY)
        assert judged_unit(world.session, row, on=TODAY, as_of=TODAY).management_class is ManagementClass.KEY
        cancel(world.session, wrong, reason="演示：误录", hand=world.ledger.hand())
        verdict = judged_unit(world.session, row, on=TODAY, as_of=TODAY)
        assert (verdict.management_class, verdict.tonnes, verdict.year) == (
            ManagementClass.SIMPLIFIED,
            kept.quantity,
            2025,
        )

    def test_one_more_tenth_of_a_kilogram_makes_a_key_unit(self, world: KeyListWorld) -> None:
        unit = world.unit()
        world.ledger.post(EntryKind.GENERATED, date(2025, 12, 31), "99.9999", unit_id=unit.id)
        world.ledger.post(EntryKind.GENERATED, date(2025, 12, 31), "0.0001", unit_id=unit.id)
        row = get_unit_row(world.session, unit.id, as_of=TODAY)
        assert judged_unit(world.session, row, on=TODAY, as_of=TODAY).is_key

    def test_an_idle_unit_is_judged_by_its_last_three_years(self, world: KeyListWorld) -> None:
        unit = world.unit("150", "0", "0", status=UnitStatus.SUSPENDED)
        row = get_unit_row(world.session, unit.id, as_of=TODAY)
        assert judged_unit(world.session, row, on=TODAY, as_of=TODAY).year == 2023
        later = date(2027, 1, 2)
        verdict = judged_unit(world.session, row, on=later, as_of=TODAY)
        assert (verdict.management_class, verdict.tonnes) == (ManagementClass.REGISTERED, Decimal(0))

    def test_own_treatment_by_the_ledger_and_by_a_document(self, world: KeyListWorld) -> None:
        unit = world.unit("1", "1", "1")
        row = get_unit_row(world.session, unit.id, as_of=TODAY)
        assert not judged_unit(world.session, row, on=TODAY, as_of=TODAY).is_key
        record_document(
            world.session, unit, from_day=date(2026, 1, 1), approved_tonnes=None, has_own_treatment=True,
            is_long_cycle=False, document="演示环评批复", actor=city(),
        )  # fmt: skip
        assert judged_unit(world.session, row, on=TODAY, as_of=TODAY).basis_kind is BasisKind.OWN_TREATMENT
        assert not facts_of(world.session, [row], on=TODAY, as_of=date(2025, 12, 31))[unit.id].has_own_treatment

    def test_less_than_a_year_asks_the_documents(self, world: KeyListWorld) -> None:
        unit = world.unit(started_on=date(2026, 6, 1))
        row = get_unit_row(world.session, unit.id, as_of=TODAY)
        assert judged_unit(world.session, row, on=TODAY, as_of=TODAY).management_class is None
        given = {"has_own_treatment": False, "is_long_cycle": False, "document": "演示环评批复", "actor": city()}
        record_document(world.session, unit, from_day=date(2026, 6, 1), approved_tonnes=Decimal(120), **given)
        verdict = judged_unit(world.session, row, on=TODAY, as_of=TODAY)
        assert (verdict.is_key, verdict.tonnes) == (True, Decimal(120))
        assert "演示环评批复" in verdict.basis
        with pytest.raises(RuleViolation, match="生效日期不能更早"):
            record_document(world.session, unit, from_day=date(2026, 5, 1), approved_tonnes=Decimal(1), **given)

    def test_a_later_figure_replaces_and_the_earlier_stays(self, world: KeyListWorld) -> None:
        unit = world.unit(None, None, "150")
        given = {"year": 2025, "source": "核实", "as_of": TODAY, "actor": city()}
        assert record_figure(world.session, unit, tonnes=Decimal(90), **given)
        assert not record_figure(world.session, unit, tonnes=Decimal(90), **given)
        rows = world.session.scalars(
            select(AnnualGeneration).where(AnnualGeneration.unit_id == unit.id).order_by(AnnualGeneration.id)
        ).all()
        assert [(row.tonnes, row.superseded_at is None) for row in rows] == [(Decimal(150), False), (Decimal(90), True)]

    @pytest.mark.parametrize(
        ("changes", "message"),
        [({"year": 2026}, "还没有过完"), ({"year": 1999}, "太早"), ({"source": " "}, "数据来源")],
    )
    def test_a_figure_that_cannot_be(self, world: KeyListWorld, changes, message) -> None:
        given = {"year": 2025, "tonnes": Decimal(1), "source": "申报", "as_of": TODAY, "actor": city()} | changes
        with pytest.raises(RuleViolation, match=message):
            record_figure(world.session, world.unit(), **given)


class TestComputedClass:
    def test_the_computed_class_follows_and_the_set_one_stays(self, world: KeyListWorld) -> None:
        unit = world.unit("1", "1", "120", class_set=ManagementClass.REGISTERED, class_reason="演示：部门核定")
        unknown = world.unit(class_computed=ManagementClass.SIMPLIFIED)
        counts = compute_classes(world.session, as_of=TODAY, actor=Viewer.system())
        state = world.state(unit)
        assert (state.class_computed, state.class_set) == (ManagementClass.KEY, ManagementClass.REGISTERED)
        assert "HJ 1259—2022 4.2.1 a)" in state.reason
        assert world.state(unknown).class_computed is ManagementClass.SIMPLIFIED
        assert counts["changed"] >= 1
        assert world.state(unit, TODAY - timedelta(days=1)).class_computed is None
        again = compute_classes(world.session, as_of=TODAY, actor=Viewer.system())
        assert again["changed"] == 0


class TestProposal:
    def test_who_enters_with_figures(self, world: KeyListWorld) -> None:
        big, small = world.unit("10", "100", "20"), world.unit("10", "99.9999", "20")
        operator = world.unit(role=UnitRole.OPERATOR)
        gone = world.unit("500", "500", "500")
        record_state(
            world.session, gone, from_day=date(2026, 5, 1), changes={"status": UnitStatus.DEREGISTERED}, actor=None,
            reason="演示：注销",
        )  # fmt: skip
        public = world.unit("500", "500", "500", supervised=False)
        entries = world.entries(world.propose())
        assert {big.id, operator.id} <= set(entries)
        assert not {small.id, gone.id, public.id} & set(entries)
        entry = entries[big.id]
        assert (entry.tonnes, entry.tonnes_year, entry.change, entry.is_listed) == (
            Decimal(100),
            2024,
            Change.NEW,
            True,
        )
        assert [figure["year"] for figure in entry.figures] == [2025, 2024, 2023]
        assert entries[operator.id].basis_kind is BasisKind.LICENCE

    def test_who_leaves_and_who_stays_for_want_of_figures(self, world: KeyListWorld) -> None:
        leaves, stays = world.unit("10", "100", "20"), world.unit("10", "150", "20")
        world.published()
        given = {"source": "核实", "as_of": TODAY, "actor": city()}
        record_figure(world.session, leaves, year=2024, tonnes=Decimal(50), **given)
        for row in world.session.scalars(select(AnnualGeneration).where(AnnualGeneration.unit_id == stays.id)):
            row.superseded_at = now()
        entries = world.entries(world.propose(2027))
        assert (entries[leaves.id].change, entries[leaves.id].is_listed) == (Change.LEAVING, False)
        assert "简化管理" in entries[leaves.id].note
        assert (entries[stays.id].change, entries[stays.id].is_listed) == (Change.KEPT, True)
        assert "不能判定" in entries[stays.id].note

    def test_a_struck_unit_leaves_and_says_why(self, world: KeyListWorld) -> None:
        unit = world.unit("10", "100", "20")
        world.published()
        record_state(
            world.session, unit, from_day=date(2026, 5, 1), changes={"status": UnitStatus.DEREGISTERED}, actor=None,
            reason="演示：注销",
        )  # fmt: skip
        entry = world.entries(world.propose(2027))[unit.id]
        assert (entry.is_listed, entry.note) == (False, "已注销、并入或者清零，不再列入（注销）")

    def test_refusals(self, world: KeyListWorld) -> None:
        world.unit("10", "100", "20")
        with pytest.raises(RuleViolation, match="2026 年或 2027 年"):
            propose(world.session, 2025, as_of=TODAY, actor=city())
        draft = world.propose()
        with pytest.raises(RuleViolation, match="草稿正在核对"):
            world.propose(2027)
        discard(world.session, draft, reason="重新测算", actor=city())
        again = world.propose()
        assert (draft.state, again.version_no) == (ListState.DISCARDED, 2)
        world.agree(again)
        world.publish(again)
        with pytest.raises(RuleViolation, match=r"已公布.*请办理调整"):
            world.propose()

    def test_few_statements_however_many_units(self, world: KeyListWorld, count_statements) -> None:
        world.unit("10", "100", "20")
        with count_statements() as one:
            draft = world.propose()
        discard(world.session, draft, reason="重新测算", actor=city())
        for _ in range(8):
            world.unit("10", "100", "20")
        with count_statements() as many:
            world.propose()
        reads = [[s for s in seen if s.startswith("SELECT")] for seen in (one, many)]
        assert len(reads[0]) == len(reads[1])


class TestReview:
    def test_an_office_agrees_or_objects_with_its_own_figure(self, world: KeyListWorld) -> None:
        first, second = world.unit("10", "100", "20"), world.unit("10", "200", "20")
        draft = world.propose()
        entries = world.entries(draft)
        officer = county()
        review(world.session, draft, [entries[first.id]], agrees=True, as_of=TODAY, actor=officer)
        with pytest.raises(RuleViolation, match="写明理由"):
            review(world.session, draft, [entries[second.id]], agrees=False, as_of=TODAY, actor=officer)
        review(
            world.session, draft, [entries[second.id]], agrees=False, as_of=TODAY, actor=officer, reason="已停产",
            own_tonnes=Decimal("12.5"),
        )  # fmt: skip
        assert (entries[first.id].review, entries[second.id].review) == (ReviewState.AGREED, ReviewState.OBJECTED)
        with pytest.raises(RuleViolation, match="由市局固废科决定"):
            decide(
                world.session, draft, entries[second.id], listed=False, reason="同意", as_of=TODAY, actor=officer
            )  # fmt: skip

    def test_what_the_city_decided_meanwhile_stands(self, world: KeyListWorld) -> None:
        unit = world.unit("10", "100", "20")
        draft = world.propose()
        entry = world.entries(draft)[unit.id]
        behind_the_back(world.session, entry, review=ReviewState.DECIDED, is_listed=False)
        with pytest.raises(RuleViolation, match="市局已定的不再核对"):
            review(world.session, draft, [entry], agrees=True, as_of=TODAY, actor=county())
        assert not entry.is_listed

    def test_what_is_open_keeps_the_list_from_publication(self, world: KeyListWorld) -> None:
        unit = world.unit("10", "100", "20")
        world.unit("10", "100", "20", office_code=OTHER_OFFICE)
        draft = world.propose()
        with pytest.raises(RuleViolation, match=r"尚未核对（.*灌云.* 1 家"):
            world.publish(draft)
        world.agree(draft)
        entry = world.entries(draft)[unit.id]
        review(world.session, draft, [entry], agrees=False, as_of=TODAY, actor=county(), reason="已停产")
        with pytest.raises(RuleViolation, match="市局尚未决定"):
            world.publish(draft)
        decide(world.session, draft, entry, listed=False, reason="停产两年", as_of=TODAY, actor=city())
        world.publish(draft)
        assert draft.listed_count == len([e for e in world.entries(draft).values() if e.is_listed])

    def test_adding_by_city_and_by_county(self, world: KeyListWorld) -> None:
        world.unit("10", "100", "20")
        small, other = world.unit("1", "1", "1"), world.unit("1", "1", "1")
        draft = world.propose()
        given = {"as_of": TODAY, "reason": "环境风险较高"}
        entry = add_unit(
            world.session, draft, get_unit_row(world.session, small.id, as_of=TODAY), actor=city(), **given
        )  # fmt: skip
        assert (entry.is_listed, entry.basis_kind, entry.basis) == (
            True,
            BasisKind.DECISION,
            "部门认定：环境风险较高",
        )
        proposed = add_unit(
            world.session, draft, get_unit_row(world.session, other.id, as_of=TODAY), actor=county(), **given
        )  # fmt: skip
        assert (proposed.is_listed, proposed.review) == (False, ReviewState.OBJECTED)
        with pytest.raises(RuleViolation, match="已在草稿中"):
            add_unit(world.session, draft, get_unit_row(world.session, small.id, as_of=TODAY), actor=city(), **given)


class TestPublication:
    def test_the_units_get_their_class(self, world: KeyListWorld) -> None:
        unit = world.unit("10", "100", "20")
        key_list = world.published(on=date(2026, 3, 20))
        assert world.state(unit, date(2026, 3, 19)).class_set is None
        state = world.state(unit, date(2026, 3, 20))
        assert state.class_set is ManagementClass.KEY
        assert key_list.notice_no in state.class_reason
        assert world.session.scalars(select(AuditEntry).where(AuditEntry.action == "key_list.publish")).all() == []
        world.session.commit()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"notice_no": " "}, "公告（通知）文号"),
            ({"published_on": TODAY + timedelta(days=1)}, "不能晚于今天"),
            ({"effective_on": date(2026, 3, 19)}, "不能早于公布日期"),
            ({"published_on": date(2023, 3, 19)}, "请核对"),
        ],
    )
    def test_a_notice_that_cannot_be(self, world: KeyListWorld, changes, message) -> None:
        from hwrisk.key_list.operations import publish

        world.unit("10", "100", "20")
        draft = world.propose()
        world.agree(draft)
        given = {"notice_no": "连环发〔2026〕1号", "notice_title": "", "published_on": date(2026, 3, 20)} | changes
        with pytest.raises(RuleViolation, match=message):
            publish(world.session, draft, as_of=TODAY, actor=city(), **given)

    def test_a_published_list_takes_no_change(self, world: KeyListWorld) -> None:
        unit = world.unit("10", "100", "20")
        key_list = world.published()
        entry = world.entries(key_list)[unit.id]
        for act in (
            lambda: review(world.session, key_list, [entry], agrees=True, as_of=TODAY, actor=city()),
            lambda: decide(world.session, key_list, entry, listed=False, reason="x", as_of=TODAY, actor=city()),
            lambda: discard(world.session, key_list, reason="x", actor=city()),
            lambda: world.publish(key_list),
        ):
            with pytest.raises(RuleViolation, match="已公布，不能修改"):
                act()

    def test_an_amendment_is_a_new_version(self, world: KeyListWorld) -> None:
        leaving, staying = world.unit("10", "100", "20"), world.unit("10", "200", "20")
        small = world.unit("1", "1", "1")
        first = world.published()
        second = world.amended(first)
        with pytest.raises(RuleViolation, match="草稿正在核对"):
            world.amended(first)
        entries = world.entries(second)
        decide(world.session, second, entries[leaving.id], listed=False, reason="停产", as_of=TODAY, actor=city())
        add_unit(
            world.session, second, get_unit_row(world.session, small.id, as_of=TODAY), reason="风险较高", as_of=TODAY,
            actor=city(),
        )  # fmt: skip
        world.publish(second, on=date(2026, 9, 1))
        assert (first.version_no, second.version_no) == (1, 2)
        assert {e.unit_id for e in world.entries(first).values() if e.is_listed} >= {leaving.id, staying.id}
        assert world.state(leaving, date(2026, 8, 31)).class_set is ManagementClass.KEY
        assert world.state(leaving).class_set is None
        assert world.state(small).class_set is ManagementClass.KEY
        assert "第1次调整" in list_title(world.session, second)
        with pytest.raises(RuleViolation, match="最新公布的清单上调整"):
            world.amended(first)

    def test_a_unit_struck_against_the_rules_does_not_fall_back_to_key(self, world: KeyListWorld) -> None:
        unit = world.unit("10", "100", "20")
        world.unit("10", "100", "20")
        compute_classes(world.session, as_of=date(2026, 2, 1), actor=Viewer.system())
        second = world.amended(world.published())
        entry = world.entries(second)[unit.id]
        decide(world.session, second, entry, listed=False, reason="本地认定", as_of=TODAY, actor=city())
        world.publish(second, on=date(2026, 9, 1))
        assert world.state(unit).class_set is ManagementClass.SIMPLIFIED

    def test_in_force_on_any_day_by_what_was_known(self, world: KeyListWorld) -> None:
        world.unit("10", "100", "20")
        before = now()
        first = world.published(on=date(2026, 3, 20))
        world.session.commit()
        assert list_in_force(world.session, as_of=date(2026, 3, 19)) is None
        assert list_in_force(world.session, as_of=date(2026, 3, 20)) == first
        assert list_in_force(world.session, as_of=TODAY, known_at=before - timedelta(seconds=1)) is None


@pytest.mark.db
class TestGuards:
    """The database refuses by itself, on both engines."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE key_list SET notice_no = 'x' WHERE state = 'published'",
            "DELETE FROM key_list WHERE state = 'published'",
            "UPDATE key_list_entry SET is_listed = (1 = 0)",
            "DELETE FROM key_list_entry",
            "UPDATE key_list_review SET reason = 'x'",
            "DELETE FROM key_list_review",
        ],
    )
    def test_sql_cannot_change_what_is_published(self, world: KeyListWorld, statement) -> None:
        world.unit("10", "100", "20")
        world.published()
        with pytest.raises(DBAPIError, match=r"已公布的清单不可修改|不可修改或删除"), world.session.begin_nested():
            world.session.execute(text(statement))

    def test_sql_cannot_add_a_line_nor_a_word(self, world: KeyListWorld) -> None:
        unit, other = world.unit("10", "100", "20"), world.unit("1", "1", "1")
        key_list = world.published()
        entry = world.entries(key_list)[unit.id]
        for table, given in (
            ("key_list_entry", {"public_id": "0" * 32, "unit_id": other.id}),
            ("key_list_review", {"public_id": "1" * 32, "entry_id": entry.id}),
        ):
            source = world.session.execute(text(f"SELECT * FROM {table} LIMIT 1")).mappings().one()
            row = {name: value for name, value in source.items() if name != "id"} | given
            if "figures" in row and not isinstance(row["figures"], str):
                row["figures"] = "[]"
            names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
            with pytest.raises(DBAPIError, match="已公布的清单不可修改"), world.session.begin_nested():
                world.session.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), row)

    def test_a_draft_may_be_worked_on(self, world: KeyListWorld) -> None:
        world.unit("10", "100", "20")
        world.published()
        draft = world.propose(2027)
        world.agree(draft)
        world.session.execute(text("UPDATE key_list SET reason = 'x' WHERE state = 'draft'"))
