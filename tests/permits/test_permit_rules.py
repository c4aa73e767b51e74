"""Rules of licences at their boundaries."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from hwrisk.catalogue.working_days import is_published_working_day
from hwrisk.errors import RuleViolation
from hwrisk.permits.contents import grants_label, parse_grants, parse_methods, parse_month
from hwrisk.permits.models import GrantMode
from hwrisk.permits.rules import Grant, Line, covers, load_state, renewal_due_on, valid_months

ALARMS = (80, 100, 120)


def a_line(*grants: Grant) -> Line:
    return Line(
        id=1, line_no="L1", name="", quantity=Decimal(1), methods=frozenset({"D10"}), grants=frozenset(grants),
        valid_from=date(2025, 1, 1), valid_until=date(2026, 1, 1),
    )  # fmt: skip


class TestCovers:
    DAY = date(2025, 6, 1)

    def test_the_three_ways(self) -> None:
        whole, code = Grant(GrantMode.CATEGORY, "HW08"), Grant(GrantMode.CODE, "HW49", "900-041-49")
        excepted = Grant(GrantMode.EXCEPT, "HW08", "900-214-08")
        assert covers(a_line(whole), "900-214-08", self.DAY)
        assert not covers(a_line(whole), "900-041-49", self.DAY)
        assert covers(a_line(code), "900-041-49", self.DAY)
        assert not covers(a_line(code), "900-039-49", self.DAY)
        assert not covers(a_line(whole, excepted), "900-214-08", self.DAY)
        assert covers(a_line(whole, excepted), "900-249-08", self.DAY)

    @pytest.mark.parametrize(
        ("day", "is_covered"),
        [(date(2024, 12, 31), False), (date(2025, 1, 1), True), (date(2025, 12, 31), True), (date(2026, 1, 1), False)],
    )
    def test_first_and_last_day(self, day: date, is_covered: bool) -> None:
        assert covers(a_line(Grant(GrantMode.CATEGORY, "HW08")), "900-214-08", day) is is_covered


class TestRenewal:
    def test_thirty_working_days_before_and_the_last_day_not_counted(self) -> None:
        expires = date(2026, 12, 31)
        due = renewal_due_on(expires, working_days=30, is_working_day=is_published_working_day)
        between = [due + timedelta(days=n) for n in range((expires - due).days)]
        assert sum(is_published_working_day(day) for day in between) == 30
        assert is_published_working_day(due)

    def test_a_later_expiry_is_never_due_earlier(self) -> None:
        days = [date(2026, 1, 1) + timedelta(days=n) for n in range(400)]
        dues = [renewal_due_on(day, working_days=30, is_working_day=is_published_working_day) for day in days]
        assert dues == sorted(dues)


@pytest.mark.parametrize(
    ("received", "alarm", "state"),
    [("799.9999", None, "good"), ("800", 80, "warn"), ("1000", 100, "warn"), ("1000.0001", 100, "bad"),
     ("1199.9999", 100, "bad"), ("1200", 120, "bad")],
)  # fmt: skip
def test_alarms(received: str, alarm: int | None, state: str) -> None:
    found = load_state(Decimal(received), Decimal(1000), ALARMS)
    assert (found.alarm, found.state) == (alarm, state)


def test_months_of_terms_that_follow_one_another_make_a_year() -> None:
    until = date(2025, 12, 31)
    for day in range(1, 29):
        change = date(2025, 5, day)
        one = valid_months(date(2024, 1, 1), change, 2025, month_day=15, until=until)
        two = valid_months(change, date(2027, 1, 1), 2025, month_day=15, until=until)
        assert one + two == 12


class TestReading:
    def test_lists_in_common_ways_of_writing(self) -> None:
        grants = parse_grants("HW08、HW49", "900-047-49", "900-214-08")
        assert grants_label(grants) == "HW08 全部（900-214-08 除外）；HW49 全部"
        assert parse_methods("d10，R1", ["D10", "R1"]) == ("D10", "R1")
        assert parse_month("2026年3月") == "2026-03"

    @pytest.mark.parametrize(
        ("given", "said"),
        [(("", "", ""), "请写明核准类别"), (("HW99", "", ""), "不在 HW01–HW50 之内"),
         (("HW08", "", "900-041-49"), "没有整类核准"), (("HW08", "900-214-08", "900-214-08"), "既列明又除外")],
    )  # fmt: skip
    def test_refused(self, given: tuple[str, str, str], said: str) -> None:
        with pytest.raises(RuleViolation, match=said):
            parse_grants(*given)

    def test_an_unknown_method(self) -> None:
        with pytest.raises(RuleViolation, match="代码表中没有“X9”"):
            parse_methods("X9", ["D10"])
