"""What the rule pack says of licences on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.catalogue.working_days import working_calendar
from hwrisk.permits.rules import PACK_ID, renewal_due_on
from hwrisk.rulepacks.queries import PackHistory


class PermitSettings(NamedTuple):
    """Days and alarms of licences, as the pack in force says."""

    version: str
    renewal_working_days: int
    reminder_days: tuple[int, ...]
    """Days before the last day for asking, longest first."""
    alarms: tuple[int, ...]
    """Per cent of the licensed quantity, lowest first."""
    term_years: Mapping[str, Any]


def permit_settings(session: Session, *, as_of: date) -> PermitSettings:
    """Return the settings in force on `as_of`."""
    pack = PackHistory(session, PACK_ID).on(as_of)
    given = pack.parameters
    return PermitSettings(
        pack.version,
        int(given["renewal_working_days"]),
        tuple(sorted((int(days) for days in given["reminder_days"]), reverse=True)),
        tuple(sorted(int(share) for share in given["alarms_percent"])),
        given["term_years"],
    )


class RenewalBook:
    """Tells the last day for asking to renew; the calendar is read once."""

    def __init__(self, session: Session, settings: PermitSettings) -> None:
        self._calendar = working_calendar(session)
        self._days = settings.renewal_working_days
        self._known: dict[date, date] = {}

    def due_on(self, expires_on: date) -> date:
        """Return the last day on which renewal of a licence that expires on `expires_on` may be asked for."""
        if expires_on not in self._known:
            self._known[expires_on] = renewal_due_on(
                expires_on, working_days=self._days, is_working_day=self._calendar.is_working_day
            )
        return self._known[expires_on]
