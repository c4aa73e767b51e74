"""The states of lots as SQL: each word one named predicate, twins of `rules.lot_state`."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, not_, or_

from hwrisk.db.types import EnumValue
from hwrisk.emergency.models import LotState, MaterialLot
from hwrisk.emergency.settings import StockSettings


def is_in_stock() -> ColumnElement[bool]:
    """Return the predicate that something of the lot is left."""
    return MaterialLot.remaining_milli > 0


def is_expired(as_of: date) -> ColumnElement[bool]:
    """Return the predicate that the last good day is over; what does not expire never is."""
    return and_(MaterialLot.expires_on.is_not(None), MaterialLot.expires_on < as_of)


def is_confirmed(settings: StockSettings, as_of: date) -> ColumnElement[bool]:
    """Return the predicate that the last confirmation still counts."""
    return and_(
        MaterialLot.last_confirmed_on.is_not(None), MaterialLot.last_confirmed_on >= settings.confirmed_since(as_of)
    )


def is_near_expiry(settings: StockSettings, as_of: date) -> ColumnElement[bool]:
    """Return the predicate that the last good day is near or over."""
    return and_(MaterialLot.expires_on.is_not(None), MaterialLot.expires_on <= settings.expiring_before(as_of))


def is_usable(settings: StockSettings, as_of: date) -> ColumnElement[bool]:
    """Return the predicate that the lot may be given away: there, unexpired and confirmed."""
    return and_(is_in_stock(), not_(is_expired(as_of)), is_confirmed(settings, as_of))


def state_of(settings: StockSettings, as_of: date) -> ColumnElement[Any]:
    """Return the state of the lot as a column, of type `LotState`."""
    return case(
        (not_(is_in_stock()), literal(LotState.OUT, EnumValue(LotState))),
        (is_expired(as_of), literal(LotState.EXPIRED, EnumValue(LotState))),
        (not_(func.coalesce(is_confirmed(settings, as_of), False)), literal(LotState.UNCONFIRMED, EnumValue(LotState))),
        (is_near_expiry(settings, as_of), literal(LotState.EXPIRING, EnumValue(LotState))),
        else_=literal(LotState.NORMAL, EnumValue(LotState)),
    )


def has_state(state: LotState, settings: StockSettings, as_of: date) -> ColumnElement[bool]:
    """Return the predicate that the lot is in `state`."""
    confirmed = is_confirmed(settings, as_of)
    match state:
        case LotState.OUT:
            return not_(is_in_stock())
        case LotState.EXPIRED:
            return and_(is_in_stock(), is_expired(as_of))
        case LotState.UNCONFIRMED:
            unconfirmed = or_(MaterialLot.last_confirmed_on.is_(None), not_(confirmed))
            return and_(is_in_stock(), not_(is_expired(as_of)), unconfirmed)
        case LotState.EXPIRING:
            return and_(is_usable(settings, as_of), is_near_expiry(settings, as_of))
        case _:
            return and_(is_usable(settings, as_of), not_(is_near_expiry(settings, as_of)))
