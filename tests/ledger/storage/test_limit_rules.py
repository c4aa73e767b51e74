"""Storage limits at their own boundaries, extensions, lots, working days; against a day-by-day twin."""

import tomllib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwrisk.catalogue.working_days import Calendar, is_published_working_day
from hwrisk.ledger.storage.rules import (
    CASES,
    Extension,
    Overdue,
    first_overdue_day,
    is_overdue_on,
    last_lawful_day,
    limit_by_key,
    limit_for,
    overdue_days,
)
from hwrisk.resources import resource_dir

PACK = tomllib.loads((resource_dir("seeds") / "rules" / "storage-limits.toml").read_text(encoding="utf-8"))
ONE_DAY = timedelta(days=1)


def limit(role, code="900-041-49", *, name="", kind="warehouse", grade=""):
    found = limit_for(PACK, role=role, facility_kind=kind, spot_grade=grade, waste_code=code, waste_name=name)
    return found.key if found else None


class TestWhichLimit:
    @pytest.mark.parametrize(
        ("role", "code", "name", "key"),
        [
            ("licensed_operator", "772-003-18", "飞灰", "licensed-operator-1-year"),
            ("licensed_operator", "900-214-08", "废机油", "licensed-operator-1-year"),
            ("licensed_collector", "900-214-08", "废机油", "collection-licence-waste-oil-90-working-days"),
            ("licensed_collector", "900-044-49", "废镉镍电池", "collection-licence-ni-cd-90-working-days"),
            ("licensed_collector", "900-044-49", "阴极射线管", "licensed-operator-1-year"),
            ("licensed_collector", "900-052-31", "废电瓶", "licensed-operator-1-year"),
            ("pilot_collector", "900-214-08", "废机油", "pilot-collector-6-months"),
            ("medical_institution", "841-001-01", "感染性废物", "medical-institution-hw01-2-days"),
            ("medical_institution", "900-047-49", "检验废液", "generator-365-days"),
            ("generator", "841-001-01", "感染性废物", "generator-365-days"),
            ("generator", "900-000-XX", "其他", "generator-365-days"),
            ("nobody", "900-041-49", "", None),
        ],
    )
    def test_by_role_and_waste(self, role, code, name, key):
        assert limit(role, code, name=name) == key

    def test_grades_of_spots_are_off_until_somebody_verifies_them(self):
        assert limit("generator", kind="storage_spot", grade="I") == "generator-365-days"

    def test_labels_never_call_a_generator_unlawful(self):
        for row in PACK["limit"]:
            found = limit_by_key(PACK, row["key"])
            assert found is not None
            assert found.label == ("超法定期限" if row["basis"] == "law" else "超管理期限")
        assert limit_by_key(PACK, "none") is None

    def test_only_operators_may_be_extended(self):
        assert {row["key"] for row in PACK["limit"] if row["extension"] != "none"} == {"licensed-operator-1-year"}


def last(period, day):
    return last_lawful_day(period, day, is_working_day=is_published_working_day)


class TestLastDay:
    @pytest.mark.parametrize(
        ("period", "stored", "expected"),
        [
            ({"years": 1}, date(2025, 7, 1), date(2026, 7, 1)),
            ({"years": 1}, date(2024, 2, 29), date(2025, 2, 28)),
            ({"years": 1}, date(2023, 2, 28), date(2024, 2, 28)),
            ({"years": 1}, date(2023, 3, 1), date(2024, 3, 1)),
            ({"years": 4}, date(2024, 2, 29), date(2028, 2, 29)),
            ({"months": 6}, date(2025, 8, 31), date(2026, 2, 28)),
            ({"months": 6}, date(2025, 8, 28), date(2026, 2, 28)),
            ({"months": 6}, date(2023, 8, 31), date(2024, 2, 29)),
            ({"months": 1}, date(2026, 12, 31), date(2027, 1, 31)),
            ({"months": 12}, date(2024, 2, 29), date(2025, 2, 28)),
            ({"days": 365}, date(2025, 1, 1), date(2026, 1, 1)),
            ({"days": 365}, date(2023, 7, 1), date(2024, 6, 30)),
            ({"days": 365}, date(2024, 2, 29), date(2025, 2, 28)),
            ({"days": 2}, date(2026, 2, 27), date(2026, 3, 1)),
            # Entered on a Friday: Monday is the first working day after it; a working Saturday counts.
            ({"working_days": 1}, date(2026, 11, 20), date(2026, 11, 23)),
            ({"working_days": 1}, date(2024, 2, 3), date(2024, 2, 4)),
            ({"working_days": 90}, date(2024, 1, 2), date(2024, 5, 14)),
        ],
    )
    def test_boundaries(self, period, stored, expected):
        assert last(period, stored) == expected

    def test_an_own_calendar_goes_first(self):
        own = Calendar({date(2026, 11, 23): False, date(2026, 11, 22): True})
        assert last_lawful_day({"working_days": 1}, date(2026, 11, 20), is_working_day=own.is_working_day) == date(
            2026, 11, 22
        )
        assert last_lawful_day({"working_days": 2}, date(2026, 11, 20), is_working_day=own.is_working_day) == date(
            2026, 11, 24
        )

    def test_beyond_the_published_calendar_the_plain_week_serves(self):
        assert is_published_working_day(date(2040, 1, 2))
        assert not is_published_working_day(date(2040, 1, 1))

    @given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 48))
    def test_months_end_on_the_day_or_the_end_of_the_month(self, day, months):
        end = last({"months": months}, day)
        assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
        assert end.day == day.day or (end.day < day.day and (end + ONE_DAY).day == 1)


class TestFirstOverdueDay:
    def test_the_day_after_the_last_lawful_one(self):
        assert first_overdue_day(date(2026, 7, 1), date(2025, 7, 1)) == date(2026, 7, 2)

    def test_an_unknown_day_is_overdue_at_once(self):
        assert first_overdue_day(None, date(2026, 5, 1)) == date(2026, 5, 1)

    @pytest.mark.parametrize(
        ("joined", "mates", "expected"),
        [
            (date(2026, 1, 1), [date(2025, 6, 1), date(2026, 7, 2)], date(2026, 1, 1)),
            (date(2026, 1, 1), [date(2026, 3, 1), date(2026, 7, 2)], date(2026, 3, 1)),
            (date(2026, 1, 1), [date(2027, 3, 1), date(2026, 7, 2)], date(2026, 7, 2)),
            (date(2026, 9, 1), [date(2025, 3, 1), date(2026, 7, 2)], date(2026, 7, 2)),
            (date(2026, 1, 1), [None, date(2026, 7, 2)], date(2026, 7, 2)),
            (date(2026, 1, 1), [None], date(2026, 7, 2)),
        ],
    )
    def test_in_a_lot_the_oldest_decides_from_the_day_of_merging(self, joined, mates, expected):
        assert first_overdue_day(date(2026, 7, 1), date(2025, 7, 1), lot=(joined, mates)) == expected


DAY = date(2026, 1, 1)
spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
        lambda pair: Extension(DAY + pair[0] * ONE_DAY, DAY + (pair[0] + pair[1]) * ONE_DAY)
    ),
    max_size=4,
)


class TestExtensions:
    def test_none(self):
        assert overdue_days(DAY, []) == [Overdue(DAY, None)]
        assert overdue_days(None, []) == []

    def test_in_time_moves_the_day(self):
        found = overdue_days(DAY, [Extension(DAY - ONE_DAY, DAY + 10 * ONE_DAY)])
        assert found == [Overdue(DAY + 11 * ONE_DAY, None)]

    def test_on_the_last_lawful_day_is_in_time(self):
        assert overdue_days(DAY, [Extension(DAY - ONE_DAY, DAY)]) == [Overdue(DAY + ONE_DAY, None)]

    def test_late_takes_nothing_back(self):
        found = overdue_days(DAY, [Extension(DAY + 5 * ONE_DAY, DAY + 10 * ONE_DAY)])
        assert found == [Overdue(DAY, DAY + 4 * ONE_DAY), Overdue(DAY + 11 * ONE_DAY, None)]

    def test_one_upon_another(self):
        found = overdue_days(
            DAY, [Extension(DAY - ONE_DAY, DAY + 10 * ONE_DAY), Extension(DAY + 5 * ONE_DAY, DAY + 20 * ONE_DAY)]
        )
        assert found == [Overdue(DAY + 21 * ONE_DAY, None)]

    @given(spans)
    def test_day_by_day(self, extensions):
        stretches = overdue_days(DAY + 10 * ONE_DAY, extensions)
        for offset in range(100):
            day = DAY + offset * ONE_DAY
            expected = offset >= 10 and not any(e.approved_on <= day <= e.until for e in extensions)
            assert is_overdue_on(day, stretches) == expected


def test_every_case_of_the_pack():
    assert len(PACK["case"]) > 15
    for case in PACK["case"]:
        given_ = {k: v.isoformat() if isinstance(v, date) else v for k, v in case["input"].items()}
        got = CASES.run(PACK, given_)
        assert {name: got[name] for name in case["expect"]} == case["expect"], case["name"]
