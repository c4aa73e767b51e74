"""What is done about licences: effects, history, refusals; the lists that show them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from hwrisk.errors import NotFound, RuleViolation
from hwrisk.permits import checks, queries
from hwrisk.permits.models import LicenceTerm, OperatingQuantity, TermAct
from hwrisk.permits.operations import (
    Stated,
    add_term,
    change_term,
    correct_term,
    file_renewal,
    revoke,
    state_quantities,
)
from hwrisk.permits.queries import LicenceConditions, RenewalState
from hwrisk.permits.todos import REMINDERS
from tests.permits.permit_world import OFFICE, SYSTEM, TODAY, city, content, county, licence, line, register

OIL = "900-214-08"


def row_of(session, made, as_of: date = TODAY):
    return queries.licence_file(session, made.public_id, user=city(), as_of=as_of).row


@pytest.mark.db
class TestTerms:
    def test_overlapping_periods_of_one_number_are_refused(self, session) -> None:
        made = licence(session)
        with pytest.raises(RuleViolation, match=r"2024-01-01 至 2028-12-31 已有登记.*重叠"):
            add_term(session, made, content(since=date(2028, 12, 31), until=date(2033, 1, 1)), actor=SYSTEM)
        add_term(session, made, content(since=date(2029, 1, 1), until=date(2033, 12, 31)), actor=SYSTEM)
        assert checks.overlapping_terms(session) == []

    def test_a_change_keeps_what_held_before(self, session) -> None:
        made = licence(session)
        said = content(line(categories="HW08;HW49"), since=date(2026, 6, 1), act=TermAct.CHANGED)
        change_term(session, made, said, actor=SYSTEM)
        assert row_of(session, made, date(2026, 5, 31)).categories == "HW08"
        assert row_of(session, made, date(2026, 6, 1)).categories == "HW08、HW49"
        gone = session.scalars(select(LicenceTerm).where(LicenceTerm.superseded_at.is_not(None))).all()
        assert len(gone) == 1

    def test_a_change_outside_the_term(self, session) -> None:
        made = licence(session)
        with pytest.raises(RuleViolation, match="不在有效期内，不能变更"):
            change_term(session, made, content(since=date(2030, 1, 1), until=date(2031, 1, 1)), actor=SYSTEM)

    def test_a_correction_replaces_and_keeps_the_wrong_row(self, session) -> None:
        made = licence(session)
        term = session.scalars(select(LicenceTerm).where(LicenceTerm.licence_id == made.id)).one()
        correct_term(session, made, term, content(line(quantity="2000")), actor=SYSTEM)
        assert row_of(session, made).quantity == Decimal(2000)
        assert len(queries.licence_file(session, made.public_id, user=city(), as_of=TODAY).history) == 2

    def test_revoked_from_its_day_on(self, session) -> None:
        made = licence(session)
        revoke(session, made, on=date(2026, 3, 1), reason="吊销〔2026〕1号", as_of=TODAY, actor=SYSTEM)
        assert row_of(session, made, date(2026, 2, 28)).state is RenewalState.VALID
        assert row_of(session, made, date(2026, 3, 1)).state is RenewalState.REVOKED

    def test_a_number_registered_twice(self, session) -> None:
        licence(session)
        with pytest.raises(RuleViolation, match="已登记"):
            licence(session)

    @pytest.mark.parametrize(
        ("said", "words"),
        [(content(since=date(2026, 1, 2), until=date(2026, 1, 1)), "早于"),
         (content(line("L1"), line("L1")), "出现了两次"), (content(annual_cap=Decimal(0)), "必须大于 0")],
    )  # fmt: skip
    def test_impossible_contents(self, session, said, words: str) -> None:
        with pytest.raises(RuleViolation, match=words):
            licence(session, "演示证-9", said=said)


@pytest.mark.db
class TestStates:
    def test_list_and_row_agree_on_every_state(self, session) -> None:
        unit = register(session)
        for number, until in enumerate(
            [date(2026, 11, 22), date(2026, 11, 23), date(2026, 12, 20), date(2027, 1, 20), date(2027, 6, 1),
             date(2030, 1, 1)]
        ):  # fmt: skip
            licence(session, f"演示证-{number}", unit, said=content(since=date(2022, 1, 1), until=until))
        licence(session, "演示证-将来", unit, said=content(since=date(2027, 1, 1), until=date(2030, 1, 1)))
        asked = {state: LicenceConditions(state=state) for state in RenewalState}
        found = {
            state: {row.licence_no for row in queries.licence_rows(session, user=city(), as_of=TODAY, asked=one)}
            for state, one in asked.items()
        }
        rows = queries.licence_rows(session, user=city(), as_of=TODAY, asked=LicenceConditions())
        assert len(rows) == 7
        for row in rows:
            assert [state for state in RenewalState if row.licence_no in found[state]] == [row.state]
        assert found[RenewalState.EXPIRED] == {"演示证-0"}
        assert found[RenewalState.DUE_PASSED] == {"演示证-1", "演示证-2"}
        assert found[RenewalState.FUTURE] == {"演示证-将来"}

    def test_filing_settles_the_reminder(self, session) -> None:
        made = licence(session, unit=register(session), said=content(since=date(2022, 1, 1), until=date(2026, 12, 20)))
        dues = list(REMINDERS[0].due(session, as_of=TODAY))
        assert {due.on for due in dues} == {row_of(session, made).renewal_due_on}
        assert len(dues) == 3
        file_renewal(session, made, filed_on=TODAY, as_of=TODAY, actor=SYSTEM)
        assert list(REMINDERS[0].due(session, as_of=TODAY)) == []
        assert row_of(session, made).state is RenewalState.FILED

    def test_another_office_does_not_see_it_but_everybody_sees_those_outside(self, session) -> None:
        made, outside = licence(session, "演示证-1", register(session)), licence(session, "演示证-2")
        seen = queries.licence_rows(session, user=county("LYG-XW"), as_of=TODAY, asked=LicenceConditions())
        assert [row.licence_no for row in seen] == [outside.licence_no]
        with pytest.raises(NotFound):
            queries.licence_file(session, made.public_id, user=county("LYG-XW"), as_of=TODAY)
        assert queries.licence_file(session, made.public_id, user=county(OFFICE), as_of=TODAY).row.id == made.id

    def test_as_many_statements_for_ten_as_for_two(self, session) -> None:
        unit = register(session)

        def statements(count: int) -> int:
            for number in range(count):
                licence(session, f"演示证-{count}-{number}", unit)
            session.commit()
            session.expunge_all()
            seen = []
            engine = session.get_bind()

            def note(*_args) -> None:
                seen.append(1)

            event.listen(engine, "before_cursor_execute", note)
            try:
                queries.licence_rows(session, user=city(), as_of=TODAY, asked=LicenceConditions())
            finally:
                event.remove(engine, "before_cursor_execute", note)
            return len(seen)

        assert statements(2) == statements(10)


@pytest.mark.db
class TestQuantities:
    def state(self, session, made, **changes) -> int:
        values = {
            "line_no": "L1", "waste_code": OIL, "month": date(2026, 10, 1), "received": Decimal(10),
            "treated": Decimal(9),
        } | changes  # fmt: skip
        return state_quantities(session, made, [Stated(**values)], as_of=TODAY, actor=SYSTEM)

    def test_a_correction_supersedes_and_the_same_changes_nothing(self, session) -> None:
        made = licence(session)
        assert self.state(session, made) == 1
        assert self.state(session, made) == 0
        assert self.state(session, made, received=Decimal(12)) == 1
        rows = session.scalars(select(OperatingQuantity).order_by(OperatingQuantity.id)).all()
        assert [(row.received, row.superseded_at is None) for row in rows] == [(10, False), (12, True)]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [({"waste_code": "900-041-49"}, "不在许可证 演示证-1 生产线 L1 的核准类别内（核准：HW08 全部）"),
         ({"month": date(2023, 12, 1)}, "不在有效期内（有效期：2024-01-01 至 2028-12-31）"),
         ({"line_no": "L9"}, "没有编号为“L9”的生产线，现有：L1"), ({"month": date(2026, 12, 1)}, "还没有到"),
         ({"received": Decimal(-1)}, "不能为负数")],
    )  # fmt: skip
    def test_each_refusal_has_its_sentence(self, session, changes, said: str) -> None:
        made = licence(session)
        with pytest.raises(RuleViolation) as refused:
            self.state(session, made, **changes)
        assert said in refused.value.message

    def test_load_by_line_and_licence(self, session) -> None:
        said = content(line("L1", "100"), line("L2", "100", categories="HW49"), annual_cap=Decimal(120))
        made = licence(session, unit=register(session), said=said)
        self.state(session, made, received=Decimal(85))
        self.state(session, made, line_no="L2", waste_code="900-041-49", received=Decimal(40))
        loads = queries.line_loads(session, user=city(), as_of=TODAY, asked=queries.LoadConditions())
        assert [(row.line_no, row.licensed, row.received, row.load.alarm) for row in loads] == [
            ("L1", 100, 85, 80), ("L2", 100, 40, None), ("", 120, 125, 100),
        ]  # fmt: skip
        assert {row.line_no for row in queries.load_alarms(session, user=city(), as_of=TODAY)} == {"L1", ""}
        assert checks.uncovered_quantities(session) == []
