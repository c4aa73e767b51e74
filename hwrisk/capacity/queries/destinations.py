"""Where entrusted waste went: receivers told by licence number or name; unknown ones are named, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from hwrisk.capacity.rules import last_counted_day
from hwrisk.db.types import ZERO, Labelled, total
from hwrisk.ledger.models import EntryKind, LedgerEntry, ReceiverKind
from hwrisk.permits.models import HolderPlace
from hwrisk.permits.queries import heads_of
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion
from hwrisk.units.queries import on_or_first
from hwrisk.units.scope import visible_unit_ids


class Place(Labelled):
    """Where entrusted waste went (去向)."""

    CITY = "city", "市内"
    PROVINCE = "province", "省内市外"
    OUTSIDE = "outside", "省外"
    ABROAD = "abroad", "境外"
    COLLECTED = "collected", "交收集单位"
    UNKNOWN = "unknown", "去向不明"


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


class Receivers:
    """Tells the place of a receiver; licences and names are read once."""

    def __init__(self, session: Session, *, as_of: date) -> None:
        heads = list(heads_of(session, as_of=as_of).values())
        self._by_number = {head.licence_no: head for head in heads}
        self._by_name = {head.holder: head for head in heads if head.holder}
        self._units = set(session.scalars(select(UnitVersion.name).where(on_or_first(as_of))))

    def place(self, name: str, licence_no: str, kind: ReceiverKind | None) -> tuple[Place, str, str]:
        """Return place, what told it, and the public id of the licence (empty: none)."""
        head = self._by_number.get(licence_no.strip()) if licence_no.strip() else None
        basis = "按许可证编号"
        if head is None:
            head, basis = self._by_name.get(name.strip()), "按单位名称"
        public_id = "" if head is None else str(head.public_id)
        if kind is ReceiverKind.ABROAD:
            return Place.ABROAD, "台账注明境外", public_id
        if kind is ReceiverKind.COLLECTION:
            return Place.COLLECTED, "台账注明收集贮存单位", public_id
        if head is not None:
            return _PLACES[head.place], basis, public_id
        if name.strip() in self._units:
            return Place.CITY, "名录内单位，按单位名称", ""
        why = f"没有登记许可证 {licence_no}" if licence_no else "没有许可证编号，名称也没有登记"
        return Place.UNKNOWN, why, ""


_PLACES: Mapping[HolderPlace, Place] = {
    HolderPlace.CITY: Place.CITY,
    HolderPlace.PROVINCE: Place.PROVINCE,
    HolderPlace.OUTSIDE: Place.OUTSIDE,
}


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
