import enum
import hashlib
import json
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwrisk.audit.rules import canonical, entry_hash, instant_text, plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(alphabet=st.characters())
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.uuids(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Colour(enum.StrEnum):
    RED = "red"


class TestPlain:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (Decimal("1.2000"), "1.2000"),
            (date(2026, 2, 28), "2026-02-28"),
            (datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))), "2026-01-01T00:00:00.000000Z"),
            (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
            (Colour.RED, "red"),
            (0.5, "0.5"),
            (True, True),
            ((1, 2), [1, 2]),
            ({"b", "a"}, ["a", "b"]),
            ({1: None, date(2026, 1, 1): 2}, {"1": None, "2026-01-01": 2}),
            ("甲\x00乙", "甲\N{REPLACEMENT CHARACTER}乙"),
            ("\ud800", "?"),
        ],
    )
    def test_each_kind_has_one_plain_form(self, value, expected):
        assert plain(value) == expected

    @pytest.mark.parametrize("value", [object(), float("nan"), float("inf"), b"bytes"])
    def test_what_has_no_exact_form_is_refused(self, value):
        with pytest.raises(TypeError, match="audit summary"):
            plain({"field": value})

    @given(ANYTHING)
    def test_the_plain_form_survives_the_database_column(self, value):
        form = plain(value)
        assert json.loads(json.dumps(form, ensure_ascii=False).encode()) == form
        assert plain(form) == form


FIELDS = {
    "id": 1,
    "at": datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC),
    "actor_id": None,
    "actor_label": "系统",
    "summary": {"b": 1, "a": "二"},
}


class TestEntryHash:
    def test_the_order_of_fields_does_not_count(self):
        assert entry_hash(FIELDS) == entry_hash(dict(reversed(FIELDS.items())))

    def test_the_form_is_fixed(self):
        # The stored chains of every installation depend on it.
        hashed = (
            'hwrisk-audit-1\n{"actor_id":null,"actor_label":"系统","at":"2026-11-23T04:05:06.000000Z",'
            '"id":1,"summary":{"a":"二","b":1}}'
        )
        assert entry_hash(FIELDS) == hashlib.sha256(hashed.encode()).hexdigest()

    @given(JSON, JSON)
    def test_another_summary_is_another_hash(self, one, other):
        same = canonical(one) == canonical(other)
        assert (entry_hash({**FIELDS, "summary": one}) == entry_hash({**FIELDS, "summary": other})) == same

    def test_an_instant_is_the_same_in_every_zone(self):
        here = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8)))
        assert instant_text(here) == instant_text(here.astimezone(UTC))
