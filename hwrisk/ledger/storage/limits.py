"""The storage limit of a batch: from the rule pack, the unit's role and the facility on the day it entered."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.ledger.storage.rules import PACK_ID, Limit, first_overdue_day, last_lawful_day, limit_by_key, limit_for
from hwrisk.ledger.storage.working_days import Calendar, working_calendar
from hwrisk.rulepacks.queries import PackHistory


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
        role: str,
        facility_kind: str,
        spot_grade: str,
        waste_code: str,
        waste_name: str,
        entered_on: date,
        first_stored_on: date | None,
    ) -> JudgedLimit:
        """Return the limit of one batch; the age counts from `first_stored_on`, unknown means overdue at once."""
        pack = self._history.on(entered_on)
        limit = limit_for(
            pack.parameters,
            role=role,
            facility_kind=facility_kind,
            spot_grade=spot_grade,
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

    def limit_of(self, batch: StorageBatch) -> Limit | None:
        """Return the limit a batch was judged by, as its pack says it now; None when none applies."""
        return limit_by_key(self._history.on(batch.entered_on).parameters, batch.limit_key)


def limit_book(session: Session) -> LimitBook:
    """Return the book of all active versions of the storage limits."""
    return LimitBook(PackHistory(session, PACK_ID), working_calendar(session))
