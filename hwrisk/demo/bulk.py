"""Making many units at once: the rows that registering one by one would make, in a few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.db.base import new_public_id
from hwrisk.db.ids import reserve_ids
from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.ledger.models import LedgerStatement
from hwrisk.ledger.posting import post_many
from hwrisk.ledger.storage.models import FacilityKind, FacilityVersion, StorageFacility

POSTED_AT_ONCE = 4000


@dataclass(frozen=True, kw_only=True)
class NewFacility:
    """A storage facility to be registered."""

    unit_id: int
    code: str
    name: str
    kind: FacilityKind
    capacity: Decimal
    valid_from: date


def register_facilities(session: Session, news: Sequence[NewFacility], *, hand: Hand) -> list[int]:
    """Register storage facilities and return their ids in order; one audit entry tells of all of them."""
    ids = reserve_ids(session, StorageFacility, len(news))
    at = hand.recorded_at or now()
    session.execute(
        insert(StorageFacility),
        [
            {"id": number, "public_id": new_public_id(), "unit_id": new.unit_id, "code": new.code, "recorded_at": at}
            for number, new in zip(ids, news, strict=True)
        ],
    )
    session.execute(
        insert(FacilityVersion),
        [
            {
                "facility_id": number, "name": new.name, "kind": new.kind, "spot_grade": "", "capacity": new.capacity,
                "valid_from": new.valid_from, "recorded_at": at,
            }
            for number, new in zip(ids, news, strict=True)
        ],
    )  # fmt: skip
    audit.record(session, hand.viewer, "facility.register", "storage_facility", ids[0], summary={"设施数": len(ids)})
    return ids


def confirm_ledgers(session: Session, periods: Iterable[tuple[int, date]], *, hand: Hand) -> None:
    """Record the word of many units that their ledgers are complete, from a day of each up to `hand.as_of`."""
    rows = [
        {
            "public_id": new_public_id(), "unit_id": unit_id, "covers_from": since, "covers_until": hand.as_of,
            "is_zero": False, "made_by": hand.viewer.label, "recorded_at": hand.recorded_at or now(),
        }
        for unit_id, since in periods
    ]  # fmt: skip
    if rows:
        session.execute(insert(LedgerStatement), rows)
        audit.record(session, hand.viewer, "ledger.confirm", "unit", rows[0]["unit_id"], summary={"单位数": len(rows)})


def post_all(session: Session, ledgers: Iterable[Sequence[Draft]], *, hand: Hand) -> int:
    """Post whole ledgers of units, several at a time, and return how many records there are."""
    made, waiting = 0, list[Draft]()
    for ledger in ledgers:
        waiting += ledger
        if len(waiting) >= POSTED_AT_ONCE:
            made += len(post_many(session, waiting, hand).entry_ids)
            waiting = []
    return made + len(post_many(session, waiting, hand).entry_ids)
