"""The rules of the packs that this room works out, at their own limits."""

import tomllib
from datetime import date
from decimal import Decimal

import pytest

from hwrisk.ledger.rules import cancellation_decision, correction_decision, last_day_to_store, waits_too_long
from hwrisk.resources import resource_dir

PACK = tomllib.loads((resource_dir("seeds") / "rules" / "corrections.toml").read_text(encoding="utf-8"))
WAITING = tomllib.loads((resource_dir("seeds") / "rules" / "generated-not-stored.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("original", "change", "frozen", "expected"),
    [
        ("100", "10", False, (False, "county")),
        ("100", "10.0001", False, (True, "city")),
        ("100", "-10", False, (False, "county")),
        ("40", "4", False, (False, "county")),
        ("40", "4.0001", False, (True, "city")),
        ("40", "-4.0001", False, (True, "city")),
        ("0", "0.0001", False, (True, "city")),
        ("40", "1", True, (False, "city")),
        ("40", "5", True, (True, "city")),
    ],
)
def test_who_decides_an_adjustment(original, change, frozen, expected):
    decision = correction_decision(PACK, original=Decimal(original), change=Decimal(change), is_frozen=frozen)
    assert tuple(decision) == expected


@pytest.mark.parametrize(
    ("quantity", "frozen", "expected"),
    [
        ("10", False, (False, "county")),
        ("10.0001", False, (True, "city")),
        ("0.5", False, (False, "county")),
        ("0.5", True, (False, "city")),
    ],
)
def test_who_decides_a_cancellation(quantity, frozen, expected):
    assert tuple(cancellation_decision(PACK, quantity=Decimal(quantity), is_frozen=frozen)) == expected


def test_generated_and_not_stored():
    generated = date(2026, 2, 25)
    assert last_day_to_store(WAITING, generated) == date(2026, 3, 4)
    assert not waits_too_long(WAITING, generated_on=generated, as_of=date(2026, 3, 4))
    assert waits_too_long(WAITING, generated_on=generated, as_of=date(2026, 3, 5))
