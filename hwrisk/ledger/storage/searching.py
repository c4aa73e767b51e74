"""Storage batches in the search box."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.ledger.storage.models import StorageBatch
from hwrisk.search import SearchDoc, SearchSource
from hwrisk.security.permissions import Permission
from hwrisk.units.models import UnitVersion
from hwrisk.units.queries import on_or_first

KIND = "storage_batch"


def doc_of(batch: StorageBatch, version: UnitVersion) -> SearchDoc:
    """Return how a batch is found while its unit is in the state `version`."""
    return SearchDoc(
        kind=KIND,
        ref=str(batch.public_id),
        title=batch.batch_no,
        subtitle=f"{version.name} · {batch.waste_name or batch.waste_code} · {batch.entered_on:%Y-%m-%d} 入库",
        link=f"/storage/batches/{batch.public_id}",
        codes=(batch.batch_no, batch.waste_code),
        office_code=version.office_code,
        park_id=version.park_id,
        unit_id=batch.unit_id,
        permission=Permission.STORAGE_READ,
    )


def all_docs(session: Session) -> Iterable[SearchDoc]:
    """Yield every batch with its unit as it stands today."""
    rows = session.execute(
        select(StorageBatch, UnitVersion)
        .join(UnitVersion, UnitVersion.unit_id == StorageBatch.unit_id)
        .where(on_or_first(today()))
        .order_by(StorageBatch.id)
    )
    return (doc_of(batch, version) for batch, version in rows)


SOURCE = SearchSource(kind=KIND, label="贮存批次", rows=all_docs)
