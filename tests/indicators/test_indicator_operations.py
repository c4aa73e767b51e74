"""Values kept: rolling, frozen on the closing day, revised beside; a rerun changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from indicator_world import World, instant
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.indicators.models import IndicatorValue, PeriodKind, ScopeKind, ValueStage
from hwrisk.indicators.operations import bring_up_to_date, draw, keep
from hwrisk.indicators.overdue.models import IndicatorRow
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.units.models import ManagementClass, Unit, UnitVersion

pytestmark = pytest.mark.db
AS_OF = date(2026, 11, 23)
OCTOBER = date(2026, 10, 1)
YEAR = date(2026, 1, 1)


def run(session: Session, as_of: date) -> dict[str, int]:
    return bring_up_to_date(session, OVERDUE_RATE, as_of=as_of)


def value(
    session: Session, kind: PeriodKind, start: date, stage: ValueStage, *, scope: tuple[ScopeKind, str] | None = None
) -> IndicatorValue | None:
    scope_kind, code = scope or (ScopeKind.CITY, "320700")
    return session.scalars(
        select(IndicatorValue).where(
            IndicatorValue.period_kind == kind, IndicatorValue.period_start == start, IndicatorValue.stage == stage,
            IndicatorValue.scope_kind == scope_kind, IndicatorValue.scope_code == code,
        )
    ).one_or_none()  # fmt: skip


def picture(session: Session) -> list[Any]:
    """Everything stored, to see whether a run changed anything."""
    values = session.execute(
        select(
            IndicatorValue.id, IndicatorValue.stage, IndicatorValue.as_of, IndicatorValue.known_at,
            IndicatorValue.digest, IndicatorValue.numerator, IndicatorValue.denominator,
        ).order_by(IndicatorValue.id)
    ).all()  # fmt: skip
    rows = session.execute(select(IndicatorRow.id, IndicatorRow.value_id, IndicatorRow.due).order_by(IndicatorRow.id))
    return [*values, *rows]


def some_history(world: World) -> Any:
    unit = world.unit(class_computed=ManagementClass.KEY)
    world.statement(unit, date(2025, 1, 1), date(2026, 10, 31))
    batch = world.batch("10", date(2024, 6, 1), unit=unit)
    world.receive(batch, world.send(batch, date(2026, 9, 28), "4"), date(2026, 10, 2), "4")
    return batch


class TestRolling:
    def test_year_month_and_quarter_roll_to_the_day(self, world: World) -> None:
        some_history(world)
        run(world.session, AS_OF)
        for kind, start in ((PeriodKind.YEAR_TO_DATE, YEAR), (PeriodKind.QUARTER, OCTOBER)):
            found = value(world.session, kind, start, ValueStage.LIVE)
            assert found is not None
            assert (found.period_end, found.as_of) == (date(2026, 11, 24), AS_OF)
            assert (found.numerator, found.denominator) == (4, 10)
        month = value(world.session, PeriodKind.MONTH, date(2026, 11, 1), ValueStage.LIVE)
        assert month is not None
        assert (month.numerator, month.denominator) == (0, 6)

    def test_a_rerun_changes_nothing(self, world: World) -> None:
        some_history(world)
        run(world.session, AS_OF)
        before = picture(world.session)
        assert run(world.session, AS_OF)["changed"] == 0
        assert picture(world.session) == before

    def test_the_next_day_moves_the_same_rows(self, world: World) -> None:
        some_history(world)
        run(world.session, AS_OF)
        count = world.session.scalar(select(func.count()).select_from(IndicatorValue))
        run(world.session, date(2026, 11, 24))
        assert world.session.scalar(select(func.count()).select_from(IndicatorValue)) == count
        found = value(world.session, PeriodKind.YEAR_TO_DATE, YEAR, ValueStage.LIVE)
        assert found is not None
        assert found.period_end == date(2026, 11, 25)

    def test_a_run_for_an_earlier_day_does_not_turn_back(self, world: World) -> None:
        some_history(world)
        run(world.session, AS_OF)
        before = picture(world.session)
        run(world.session, date(2026, 11, 21))
        assert picture(world.session) == before

    def test_the_rows_add_up_to_every_value(self, world: World) -> None:
        some_history(world)
        world.batch("3", date(2024, 6, 1), unit=world.unit(office_code=None, admin_code=None))
        run(world.session, AS_OF)
        for found in world.session.scalars(select(IndicatorValue)):
            rows = world.session.scalars(select(IndicatorRow).where(IndicatorRow.value_id == found.id)).all()
            assert sum(row.due for row in rows) == found.denominator
            assert sum(row.completed for row in rows) == found.numerator

    def test_a_scope_that_is_gone_is_taken_away(self, world: World) -> None:
        unit = world.unit(office_code="LYG-GYX")
        world.batch("3", date(2024, 6, 1), unit=unit)
        run(world.session, AS_OF)
        gone = IndicatorValue(
            indicator="overdue-disposal-rate", scope_kind=ScopeKind.OFFICE, scope_code="LYG-OLD",
            period_kind=PeriodKind.YEAR_TO_DATE, period_start=YEAR, period_end=AS_OF, stage=ValueStage.LIVE,
            as_of=AS_OF, known_at=instant(AS_OF), state="value", numerator=0, denominator=0, parts={},
        )  # fmt: skip
        world.add(gone)
        run(world.session, AS_OF)
        old = (ScopeKind.OFFICE, "LYG-OLD")
        assert value(world.session, PeriodKind.YEAR_TO_DATE, YEAR, ValueStage.LIVE, scope=old) is None


class TestFreezing:
    def test_a_month_rolls_until_the_day_before_its_closing_day(self, world: World) -> None:
        some_history(world)
        run(world.session, date(2026, 11, 19))
        assert value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.LIVE) is not None
        assert value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.FROZEN) is None
        run(world.session, date(2026, 11, 20))
        assert value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.LIVE) is None
        frozen = value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.FROZEN)
        assert frozen is not None
        assert (frozen.numerator, frozen.denominator, frozen.period_end) == (4, 10, date(2026, 11, 1))

    def test_one_value_for_each_scope_and_period(self, world: World) -> None:
        some_history(world)
        for day in (date(2026, 11, 19), date(2026, 11, 20), AS_OF, AS_OF):
            run(world.session, day)
        doubles = world.session.execute(
            select(func.count(IndicatorValue.id))
            .group_by(
                IndicatorValue.scope_kind, IndicatorValue.scope_code, IndicatorValue.period_kind,
                IndicatorValue.period_start,
            )
            .having(func.count() > 1)
        ).all()  # fmt: skip
        assert doubles == []

    def test_a_reversal_after_freezing_stands_beside(self, world: World) -> None:
        batch = some_history(world)
        run(world.session, date(2026, 11, 20))
        frozen = value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.FROZEN)
        assert frozen is not None
        before = (frozen.numerator, frozen.digest, frozen.known_at)
        world.recorded_at = instant(date(2026, 11, 22))
        receipt = entries_of(world.session, batch, "received")[0]
        world.cancel(batch, receipt)
        assert run(world.session, AS_OF)["revised"] > 0
        revised = value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.REVISED)
        assert revised is not None
        assert (revised.numerator, revised.denominator, revised.parts["in_transit"]) == (0, 10, "4.0000")
        assert (frozen.numerator, frozen.digest, frozen.known_at) == before
        office = value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.REVISED, scope=(ScopeKind.OFFICE, "LYG-XW"))
        assert office is None

    def test_a_revision_that_is_undone_goes_away(self, world: World) -> None:
        batch = some_history(world)
        run(world.session, date(2026, 11, 20))
        out = world.out(batch, date(2026, 10, 5), "6")
        done = world.entry(batch, EntryKind.SELF_TREATED, date(2026, 10, 5), "6", predecessor_id=out.id,
                           completed_on=date(2026, 10, 6))  # fmt: skip
        run(world.session, AS_OF)
        assert value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.REVISED) is not None
        world.cancel(batch, done)
        world.cancel(batch, out)
        run(world.session, AS_OF)
        assert value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.REVISED) is None

    def test_a_unit_found_to_belong_elsewhere_revises_both_offices(self, world: World) -> None:
        batch = some_history(world)
        run(world.session, date(2026, 11, 20))
        version = world.session.scalars(select_versions(batch.unit_id)).one()
        version.superseded_at = instant(date(2026, 11, 21))
        world.recorded_at = instant(date(2026, 11, 21))
        moved = {"office_code": "LYG-XW", "class_computed": ManagementClass.KEY}
        world.version(unit_of(world, batch), since=date(2015, 1, 1), **moved)
        run(world.session, AS_OF)
        for code, due in (("LYG-GYX", 0), ("LYG-XW", 10)):
            found = value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.REVISED, scope=(ScopeKind.OFFICE, code))
            assert found is not None
            assert found.denominator == due
        assert value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.REVISED) is None

    def test_a_run_for_a_day_before_closing_leaves_the_frozen_value_alone(self, world: World) -> None:
        some_history(world)
        run(world.session, AS_OF)
        run(world.session, date(2026, 10, 15))
        assert value(world.session, PeriodKind.MONTH, OCTOBER, ValueStage.LIVE) is None


def entries_of(session: Session, batch: Any, kind: str) -> list[LedgerEntry]:
    return list(
        session.scalars(select(LedgerEntry).where(LedgerEntry.unit_id == batch.unit_id, LedgerEntry.kind == kind))
    )


def select_versions(unit_id: int) -> Any:
    return select(UnitVersion).where(UnitVersion.unit_id == unit_id)


def unit_of(world: World, batch: Any) -> Unit:
    unit = world.session.get(Unit, batch.unit_id)
    assert unit is not None
    return unit


class TestDrawnApart:
    def test_what_was_drawn_earlier_and_kept_later_turns_nothing_back(self, world: World) -> None:
        batch = some_history(world)
        early = draw(world.session, OVERDUE_RATE, as_of=AS_OF, known_at=instant(date(2026, 11, 22)))
        world.recorded_at = instant(AS_OF, 1)
        world.receive(batch, world.send(batch, date(2026, 11, 10), "3"), date(2026, 11, 12), "3")
        keep(world.session, draw(world.session, OVERDUE_RATE, as_of=AS_OF))
        before = picture(world.session)
        assert keep(world.session, early)["changed"] == 0
        assert picture(world.session) == before

    def test_drawing_writes_nothing(self, world: World) -> None:
        some_history(world)
        draw(world.session, OVERDUE_RATE, as_of=AS_OF)
        assert picture(world.session) == []
