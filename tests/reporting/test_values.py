from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from hwrisk.reporting.report import Column
from hwrisk.reporting.values import clean, plain_number, rounded_ratio, shown

TARGET = Fraction(9, 10)


def column(kind, **more):
    return Column("c", "列", "c", kind=kind, **more)


class TestShown:
    @pytest.mark.parametrize(
        ("kind", "value", "text"),
        [
            ("tonnes", Decimal("1234.5"), "1,234.5000"),
            ("tonnes", Decimal(0), "0.0000"),
            ("tonnes", None, "—"),
            ("tonnes", "不适用", "不适用"),
            ("number", Decimal("1200.50"), "1,200.5"),
            ("number", Decimal(100), "100"),
            ("int", 12345, "12,345"),
            ("percent", Fraction(1, 3), "33.33%"),
            ("percent", 1.0, "100.00%"),
            ("percent", "无超期", "无超期"),
            ("day", date(2026, 2, 3), "2026-02-03"),
            ("day", "入库日期不详", "入库日期不详"),
            ("instant", datetime(2026, 11, 23, 18, 30, tzinfo=UTC), "2026-11-24 02:30"),
            ("text", None, ""),
            ("text", "a\x00b\x0bc\r\nd", "abc\nd"),
            ("code", "900-041-49", "900-041-49"),
        ],
    )
    def test_a_value_is_printed_as_people_write_it(self, kind, value, text):
        assert shown(value, column(kind)) == text


class TestRoundedRatio:
    @pytest.mark.parametrize(
        ("ratio", "target", "result"),
        [
            (Fraction("0.89996"), None, "0.9000"),
            (Fraction("0.89996"), TARGET, "0.8999"),
            (Fraction("0.9"), TARGET, "0.9000"),
            (Fraction("0.90004"), TARGET, "0.9000"),
            (Fraction("0.99999"), Fraction(1), "0.9999"),
            (Fraction("0.12345"), None, "0.1235"),
            (Fraction(0), TARGET, "0.0000"),
        ],
    )
    def test_below_the_target_never_prints_as_the_target(self, ratio, target, result):
        assert rounded_ratio(ratio, target) == Decimal(result)


class TestPlainNumber:
    def test_a_spreadsheet_rounds_a_rate_below_its_target_no_higher_than_paper_does(self):
        assert plain_number(Fraction("0.89996"), column("percent", target=TARGET)) == "0.8999"
        assert plain_number(Decimal("0.8512"), column("percent", target=TARGET)) == "0.8512"

    @pytest.mark.parametrize("value", [True, float("nan"), Decimal("Infinity"), "12", None])
    def test_what_is_no_finite_number_is_none(self, value):
        assert plain_number(value, column("number")) is None

    def test_no_exponent_ever(self):
        assert plain_number(Decimal("1E+3"), column("number")) == "1000"


def test_clean_keeps_everything_that_can_be_printed():
    assert clean("镕𬭸硓\t\n<&>") == "镕𬭸硓\t\n<&>"
    assert clean("\ud800x\ufffe") == "x"
