"""What stands behind a value: its batches with unit, waste and days, sums by group, and the ledger records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from hwrisk.catalogue.models import StreamTag
from hwrisk.db.chunks import chunked
from hwrisk.db.history import in_force
from hwrisk.db.types import total
from hwrisk.indicators.models import IndicatorValue
from hwrisk.indicators.naming import unit_names
from hwrisk.indicators.overdue.computing import RateRow
from hwrisk.indicators.overdue.models import IndicatorRow
from hwrisk.indicators.overdue.timelines import chain_by_batch
from hwrisk.indicators.periods import ONE_DAY
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.storage.models import BatchTag, DisposalPlan, FacilityVersion, StorageBatch, StorageFacility
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.web.paging import Page, SortKey, page_of

FIGURES = ("due", "completed", "in_transit", "to_collector", "lost", "returned", "in_store")
WHEREABOUTS = (
    ("in_store", "仍在库"),
    ("in_transit", "在途"),
    ("to_collector", "交收集贮存单位"),
    ("lost", "盘亏"),
    ("returned", "其间退回"),
)
NO_PLAN = "未填处置计划"
NO_STREAM = "其他"


class RowFigures(NamedTuple):
    """The tonnes of one batch in one value."""

    batch_id: int
    unit_id: int
    counted_on: date
    due: Decimal
    completed: Decimal
    in_transit: Decimal
    to_collector: Decimal
    lost: Decimal
    returned: Decimal
    in_store: Decimal
    tag: BatchTag
    stream: str


class RowDetail(NamedTuple):
    """One batch behind a value, ready to show; quantities in tonnes."""

    figures: RowFigures
    batch_public_id: UUID
    batch_no: str
    unit_public_id: UUID
    unit_no: str
    unit_name: str
    """Name on the day the batch was counted."""
    waste_code: str
    waste_name: str
    facility: str
    first_stored_on: date | None
    """None: entry day unknown (入库日期不详)."""
    last_lawful_on: date | None
    overdue_from: date | None
    stream_label: str
    reason: str
    """Reason of the latest disposal plan (处置计划), or empty."""

    @property
    def counted_on(self) -> date:
        """First overdue day of the batch in the period."""
        return self.figures.counted_on

    @property
    def apart(self) -> list[tuple[str, Decimal]]:
        """What is not completed, by where it is, and what came back on the way; zeros are left out."""
        found = [(label, getattr(self.figures, name)) for name, label in WHEREABOUTS]
        return [(label, quantity) for label, quantity in found if quantity]

    @property
    def tag_label(self) -> str:
        """The circumstance, or empty."""
        return "" if self.figures.tag is BatchTag.NONE else self.figures.tag.label


class GroupSum(NamedTuple):
    """Sums of one group of rows."""

    key: str
    label: str
    batches: int
    due: Decimal
    completed: Decimal


def figures_of_row(row: IndicatorRow) -> RowFigures:
    """Return the tonnes of a stored row."""
    tonnes = {name: getattr(row, name) for name in FIGURES}
    tag = BatchTag(row.tag or "none")
    return RowFigures(row.batch_id, row.unit_id, row.counted_on, tag=tag, stream=row.stream, **tonnes)


def figures_of_rate_row(row: RateRow) -> RowFigures:
    """Return the tonnes of a row worked out on the spot."""
    tonnes = {name: getattr(row.disposal, name) for name in FIGURES}
    return RowFigures(row.batch_id, row.unit_id, row.disposal.counted_on, tag=row.tag, stream=row.stream, **tonnes)


def value_page(session: Session, value: IndicatorValue, *, cursor: str | None = None) -> Page[RowDetail]:
    """Return one page of the batches behind a stored value, by first overdue day and batch."""
    keys = (
        SortKey(IndicatorRow.counted_on, lambda row: row.counted_on),
        SortKey(IndicatorRow.id, lambda row: row.id),
    )
    found = page_of(session, _rows_of(value), keys=keys, cursor=cursor)
    shown = row_details(session, map(figures_of_row, found.rows))
    return Page(shown, found.next_cursor, found.previous_cursor)


def value_details(session: Session, value: IndicatorValue) -> Iterator[RowDetail]:
    """Yield all batches behind a stored value, by first overdue day and batch."""
    rows = session.scalars(_rows_of(value).order_by(IndicatorRow.counted_on, IndicatorRow.id))
    yield from stream_details(session, map(figures_of_row, rows))


def stream_details(session: Session, rows: Iterable[RowFigures]) -> Iterator[RowDetail]:
    """Yield the rows with their batches; three statements per few hundred rows."""
    for chunk in chunked(rows):
        yield from row_details(session, chunk)


def row_details(session: Session, rows: Iterable[RowFigures]) -> list[RowDetail]:
    """Return the rows with their batches, in the order given."""
    rows = list(rows)
    facts = {row.id: row for row in session.execute(_batch_facts([row.batch_id for row in rows]))}
    names = unit_names(session, [(row.unit_id, row.counted_on) for row in rows])
    streams = {row.tag: row.label for row in session.execute(select(StreamTag.tag, StreamTag.label))}
    return [
        _detail(row, facts[row.batch_id], names[row.unit_id, row.counted_on], streams.get(row.stream, row.stream))
        for row in rows
    ]


def groups(session: Session, value: IndicatorValue) -> dict[str, list[GroupSum]]:
    """Return the sums behind a stored value by unit, stream, circumstance and reason, the largest first each."""
    unit_name = aliased(UnitVersion)
    by_unit = (
        select(Unit.unit_no, unit_name.name, *_sums())
        .join(Unit, Unit.id == IndicatorRow.unit_id)
        .outerjoin(unit_name, and_(unit_name.unit_id == Unit.id, in_force(unit_name, value.period_end - ONE_DAY)))
        .group_by(Unit.unit_no, unit_name.name)
    )
    reason = func.coalesce(_latest_reason(), "")
    by_reason = (
        select(reason, reason, *_sums()).join(StorageBatch, StorageBatch.id == IndicatorRow.batch_id).group_by(reason)
    )
    by_stream = (
        select(IndicatorRow.stream, func.coalesce(StreamTag.label, ""), *_sums())
        .outerjoin(StreamTag, StreamTag.tag == IndicatorRow.stream)
        .group_by(IndicatorRow.stream, StreamTag.label)
    )
    by_tag = select(IndicatorRow.tag, IndicatorRow.tag, *_sums()).group_by(IndicatorRow.tag)

    def read(statement: Any, name: Callable[[str, str | None], str]) -> list[GroupSum]:
        found = session.execute(statement.where(IndicatorRow.value_id == value.id))
        sums = [GroupSum(key, name(key, label), *rest) for key, label, *rest in found]
        return sorted(sums, key=lambda s: (-s.due, s.key))

    return {
        "unit": read(by_unit, lambda key, label: label or key),
        "stream": read(by_stream, lambda key, label: label or key or NO_STREAM),
        "tag": read(by_tag, lambda key, _label: BatchTag(key or "none").label if key != "none" else "无特殊情形"),
        "reason": read(by_reason, lambda key, _label: key or NO_PLAN),
    }


def batch_entries(session: Session, batch_ids: Iterable[int]) -> dict[int, list[LedgerEntry]]:
    """Return the ledger records that make up each batch's account, by day: its own and what followed its outs."""
    chain = chain_by_batch(session, batch_ids)
    wanted = sorted({entry_id for ids in chain.values() for entry_id in ids})
    entries: dict[int, LedgerEntry] = {}
    for chunk in chunked(wanted):
        entries.update((e.id, e) for e in session.scalars(select(LedgerEntry).where(LedgerEntry.id.in_(chunk))))
    return {
        batch_id: sorted((entries[i] for i in ids), key=lambda e: (e.occurred_on, e.id))
        for batch_id, ids in chain.items()
    }


def _rows_of(value: IndicatorValue) -> Any:
    return select(IndicatorRow).where(IndicatorRow.value_id == value.id)


def _sums() -> tuple[Any, Any, Any]:
    return func.count(IndicatorRow.id), total(IndicatorRow.due), total(IndicatorRow.completed)


def _latest_reason() -> Any:
    newest = aliased(DisposalPlan)
    return (
        select(newest.reason)
        .where(newest.batch_id == StorageBatch.id)
        .order_by(newest.id.desc())
        .limit(1)
        .correlate(StorageBatch)
        .scalar_subquery()
    )


def _batch_facts(batch_ids: Sequence[int]) -> Any:
    facility = aliased(FacilityVersion)
    return (
        select(
            StorageBatch.id, StorageBatch.public_id, StorageBatch.batch_no, StorageBatch.waste_code,
            StorageBatch.waste_name, StorageBatch.first_stored_on, StorageBatch.last_lawful_on,
            StorageBatch.overdue_from, Unit.public_id.label("unit_public_id"), Unit.unit_no,
            StorageFacility.code.label("facility_code"), facility.name.label("facility_name"),
            _latest_reason().label("reason"),
        )
        .join(Unit, Unit.id == StorageBatch.unit_id)
        .join(StorageFacility, StorageFacility.id == StorageBatch.facility_id)
        .outerjoin(
            facility,
            and_(facility.facility_id == StorageFacility.id, in_force(facility, StorageBatch.entered_on)),
        )
        .where(StorageBatch.id.in_(batch_ids))
    )  # fmt: skip


def _detail(row: RowFigures, batch: Any, unit_name: str, stream_label: str) -> RowDetail:
    return RowDetail(
        figures=row,
        batch_public_id=batch.public_id,
        batch_no=batch.batch_no,
        unit_public_id=batch.unit_public_id,
        unit_no=batch.unit_no,
        unit_name=unit_name,
        waste_code=batch.waste_code,
        waste_name=batch.waste_name,
        facility=f"{batch.facility_code} {batch.facility_name or ''}".strip(),
        first_stored_on=batch.first_stored_on,
        last_lawful_on=batch.last_lawful_on,
        overdue_from=batch.overdue_from,
        stream_label=stream_label,
        reason=batch.reason or "",
    )
