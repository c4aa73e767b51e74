"""Who acts, and on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.security.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class Hand:
    """The person and the day of an operation."""

    viewer: Viewer
    as_of: date
    at: datetime | None = None
    """Instant it is recorded at; None: now."""

    @property
    def instant(self) -> datetime:
        """The instant of recording."""
        return self.at or now()


def check_not_ahead(day: date, hand: Hand, *, field: str) -> None:
    """Check that `day` is not after the day of the act.

    Raises:
        RuleViolation: it is.
    """
    if day > hand.as_of:
        raise RuleViolation("日期不得晚于今天，请核对", field=field)
