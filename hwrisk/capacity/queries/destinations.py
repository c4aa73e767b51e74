"""Where entrusted waste went: receivers told by licence number or name; unknown ones are named, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
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
    """Sent and not sent back."""
    returned: Decimal
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


def came_back(columns: Sequence[Any], year: int, as_of: date) -> Select[Any]:
    """Return the tonnes of loads of a year that were sent back (退回入库) up to `as_of`, by `columns` of the load.

    They lie in storage again, wherever the year of their return: nobody treated them.
    """
    back, cancelling = aliased(LedgerEntry), aliased(LedgerEntry)
    return (
        select(*columns, total(back.quantity))
        .join(back, back.predecessor_id == LedgerEntry.id)
        .where(
            LedgerEntry.kind == EntryKind.ENTRUSTED,
            *standing(year, as_of),
            back.kind == EntryKind.RETURNED,
            back.occurred_on <= as_of,
            ~select(cancelling.id).where(cancelling.cancels_id == back.id).exists(),
        )
        .group_by(*columns)
    )


def destinations(session: Session, *, user: Viewer, year: int, as_of: date) -> list[Destination]:
    """Return the receivers of what units in sight entrusted in a year, unknown ones first, then the most first."""
    told: tuple[Any, ...] = (LedgerEntry.receiver_name, LedgerEntry.receiver_licence_no, LedgerEntry.receiver_kind)
    in_sight = LedgerEntry.unit_id.in_(visible_unit_ids(user, as_of=as_of))
    sent = session.execute(
        select(*told, total(LedgerEntry.quantity), func.count())
        .where(LedgerEntry.kind == EntryKind.ENTRUSTED, in_sight, *standing(year, as_of))
        .group_by(*told)
    ).all()
    back = {tuple(key): tonnes for *key, tonnes in session.execute(came_back(told, year, as_of).where(in_sight))}
    receivers = Receivers(session, as_of=as_of)
    found = [
        _destination(receivers, *key, tonnes - (returned := back.get(tuple(key), ZERO)), returned, records)
        for *key, tonnes, records in sent
    ]
    return sorted(found, key=lambda row: (row.place is not Place.UNKNOWN, -row.tonnes, row.name))


def place_sums(rows: list[Destination]) -> Iterator[tuple[Place, Decimal]]:
    """Yield every place with its tonnes, zero included."""
    for place in Place:
        yield place, sum((row.tonnes for row in rows if row.place is place), ZERO)


def _destination(
    receivers: Receivers, name: str, licence_no: str, kind: ReceiverKind | None, *figures: Any
) -> Destination:
    place, basis, public_id = receivers.place(name, licence_no, kind)
    return Destination(name, licence_no, kind, place, basis, public_id, *figures)
