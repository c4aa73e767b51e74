"""What a form of one unit offers: batches to take from, records still open to be followed, its usual wastes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, literal, select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.types import ZERO, TonnesType, total
from hwrisk.imports.cells import format_tonnes
from hwrisk.ledger.models import EntryKind, LedgerEntry, UnitWaste
from hwrisk.ledger.storage.models import StorageBatch

MOST = 300
"""Choices offered at once; whoever has more types the number."""
TAKES_UP = (EntryKind.STORED_IN, EntryKind.SELF_TREATED, EntryKind.ENTRUSTED, EntryKind.RETURNED)


class Choice(NamedTuple):
    """A number that may be chosen, what it is, and the tonnes still open."""

    number: str
    label: str
    waste_code: str
    waste_name: str
    left: Decimal

    @property
    def shown(self) -> str:
        """The choice as a form shows it."""
        return f"{self.number} · {self.label} · {format_tonnes(self.left)} 吨"


def batches_to_take(session: Session, unit_id: int) -> list[Choice]:
    """Return the batches of a unit that hold something, oldest first (unknown age before all)."""
    rows = session.execute(
        select(StorageBatch.batch_no, StorageBatch.waste_code, StorageBatch.waste_name, StorageBatch.remaining)
        .where(StorageBatch.unit_id == unit_id, StorageBatch.remaining > ZERO)
        .order_by(
            StorageBatch.first_stored_on.is_not(None), StorageBatch.first_stored_on, StorageBatch.entered_on,
            StorageBatch.id,
        )
        .limit(MOST)
    )  # fmt: skip
    return [Choice(number, f"{name} {code}".strip(), code, name, left) for number, code, name, left in rows]


def outs_open(session: Session, unit_id: int) -> list[Choice]:
    """Return what left the store, or never entered it, and has no destination recorded yet; the latest first."""
    return _open(session, unit_id, (EntryKind.STORED_OUT, EntryKind.GENERATED))


def generations_open(session: Session, unit_id: int) -> list[Choice]:
    """Return the generation records that were not wholly stored or taken away, the latest first."""
    return _open(session, unit_id, (EntryKind.GENERATED,))


def loads_open(session: Session, unit_id: int) -> list[Choice]:
    """Return the entrusted loads of which no receipt is recorded and not everything came back, the latest first."""
    receipt = aliased(LedgerEntry)
    received = exists().where(
        receipt.predecessor_id == LedgerEntry.id, receipt.kind == EntryKind.RECEIVED, _stands(receipt)
    )
    return _open(session, unit_id, (EntryKind.ENTRUSTED,), ~received)


def usual_wastes(session: Session, unit_id: int) -> Sequence[UnitWaste]:
    """Return the wastes of a unit by code and name."""
    return session.scalars(
        select(UnitWaste)
        .where(UnitWaste.unit_id == unit_id)
        .order_by(UnitWaste.waste_code, UnitWaste.waste_name)
        .limit(MOST)
    ).all()


def _open(
    session: Session, unit_id: int, kinds: tuple[EntryKind, ...], *conditions: ColumnElement[bool]
) -> list[Choice]:
    follower, adjustment, other = aliased(LedgerEntry), aliased(LedgerEntry), aliased(LedgerEntry)
    # An adjusted 入库 takes up what it became; other followers cannot be adjusted.
    changed = (
        select(total(other.stock_delta)).where(other.adjusts_id == follower.id).correlate(follower).scalar_subquery()
    )
    taken = (
        select(total(follower.quantity) + total(changed))
        .where(follower.predecessor_id == LedgerEntry.id, follower.kind.in_(TAKES_UP), _stands(follower))
        .correlate(LedgerEntry)
        .scalar_subquery()
    )
    adjusted = (
        select(total(adjustment.stock_delta))
        .where(adjustment.adjusts_id == LedgerEntry.id)
        .correlate(LedgerEntry)
        .scalar_subquery()
    )
    is_out = LedgerEntry.kind == EntryKind.STORED_OUT
    left: Any = LedgerEntry.quantity - taken - case((is_out, adjusted), else_=literal(ZERO, TonnesType()))
    rows = session.execute(
        select(
            LedgerEntry.entry_no, LedgerEntry.kind, LedgerEntry.occurred_on, LedgerEntry.waste_code,
            LedgerEntry.waste_name, LedgerEntry.receiver_name, left.label("left"),
        )
        .where(
            and_(LedgerEntry.unit_id == unit_id, LedgerEntry.kind.in_(kinds), _stands(LedgerEntry)),
            left > ZERO,
            *conditions,
        )
        .order_by(LedgerEntry.occurred_on.desc(), LedgerEntry.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return [Choice(row.entry_no, _label(row), row.waste_code, row.waste_name, row.left) for row in rows]


def _label(row: Any) -> str:
    parts = (f"{row.occurred_on} {row.kind.label}", row.waste_name, row.waste_code, row.receiver_name)
    return " ".join(part for part in parts if part)


def _stands(entry: Any) -> ColumnElement[bool]:
    cancelling = aliased(LedgerEntry)
    return ~exists().where(cancelling.cancels_id == entry.id)
