from datetime import date
from decimal import Decimal

import pytest

from hwrisk.errors import RuleViolation
from hwrisk.units import rules
from hwrisk.units.models import IdentityKind, ManagementClass, UnitStatus

KEY, SIMPLIFIED, REGISTERED = ManagementClass.KEY, ManagementClass.SIMPLIFIED, ManagementClass.REGISTERED
DAY = date(2026, 11, 23)
GOOD = "91320700608440872X"


class TestCheckIdentity:
    def test_a_good_code_comes_back_in_normal_form(self):
        assert rules.check_identity(IdentityKind.USCC, " 91320700608440872x ").number == GOOD

    @pytest.mark.parametrize(
        ("number", "sentence"),
        [
            ("913207006084408721", "校验位不对"),
            ("", "没有统一社会信用代码.*其他身份标识"),
            ("320700000012345", "15 位旧工商注册号"),
            ("91320700608440872", "应为 18 位，现为 17 位"),
        ],
    )
    def test_each_wrong_code_has_its_own_sentence(self, number, sentence):
        with pytest.raises(RuleViolation, match=sentence):
            rules.check_identity(IdentityKind.USCC, number)

    def test_another_kind_needs_a_reason(self):
        with pytest.raises(RuleViolation, match="须写明理由"):
            rules.check_identity(IdentityKind.MEDICAL, "PDY100123")
        assert rules.check_identity(IdentityKind.MEDICAL, "pdy100123", "诊所无信用代码").number == "PDY100123"

    @pytest.mark.parametrize("kind", [IdentityKind.OWNERLESS, IdentityKind.MILITARY, IdentityKind.UNKNOWN])
    def test_some_kinds_have_no_number(self, kind):
        assert rules.check_identity(kind, None, "无主船舶").number is None


class TestCheckStatus:
    def check(self, status, **fields):
        given = {"responsible_party": "", "clearance_document": "", "reason": "", "has_stock": False} | fields
        rules.check_status(status, **given)

    @pytest.mark.parametrize(
        ("status", "asked", "given"),
        [
            (UnitStatus.CLOSED_UNCLEARED, "责任主体", {"responsible_party": "园区管委会"}),
            (UnitStatus.CLOSED_CLEARED, "清零证明文件", {"clearance_document": "清零验收意见"}),
            (UnitStatus.MERGED, "并入哪个单位", {"reason": "并入甲公司"}),
        ],
    )
    def test_a_status_asks_for_what_it_rests_on(self, status, asked, given):
        with pytest.raises(RuleViolation, match=asked):
            self.check(status)
        self.check(status, **given)

    @pytest.mark.parametrize("status", [UnitStatus.DEREGISTERED, UnitStatus.CLOSED_CLEARED])
    def test_stock_left_refuses_what_says_that_none_is(self, status):
        with pytest.raises(RuleViolation, match="台账仍有贮存量"):
            self.check(status, clearance_document="验收意见", has_stock=True)

    def test_a_site_with_stock_may_close_uncleared(self):
        self.check(UnitStatus.CLOSED_UNCLEARED, responsible_party="园区管委会", has_stock=True)


class TestCheckTransition:
    def test_what_is_closed_uncleared_does_not_just_disappear(self):
        with pytest.raises(RuleViolation, match="不能由“关停未清零”直接改为“注销”，只能改为关停已清零、并入"):
            rules.check_transition(UnitStatus.CLOSED_UNCLEARED, UnitStatus.DEREGISTERED)

    @pytest.mark.parametrize("last", [UnitStatus.DEREGISTERED, UnitStatus.MERGED])
    def test_nothing_follows_the_end(self, last):
        for status in set(UnitStatus) - {last}:
            with pytest.raises(RuleViolation, match="请新登记"):
                rules.check_transition(last, status)
        rules.check_transition(last, last)

    def test_a_suspended_site_may_work_again(self):
        rules.check_transition(UnitStatus.SUSPENDED, UnitStatus.OPERATING)


class TestManagementClass:
    def judge(self, *, tonnes=None, started="2010-01-01", **fields):
        annual = {year: Decimal(quantity) for year, quantity in (tonnes or {}).items()}
        day = None if started is None else date.fromisoformat(started)
        return rules.management_class(as_of=DAY, annual_tonnes=annual, started_on=day, **fields)

    @pytest.mark.parametrize(
        ("quantity", "expected"),
        [("100", KEY), ("99.9999", SIMPLIFIED), ("10", SIMPLIFIED), ("9.9999", REGISTERED), ("0", REGISTERED)],
    )
    def test_the_bounds_belong_to_the_higher_class(self, quantity, expected):
        assert self.judge(tonnes={2025: quantity}).management_class is expected

    @pytest.mark.parametrize("fact", ["has_own_treatment", "has_licence"])
    def test_own_treatment_or_a_licence_decides_alone(self, fact):
        verdict = self.judge(tonnes={2025: "1"}, **{fact: True})
        assert (verdict.management_class, verdict.quantity) == (KEY, None)

    def test_in_operation_for_three_years_the_largest_of_the_last_three_counts(self):
        verdict = self.judge(tonnes={2022: "500", 2023: "9", 2024: "11", 2025: "3", 2026: "400"})
        assert (verdict.quantity, verdict.basis) == (Decimal(11), "近3年年最大量")

    def test_in_operation_for_less_all_years_count(self):
        verdict = self.judge(tonnes={2024: "5", 2025: "20", 2026: "120"}, started="2024-06-01")
        assert (verdict.management_class, verdict.basis) == (KEY, "投运期间年最大量")

    @pytest.mark.parametrize("started", ["2025-11-24", "2027-01-01"])
    def test_under_one_year_the_approved_quantity_counts(self, started):
        verdict = self.judge(tonnes={2026: "500"}, started=started, approved_tonnes=Decimal(12))
        assert (verdict.management_class, verdict.quantity) == (SIMPLIFIED, Decimal(12))

    def test_one_full_year_is_enough(self):
        assert self.judge(tonnes={2026: "500"}, started="2025-11-23").management_class is KEY

    def test_a_long_cycle_takes_the_approved_quantity(self):
        verdict = self.judge(tonnes={2025: "500"}, cycle_exceeds_three_years=True, approved_tonnes=Decimal(9))
        assert verdict.management_class is REGISTERED

    def test_an_unknown_start_is_said(self):
        assert "投运日期未登记" in self.judge(tonnes={2025: "50"}, started=None).basis

    def test_without_any_quantity_there_is_no_class(self):
        assert self.judge() is None
        assert self.judge(tonnes={2020: "500"}) is None


class TestYearsInOperation:
    @pytest.mark.parametrize(
        ("start", "day", "years"),
        [
            ("2024-02-29", "2025-02-28", 1),
            ("2024-02-29", "2025-02-27", 0),
            ("2024-02-29", "2028-02-28", 3),
            ("2024-02-29", "2028-02-29", 4),
            ("2025-03-01", "2026-02-28", 0),
            ("2027-01-01", "2026-11-23", -1),
        ],
    )
    def test_years_are_full_years(self, start, day, years):
        assert rules.years_in_operation(date.fromisoformat(start), date.fromisoformat(day)) == years


def test_our_own_number_never_looks_like_a_national_one():
    assert rules.unit_no(2026, 17) == "LYG-2026-000017"
