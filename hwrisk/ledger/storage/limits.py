"""The storage limit of a batch: from the rule pack, the unit's role and the facility on the day it entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.catalogue.working_days import Calendar, working_calendar
from hwrisk.ledger.storage.models import FacilityKind, FacilityVersion
from hwrisk.ledger.storage.rules import PACK_ID, Limit, first_overdue_day, last_lawful_day, limit_by_key, limit_for
from hwrisk.rulepacks.queries import PackHistory
from hwrisk.units.models import UnitRole, UnitVersion


class JudgedLimit(NamedTuple):
    """The limit of a batch, as its columns."""

    limit_key: str
    pack_version: str
    last_lawful_on: date | None
    overdue_from: date | None
    counts_in_rate: bool


class LimitBook:
    """Judges batches by the versions of the rule pack in force on the days they entered."""

    def __init__(self, history: PackHistory, calendar: Calendar) -> None:
        self._history = history
        self._calendar = calendar

    def judge(
        self,
        *,
        unit: UnitVersion | None,
        facility: FacilityVersion | None,
        waste_code: str,
        waste_name: str,
        entered_on: date,
        first_stored_on: date | None,
        parameters: Mapping[str, Any] | None = None,
    ) -> JudgedLimit:
        """Return the limit of one batch, lots aside; the age counts from `first_stored_on`, unknown: overdue at once.

        `unit` and `facility` are their states on the day of entry; `parameters` tries another version of the pack.
        """
        pack = self._history.on(entered_on)
        limit = limit_for(
            pack.parameters if parameters is None else parameters,
            role=(unit.role if unit else UnitRole.GENERATOR).value,
            facility_kind=(facility.kind if facility else FacilityKind.FACILITY).value,
            spot_grade=facility.spot_grade if facility else "",
            waste_code=waste_code,
            waste_name=waste_name,
        )
        if limit is None:
            return JudgedLimit("", pack.version, None, None, counts_in_rate=False)
        last = None
        if first_stored_on is not None:
            last = last_lawful_day(limit.period, first_stored_on, is_working_day=self._calendar.is_working_day)
        overdue_from = first_overdue_day(last, entered_on)
        return JudgedLimit(limit.key, pack.version, last, overdue_from, limit.counts_in_rate)

    def limit_of(self, key: str, entered_on: date) -> Limit | None:
        """Return the limit `key` a batch was judged by, as its pack says it now; None when none applies."""
        return limit_by_key(self._history.on(entered_on).parameters, key) if key else None


def limit_book(session: Session) -> LimitBook:
    """Return the book of all active versions of the storage limits."""
    return LimitBook(PackHistory(session, PACK_ID), working_calendar(session))


def holding_on(rows: Sequence[Any], day: date) -> Any:
    """Return the row of a history that holds on `day`, before the first row that one, and None after an end."""
    holding = [row for row in rows if row.valid_from <= day and (row.valid_until is None or day < row.valid_until)]
    return holding[0] if holding else (rows[0] if rows and day < rows[0].valid_from else None)
