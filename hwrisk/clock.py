"""The only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")

_pinned: datetime | None = None


def now() -> datetime:
    """Return the present instant, in UTC."""
    return _pinned or datetime.now(UTC)


def today() -> date:
    """Return the present day in Asia/Shanghai."""
    return now().astimezone(LOCAL_ZONE).date()


def local(instant: datetime) -> datetime:
    """Return `instant` in Asia/Shanghai, for showing."""
    return instant.astimezone(LOCAL_ZONE)


def local_day(instant: datetime) -> date:
    """Return the day in Asia/Shanghai on which `instant` falls."""
    return instant.astimezone(LOCAL_ZONE).date()


def pin(instant: datetime | None) -> None:
    """Let the clock stand still at `instant` (tests and demonstrations), or run again with None."""
    global _pinned  # noqa: PLW0603 - the clock is the one thing that is meant to be global
    _pinned = instant
