"""Reminders of all rooms: each thing once at each stage, settled ones taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from hwrisk.notices import Notice, notices_for
from hwrisk.notices.records import Due, ReminderSource
from hwrisk.notices.reminders import remind, reminder_counts, stage_on
from hwrisk.security import Role, Viewer
from hwrisk.web.reminding import reminder_job, reminder_todos

DAY = date(2026, 11, 23)
LEADS = (90, 60, 30)


class Things:
    """A room with things that are due; `things` are (name, due day)."""

    def __init__(self, *things: tuple[str, date]) -> None:
        self.things = list(things)

    def due(self, session, *, as_of: date) -> Iterable[Due]:
        for name, on in self.things:
            if (on - as_of).days <= max(LEADS):
                yield Due(key=f"{name}:{on:%Y%m%d}", on=on, title=name, link="/units/", to_role=Role.CITY)

    @property
    def source(self) -> ReminderSource:
        return ReminderSource(kind="trial", label="试验", leads=lambda _s, _d: LEADS, due=self.due)


def city() -> Viewer:
    return Viewer(account_id=1, label="演示-张三", role=Role.CITY, is_city_wide=True, permissions=frozenset())


def shown(session) -> list[str]:
    """Titles of what stands now."""
    return list(session.scalars(select(Notice.title).where(Notice.withdrawn_at.is_(None)).order_by(Notice.id)))


class TestStage:
    @pytest.mark.parametrize(
        ("left", "stage"),
        [(91, None), (90, "90"), (61, "90"), (60, "60"), (30, "30"), (1, "30"), (0, "30"), (-1, "overdue")],
    )
    def test_by_days_left(self, left: int, stage: str | None) -> None:
        assert stage_on(DAY + timedelta(days=left), LEADS, DAY) == stage


@pytest.mark.db
class TestRemind:
    def test_a_stage_is_told_once(self, session) -> None:
        room = Things(("证一", DAY + timedelta(days=60)))
        assert remind(session, [room.source], as_of=DAY) == {"told": 1, "withdrawn": 0}
        assert remind(session, [room.source], as_of=DAY) == {"told": 0, "withdrawn": 0}
        assert remind(session, [room.source], as_of=DAY + timedelta(days=1)) == {"told": 0, "withdrawn": 0}
        assert shown(session) == ["试验将到期：证一"]

    def test_the_days_around_the_due_day(self, session) -> None:
        on = DAY
        room = Things(("证一", on))
        remind(session, [room.source], as_of=on - timedelta(days=1))
        remind(session, [room.source], as_of=on)
        assert shown(session) == ["试验将到期：证一"]
        assert remind(session, [room.source], as_of=on + timedelta(days=1)) == {"told": 1, "withdrawn": 1}
        assert shown(session) == ["试验逾期：证一"]
        assert remind(session, [room.source], as_of=on + timedelta(days=400)) == {"told": 0, "withdrawn": 0}

    def test_a_late_start_skips_to_the_present_stage(self, session) -> None:
        room = Things(("证一", DAY + timedelta(days=20)), ("证二", DAY - timedelta(days=300)))
        assert remind(session, [room.source], as_of=DAY)["told"] == 2
        assert session.scalar(select(func.count()).select_from(Notice)) == 2

    def test_every_stage_in_its_turn(self, session) -> None:
        room = Things(("证一", DAY + timedelta(days=90)))
        told = sum(remind(session, [room.source], as_of=DAY + timedelta(days=n))["told"] for n in range(100))
        assert told == 4
        assert len(shown(session)) == 1

    def test_a_moved_day_is_a_new_thing(self, session) -> None:
        room = Things(("证一", DAY + timedelta(days=10)))
        remind(session, [room.source], as_of=DAY)
        room.things = [("证一", DAY + timedelta(days=40))]
        assert remind(session, [room.source], as_of=DAY) == {"told": 1, "withdrawn": 1}

    def test_what_is_settled_is_taken_back_and_may_come_back(self, session) -> None:
        room = Things(("证一", DAY))
        remind(session, [room.source], as_of=DAY)
        there, room.things = room.things, []
        assert remind(session, [room.source], as_of=DAY) == {"told": 0, "withdrawn": 1}
        assert shown(session) == []
        room.things = there
        assert remind(session, [room.source], as_of=DAY)["told"] == 0
        assert shown(session) == ["试验将到期：证一"]

    def test_another_source_is_left_alone(self, session) -> None:
        room = Things(("证一", DAY))
        remind(session, [room.source], as_of=DAY)
        other = ReminderSource(kind="trial2", label="别的", leads=lambda _s, _d: LEADS, due=lambda _s, as_of: [])
        assert remind(session, [other], as_of=DAY) == {"told": 0, "withdrawn": 0}
        assert len(shown(session)) == 1

    def test_nobody_named_is_the_city_section(self, session) -> None:
        source = ReminderSource(
            kind="trial", label="试验", leads=lambda _s, _d: LEADS,
            due=lambda _s, as_of: [Due(key="x", on=as_of, title="证一")],
        )  # fmt: skip
        remind(session, [source], as_of=DAY)
        assert [received.notice.title for received in notices_for(session, user=city())] == ["试验将到期：证一"]


class TestCounts:
    def test_one_thing_told_to_two_groups_counts_once(self, session) -> None:
        dues = [
            Due(key="x", on=DAY - timedelta(days=1), title="证一", to_role=Role.CITY),
            Due(key="x", on=DAY - timedelta(days=1), title="证一", to_role=Role.COUNTY, to_office="LYG-XW"),
            Due(key="y", on=DAY, title="证二", to_role=Role.CITY),
        ]
        source = ReminderSource(kind="trial", label="试验", leads=lambda _s, _d: LEADS, due=lambda _s, as_of: dues)
        assert reminder_job([source]).run(session, as_of=DAY) == {"told": 3, "withdrawn": 0}
        assert reminder_counts(session, "trial", user=city()) == (1, 1)
        county = Viewer(
            account_id=2, label="县区", role=Role.COUNTY, offices=frozenset({"LYG-XW"}), permissions=frozenset()
        )
        assert reminder_counts(session, "trial", user=county) == (0, 1)
        overdue, soon = (item.count(session, city(), DAY) for item in reminder_todos([source]))
        assert (overdue.count, overdue.state, soon.count) == (1, "bad", 1)

    def test_a_source_with_lines_of_its_own_has_none_here(self) -> None:
        source = ReminderSource(
            kind="trial", label="试验", leads=lambda _s, _d: LEADS, due=lambda _s, as_of: [], has_own_todos=True
        )
        assert reminder_todos([source]) == ()
