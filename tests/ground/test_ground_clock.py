"""The clock: days are days in Shanghai, instants are UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hwrisk import clock


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(instant: datetime, day: date) -> None:
    clock.pin(instant)
    assert clock.now() == instant
    assert clock.today() == day == clock.local_day(instant)
    assert clock.local(instant).utcoffset() == timedelta(hours=8)


def test_unpinned_it_runs() -> None:
    clock.pin(None)
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC
