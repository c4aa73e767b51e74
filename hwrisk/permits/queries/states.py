"""In which state a licence is on a day: as a predicate for lists and counts, and for one row."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, not_, or_
from sqlalchemy.orm import Session, aliased

from hwrisk.db.history import known
from hwrisk.permits.models import LicenceTerm, RenewalFiling
from hwrisk.permits.queries.rows import RenewalState
from hwrisk.permits.queries.settings import PermitSettings, RenewalBook, permit_settings
from hwrisk.regions.queries import region_names

HORIZON = timedelta(days=400)
"""No lead of a reminder reaches further."""


class StateBook:
    """Settings, renewal days and the two days that part the states, all read once."""

    def __init__(self, session: Session, as_of: date) -> None:
        self.settings: PermitSettings = permit_settings(session, as_of=as_of)
        self.renewal = RenewalBook(session, self.settings)
        self.passed_until = self._latest(as_of - timedelta(days=1), as_of)
        """The latest expiry whose day for asking has passed."""
        self.soon_until = self._latest(as_of + timedelta(days=self.settings.reminder_days[0]), as_of)
        """The latest expiry whose day for asking lies within the longest lead."""
        self.names = region_names(session, as_of=as_of)

    def _latest(self, day: date, as_of: date) -> date:
        # A later expiry is never due earlier, so the last one that fits parts them.
        low, high = as_of, as_of + HORIZON
        while low < high:
            middle = low + (high - low + timedelta(days=1)) // 2
            if self.renewal.due_on(middle) <= day:
                low = middle
            else:
                high = middle - timedelta(days=1)
        return low


def is_in_state(state: RenewalState, as_of: date, book: StateBook) -> ColumnElement[bool]:
    """Return the predicate on `LicenceTerm`, the term that speaks for its licence, that it is in `state`."""
    holds = and_(LicenceTerm.valid_from <= as_of, LicenceTerm.valid_until > as_of)
    ended, expires = LicenceTerm.valid_until <= as_of, LicenceTerm.expires_on
    filed, followed = _is_filed(as_of), _is_followed()
    is_open = and_(holds, not_(or_(followed, filed)))
    predicates: dict[RenewalState, ColumnElement[bool]] = {
        RenewalState.FUTURE: LicenceTerm.valid_from > as_of,
        RenewalState.REVOKED: and_(LicenceTerm.revoked_on.is_not(None), ended),
        RenewalState.EXPIRED: and_(ended, LicenceTerm.revoked_on.is_(None)),
        RenewalState.FILED: and_(holds, filed, not_(followed), expires <= book.soon_until),
        RenewalState.DUE_PASSED: and_(is_open, expires <= book.passed_until),
        RenewalState.DUE_SOON: and_(is_open, expires > book.passed_until, expires <= book.soon_until),
        RenewalState.VALID: and_(holds, or_(expires > book.soon_until, followed)),
    }
    return predicates[state]


def _is_followed() -> ColumnElement[bool]:
    later = aliased(LicenceTerm)
    return exists().where(
        later.licence_id == LicenceTerm.licence_id, known(later), later.valid_from >= LicenceTerm.valid_until
    )


def _is_filed(as_of: date) -> ColumnElement[bool]:
    return exists().where(
        RenewalFiling.licence_id == LicenceTerm.licence_id,
        RenewalFiling.expires_on == LicenceTerm.expires_on,
        RenewalFiling.filed_on <= as_of,
    )


def state_of(term: LicenceTerm, as_of: date, book: StateBook, *, is_open: bool, is_filed: bool) -> RenewalState:
    """Return the state of the licence that `term` speaks for on `as_of`; the same as `is_in_state` says."""
    if term.valid_from > as_of:
        return RenewalState.FUTURE
    if term.valid_until is not None and term.valid_until <= as_of:
        return RenewalState.EXPIRED if term.revoked_on is None else RenewalState.REVOKED
    if term.expires_on <= book.soon_until:
        if is_filed:
            return RenewalState.FILED
        if is_open:
            return RenewalState.DUE_PASSED if term.expires_on <= book.passed_until else RenewalState.DUE_SOON
    return RenewalState.VALID
