"""Who a receiver of the ledger is: told by licence number, then by name; unknown ones are named, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.types import Labelled
from hwrisk.ledger.models import ReceiverKind
from hwrisk.permits.models import HolderPlace
from hwrisk.permits.queries.terms import LicenceHead, heads_of
from hwrisk.units.models import UnitVersion
from hwrisk.units.queries import on_or_first


class Place(Labelled):
    """Where entrusted waste went (去向)."""

    CITY = "city", "市内"
    PROVINCE = "province", "省内市外"
    OUTSIDE = "outside", "省外"
    ABROAD = "abroad", "境外"
    COLLECTED = "collected", "交收集单位"
    UNKNOWN = "unknown", "去向不明"


_PLACES: Mapping[HolderPlace, Place] = {
    HolderPlace.CITY: Place.CITY,
    HolderPlace.PROVINCE: Place.PROVINCE,
    HolderPlace.OUTSIDE: Place.OUTSIDE,
}


class Licensees:
    """Tells the licence of a receiver; licences are read once."""

    def __init__(self, session: Session, *, as_of: date) -> None:
        self._heads = heads_of(session, as_of=as_of)
        self._by_number = {head.licence_no: number for number, head in self._heads.items()}
        self._by_name = {head.holder: number for number, head in self._heads.items() if head.holder}

    def licence_of(self, name: str, licence_no: str) -> tuple[int | None, str]:
        """Return the id of the licence a receiver works under and what told it; None where nothing does."""
        by_number = self._by_number.get(licence_no.strip()) if licence_no.strip() else None
        if by_number is not None:
            return by_number, "按许可证编号"
        return self._by_name.get(name.strip()), "按单位名称"

    def head(self, licence_id: int) -> LicenceHead:
        """Return what is known of a licence."""
        return self._heads[licence_id]


class Receivers(Licensees):
    """Tells the place of a receiver; licences and the names of units are read once."""

    def __init__(self, session: Session, *, as_of: date) -> None:
        super().__init__(session, as_of=as_of)
        self._units = set(session.scalars(select(UnitVersion.name).where(on_or_first(as_of))))

    def place(self, name: str, licence_no: str, kind: ReceiverKind | None) -> tuple[Place, str, str]:
        """Return place, what told it, and the public id of the licence (empty: none)."""
        found, basis = self.licence_of(name, licence_no)
        head = None if found is None else self.head(found)
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
