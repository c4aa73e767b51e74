"""Where entrusted waste went: receivers told by licence number or name; unknown ones are named, never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from hwrisk.capacity.rules import last_counted_day
from hwrisk.db.types import ZERO, total
from hwrisk.ledger.models import EntryKind, LedgerEntry, ReceiverKind
from hwrisk.permits.queries.receivers import Place, Receivers
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids


class Destination(NamedTuple):
    """One receiver as the ledger names it, and what is known of it."""

    name: str
    licence_no: str
    receiver_kind: ReceiverKind | None
    place: Place
    basis: str
    """What told the place: the licence number, the name, or why it is unknown."""
    licence_public_id: str
    tonnes: Decimal
    records: int

    @property
    def kind_label(self) -> str:
        """What the ledger says the receiver does with it; empty where it says nothing."""
        return "" if self.receiver_kind is None else self.receiver_kind.label


def standing(year: int, as_of: date) -> list[ColumnElement[bool]]:
    """Return the conditions on `LedgerEntry` of the records of a year up to `as_of` that were not taken back."""
    cancelling = aliased(LedgerEntry)
    return [
        LedgerEntry.occurred_on >= date(year, 1, 1),
        LedgerEntry.occurred_on <= last_counted_day(year, as_of),
        ~select(cancelling.id).where(cancelling.cancels_id == LedgerEntry.id).exists(),
    ]


def destinations(session: Session, *, user: Viewer, year: int, as_of: date) -> list[Destination]:
    """Return the receivers of what units in sight entrusted in a year, unknown ones first, then the most first."""
    statement: Any = (
        select(
            LedgerEntry.receiver_name, LedgerEntry.receiver_licence_no, LedgerEntry.receiver_kind,
            total(LedgerEntry.quantity), func.count(),
        )
        .where(
            LedgerEntry.kind == EntryKind.ENTRUSTED,
            LedgerEntry.unit_id.in_(visible_unit_ids(user, as_of=as_of)),
            *standing(year, as_of),
        )
        .group_by(LedgerEntry.receiver_name, LedgerEntry.receiver_licence_no, LedgerEntry.receiver_kind)
    )  # fmt: skip
    receivers = Receivers(session, as_of=as_of)
    found = [_destination(receivers, row) for row in session.execute(statement)]
    return sorted(found, key=lambda row: (row.place is not Place.UNKNOWN, -row.tonnes, row.name))


def place_sums(rows: list[Destination]) -> Iterator[tuple[Place, Decimal]]:
    """Yield every place with its tonnes, zero included."""
    for place in Place:
        yield place, sum((row.tonnes for row in rows if row.place is place), ZERO)


def _destination(receivers: Receivers, row: Any) -> Destination:
    name, licence_no, kind, tonnes, records = row
    place, basis, public_id = receivers.place(name, licence_no, kind)
    return Destination(name, licence_no, kind, place, basis, public_id, tonnes, records)
