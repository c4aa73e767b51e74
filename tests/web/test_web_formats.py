"""How values are written on pages."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from hwrisk.security.roles import Role
from hwrisk.web import formats


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [(None, "—"), (Decimal(0), "0.0000"), (Decimal("12345.6"), "12,345.6000"), (Decimal("-0.0001"), "-0.0001")],
)
def test_tonnes_have_four_decimals_and_tell_nothing_from_zero(quantity, shown):
    assert formats.tonnes(quantity) == shown


@pytest.mark.parametrize(
    ("share", "target", "shown"),
    [
        (Fraction(1325, 1480), None, "89.53 %"),
        (Fraction(1, 200_000), None, "0.00 %"),
        (Fraction(12345, 1_000_000), None, "1.23 %"),
        (Fraction(125, 100_000), None, "0.13 %"),
        (Fraction(899_999, 1_000_000), Fraction(9, 10), "89.99 %"),
        (Fraction(9, 10), Fraction(9, 10), "90.00 %"),
        (Fraction(99_999, 100_000), Fraction(1), "99.99 %"),
        (Fraction(1), Fraction(1), "100.00 %"),
        (Fraction(1, 3), None, "33.33 %"),
        (None, Fraction(1), "—"),
    ],
)
def test_a_rate_is_rounded_half_up_but_never_up_to_its_target(share, target, shown):
    assert formats.rate(share, target) == shown


def test_days_and_instants_are_those_of_the_bureau():
    assert formats.day(date(2026, 1, 2)) == "2026-01-02"
    assert formats.long_day(date(2026, 1, 2)) == "2026年1月2日"
    assert formats.instant(datetime(2026, 11, 22, 16, 30, tzinfo=UTC)) == "2026-11-23 00:30"
    assert formats.instant(None) == formats.day(None) == formats.long_day(None) == "—"


@pytest.mark.parametrize(
    ("value", "shown"), [(Role.CITY, "固废科"), (True, "是"), (False, "否"), (None, "—"), (7, "7")]
)
def test_labels(value, shown):
    assert formats.label(value) == shown


@pytest.mark.parametrize(("count", "shown"), [(0, "0 B"), (1536, "1.5 KB"), (3 * 1024 * 1024, "3.0 MB"), (None, "—")])
def test_sizes(count, shown):
    assert formats.size(count) == shown
