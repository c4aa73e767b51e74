"""One batch (贮存批次): its records with the running stock, what came before and after, its extensions and plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.history import in_force
from hwrisk.errors import NotFound
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.storage.models import (
    DisposalPlan,
    FacilityVersion,
    Lot,
    LotMember,
    StorageBatch,
    StorageExtension,
    StorageFacility,
)
from hwrisk.ledger.storage.queries.expressions import is_in_store
from hwrisk.ledger.storage.queries.rows import BatchRow, RowReader, batches_statement, facility_label
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids


class EntryLine(NamedTuple):
    """A record of a batch, where it lies, and the stock of the batch after it (tonnes)."""

    entry: LedgerEntry
    facility: str
    stock: Decimal
    is_cancelled: bool


class LotMate(NamedTuple):
    """Another batch of the same lot (合并批)."""

    public_id: UUID
    batch_no: str
    joined_on: date
    remaining: Decimal


class BatchFile(NamedTuple):
    """Everything about one batch on a day."""

    row: BatchRow
    quantity: Decimal
    """Tonnes that entered, as first recorded."""
    lines: list[EntryLine]
    before: Sequence[LedgerEntry]
    """Records it came from (产生 …), by day."""
    after: Sequence[LedgerEntry]
    """Records that follow what left: treatment, loads, receipts, returns; by day."""
    extensions: Sequence[StorageExtension]
    plans: Sequence[DisposalPlan]
    """Latest first."""
    lot: Lot | None
    mates: list[LotMate]


def get_batch(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> StorageBatch:
    """Return the batch with this public id.

    Raises:
        NotFound: there is none, or its unit is out of sight of `user` on `as_of`.
    """
    batch = session.scalars(
        select(StorageBatch).where(
            StorageBatch.public_id == public_id, StorageBatch.unit_id.in_(visible_unit_ids(user, as_of=as_of))
        )
    ).one_or_none()
    if batch is None:
        raise NotFound
    return batch


def get_extension(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> StorageExtension:
    """Return the extension with this public id.

    Raises:
        NotFound: there is none, or its unit is out of sight of `user` on `as_of`.
    """
    extension = session.scalars(
        select(StorageExtension)
        .join(StorageBatch, StorageBatch.id == StorageExtension.batch_id)
        .where(StorageExtension.public_id == public_id, StorageBatch.unit_id.in_(visible_unit_ids(user, as_of=as_of)))
    ).one_or_none()
    if extension is None:
        raise NotFound
    return extension


def batch_file(session: Session, public_id: UUID, *, user: Viewer, as_of: date) -> BatchFile:
    """Return the file of a batch as it stands on `as_of`, in a fixed number of statements.

    Raises:
        NotFound: there is none, or its unit is out of sight of `user` on `as_of`.
    """
    found = session.execute(
        batches_statement(user, as_of=as_of)
        .add_columns(StorageBatch.quantity, StorageBatch.origin_entry_id)
        .where(StorageBatch.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    lines = _lines(session, found.id, as_of)
    lot = session.scalars(select(Lot).join(LotMember).where(LotMember.batch_id == found.id)).one_or_none()
    return BatchFile(
        row=RowReader(session, as_of=as_of).read([found])[0],
        quantity=found.quantity,
        lines=lines,
        before=_before(session, [line.entry for line in lines], found.origin_entry_id),
        after=_after(session, [line.entry.id for line in lines], as_of),
        extensions=session.scalars(
            select(StorageExtension)
            .where(StorageExtension.batch_id == found.id, StorageExtension.applied_on <= as_of)
            .order_by(StorageExtension.applied_on, StorageExtension.id)
        ).all(),
        plans=session.scalars(
            select(DisposalPlan).where(DisposalPlan.batch_id == found.id).order_by(DisposalPlan.id.desc())
        ).all(),
        lot=lot,
        mates=_mates(session, lot, found.id) if lot else [],
    )


def mergeable_with(session: Session, batch: StorageBatch, *, as_of: date) -> Sequence[StorageBatch]:
    """Return the other batches of the same unit and waste that are in store and in no lot, oldest first."""
    return session.scalars(
        select(StorageBatch)
        .outerjoin(LotMember, LotMember.batch_id == StorageBatch.id)
        .where(
            StorageBatch.unit_id == batch.unit_id,
            StorageBatch.waste_code == batch.waste_code,
            StorageBatch.id != batch.id,
            LotMember.id.is_(None),
            StorageBatch.remaining > 0,
            is_in_store(as_of),
        )
        .order_by(StorageBatch.entered_on, StorageBatch.id)
    ).all()


def _lines(session: Session, batch_id: int, as_of: date) -> list[EntryLine]:
    cancelling = aliased(LedgerEntry)
    running = func.sum(LedgerEntry.stock_delta).over(order_by=(LedgerEntry.occurred_on, LedgerEntry.id), rows=(None, 0))
    rows = session.execute(
        select(LedgerEntry, StorageFacility.code, FacilityVersion.name, FacilityVersion.kind, running, cancelling.id)
        .join(StorageFacility, StorageFacility.id == LedgerEntry.facility_id)
        .outerjoin(
            FacilityVersion,
            (FacilityVersion.facility_id == StorageFacility.id) & in_force(FacilityVersion, LedgerEntry.occurred_on),
        )
        .outerjoin(cancelling, cancelling.cancels_id == LedgerEntry.id)
        .where(LedgerEntry.batch_id == batch_id, LedgerEntry.occurred_on <= as_of)
        .order_by(LedgerEntry.occurred_on, LedgerEntry.id)
    )
    return [
        EntryLine(entry, facility_label(code, name, kind), stock, cancel_id is not None)
        for entry, code, name, kind, stock, cancel_id in rows
    ]


def _before(session: Session, own: Sequence[LedgerEntry], origin_id: int | None) -> Sequence[LedgerEntry]:
    known = {entry.id for entry in own}
    wanted = {entry.predecessor_id for entry in own if entry.predecessor_id} - known
    if origin_id:
        wanted.add(origin_id)
    # A load that came back is what follows the out, not what came before the batch.
    return _in_order(session, LedgerEntry.id.in_(wanted) & LedgerEntry.batch_id.is_(None) & _is_no_load())


def _after(session: Session, own: Iterable[int], as_of: date) -> Sequence[LedgerEntry]:
    own = list(own)
    first = select(LedgerEntry.id).where(LedgerEntry.predecessor_id.in_(own))
    follows = or_(LedgerEntry.predecessor_id.in_(own), LedgerEntry.predecessor_id.in_(first))
    of_these = select(LedgerEntry.id).where(follows)
    cancelled = LedgerEntry.cancels_id.in_(of_these)
    return _in_order(session, or_(follows, cancelled) & (LedgerEntry.occurred_on <= as_of) & LedgerEntry.id.not_in(own))


def _is_no_load() -> Any:
    return LedgerEntry.receiver_kind.is_(None)


def _in_order(session: Session, condition: Any) -> Sequence[LedgerEntry]:
    return session.scalars(select(LedgerEntry).where(condition).order_by(LedgerEntry.occurred_on, LedgerEntry.id)).all()


def _mates(session: Session, lot: Lot, batch_id: int) -> list[LotMate]:
    rows = session.execute(
        select(StorageBatch.public_id, StorageBatch.batch_no, LotMember.joined_on, StorageBatch.remaining)
        .join(StorageBatch, StorageBatch.id == LotMember.batch_id)
        .where(LotMember.lot_id == lot.id, LotMember.batch_id != batch_id)
        .order_by(StorageBatch.entered_on, StorageBatch.id)
    )
    return [LotMate(*row) for row in rows]
