"""Why a revised value differs from the frozen one: the batches that differ, and what was recorded since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import false, func, or_, select, true
from sqlalchemy.orm import Session

from hwrisk.db.chunks import chunked
from hwrisk.indicators.models import IndicatorValue, ScopeKind
from hwrisk.indicators.overdue.explanation import RowDetail, RowFigures, batch_entries, figures_of_row, row_details
from hwrisk.indicators.overdue.models import IndicatorRow
from hwrisk.indicators.overdue.timelines import EXTENSION_KNOWN_AT
from hwrisk.indicators.periods import ONE_DAY
from hwrisk.indicators.scopes import UNDETERMINED, RegionBook
from hwrisk.ledger.models import LedgerStatement
from hwrisk.ledger.storage.models import DisposalPlan, Lot, LotMember, StorageExtension
from hwrisk.units.models import Unit, UnitVersion


class Difference(NamedTuple):
    """One batch that stands otherwise in the revised value; a side that does not have it is None."""

    detail: RowDetail
    before: RowFigures | None
    after: RowFigures | None

    @property
    def due_change(self) -> Decimal:
        """By how much the denominator changed, in tonnes."""
        return _figure(self.after, "due") - _figure(self.before, "due")

    @property
    def completed_change(self) -> Decimal:
        """By how much the numerator changed, in tonnes."""
        return _figure(self.after, "completed") - _figure(self.before, "completed")


class Cause(NamedTuple):
    """One thing recorded after the frozen value was drawn that touches a batch or unit that differs."""

    recorded_at: datetime
    label: str
    text: str
    """What was recorded, in words."""
    recorded_by: str
    batch_no: str
    """Empty for what concerns a whole unit."""
    unit_name: str
    entry_public_id: UUID | None
    """Of a ledger record; else None."""


class Changes(NamedTuple):
    """Why two values differ: the batches, and what was recorded between the two cut-offs."""

    differences: list[Difference]
    causes: list[Cause]


def changes(session: Session, frozen: IndicatorValue, revised: IndicatorValue) -> Changes:
    """Return what makes `revised` differ from `frozen`: batches by first overdue day, causes by the instant recorded.

    A cause is a ledger record, extension, merging, disposal plan or unit state recorded after the cut-off of
    the frozen value (and not after the revised one's) on a batch or unit that differs; where the number of unreported
    units differs, also the ledger confirmations of those days.
    """
    before, after = _figures(session, frozen), _figures(session, revised)
    touched = sorted(batch_id for batch_id in {*before, *after} if before.get(batch_id) != after.get(batch_id))
    shown = row_details(session, [after.get(i) or before[i] for i in touched])
    differences = [Difference(detail, before.get(i), after.get(i)) for i, detail in zip(touched, shown, strict=True)]
    window = _Window(frozen.known_at, revised.known_at)
    found = [
        *_ledger_causes(session, differences, window),
        *_batch_causes(session, differences, window),
        *_unit_causes(session, {d.detail.figures.unit_id for d in differences}, window),
    ]
    if frozen.unreported_units != revised.unreported_units:
        found += _statement_causes(session, revised, window)
    return Changes(
        sorted(differences, key=lambda d: (d.detail.counted_on, d.detail.batch_no)),
        sorted(found, key=lambda c: (c.recorded_at, c.label, c.text)),
    )


class _Window(NamedTuple):
    after: datetime
    until: datetime

    def covers(self, column: Any) -> Any:
        return (column > self.after) & (column <= self.until)

    def holds(self, instant: datetime) -> bool:
        return self.after < instant <= self.until


def _figures(session: Session, value: IndicatorValue) -> dict[int, RowFigures]:
    rows = session.scalars(select(IndicatorRow).where(IndicatorRow.value_id == value.id))
    return {row.batch_id: figures_of_row(row) for row in rows}


def _figure(row: RowFigures | None, name: str) -> Decimal:
    return Decimal(0) if row is None else getattr(row, name)


def _ledger_causes(session: Session, differences: Sequence[Difference], window: _Window) -> list[Cause]:
    by_batch = {d.detail.figures.batch_id: d.detail for d in differences}
    return [
        Cause(
            entry.recorded_at, entry.kind.label,
            f"{entry.entry_no} {entry.occurred_on:%Y-%m-%d} {entry.quantity} 吨{_remark(entry.remark)}",
            entry.recorded_by, by_batch[batch_id].batch_no, by_batch[batch_id].unit_name, entry.public_id,
        )
        for batch_id, entries in batch_entries(session, by_batch).items()
        for entry in entries
        if window.holds(entry.recorded_at)
    ]  # fmt: skip


def _batch_causes(session: Session, differences: Sequence[Difference], window: _Window) -> list[Cause]:
    by_batch = {d.detail.figures.batch_id: d.detail for d in differences}
    found = []
    for chunk in chunked(sorted(by_batch)):
        extensions = select(StorageExtension).where(
            StorageExtension.batch_id.in_(chunk), window.covers(EXTENSION_KNOWN_AT)
        )
        for extension in session.scalars(extensions):
            decided = extension.approved_on and f"{extension.approved_on:%Y-%m-%d}"
            until = extension.until and f"{extension.until:%Y-%m-%d}"
            text = f"{extension.state.label} {decided or ''} 延长至 {until or '—'} {extension.document_no}".strip()
            known_at = extension.decided_at or extension.recorded_at
            found.append(_cause(by_batch, extension, "延长贮存期限", text, extension.recorded_by, at=known_at))
        plans = select(DisposalPlan).where(DisposalPlan.batch_id.in_(chunk), window.covers(DisposalPlan.recorded_at))
        for plan in session.scalars(plans):
            text = f"{plan.reason}，计划 {plan.planned_on:%Y-%m-%d}"
            found.append(_cause(by_batch, plan, "处置计划", text, plan.recorded_by))
        for member, lot in session.execute(
            select(LotMember, Lot)
            .join(Lot, Lot.id == LotMember.lot_id)
            .where(LotMember.batch_id.in_(chunk), window.covers(LotMember.recorded_at))
        ):
            found.append(_cause(by_batch, member, "合并批", f"{lot.lot_no} 自 {member.joined_on:%Y-%m-%d}", ""))
    return found


def _cause(
    by_batch: dict[int, RowDetail], row: Any, label: str, text: str, recorded_by: str, *, at: datetime | None = None
) -> Cause:
    detail = by_batch[row.batch_id]
    return Cause(at or row.recorded_at, label, text, recorded_by, detail.batch_no, detail.unit_name, None)


def _unit_causes(session: Session, unit_ids: Iterable[int], window: _Window) -> list[Cause]:
    found = []
    for chunk in chunked(sorted(unit_ids)):
        for version in session.scalars(
            select(UnitVersion).where(UnitVersion.unit_id.in_(chunk), window.covers(UnitVersion.recorded_at))
        ):
            text = f"自 {version.valid_from:%Y-%m-%d}：{version.status.label}，管辖单位 {version.office_code or '待定'}"
            reason = f"（{version.reason}）" if version.reason else ""
            found.append(
                Cause(version.recorded_at, "单位情形", text + reason, version.recorded_by, "", version.name, None)
            )
    return found


def _statement_causes(session: Session, value: IndicatorValue, window: _Window) -> list[Cause]:
    rows = session.execute(
        select(LedgerStatement, Unit.unit_no, UnitVersion.name)
        .join(Unit, Unit.id == LedgerStatement.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(
            window.covers(LedgerStatement.recorded_at),
            LedgerStatement.covers_from < value.period_end,
            LedgerStatement.covers_until > value.period_start,
            UnitVersion.superseded_at.is_(None),
            UnitVersion.valid_from < value.period_end,
            or_(UnitVersion.valid_until.is_(None), UnitVersion.valid_until >= value.period_end),
            _in_scope(session, value),
        )
    )
    return [
        Cause(
            statement.recorded_at, "台账确认",
            f"{unit_no} 确认 {statement.covers_from:%Y-%m-%d} 至 {statement.covers_until:%Y-%m-%d}（不含）",
            statement.made_by, "", name, None,
        )
        for statement, unit_no, name in rows
    ]  # fmt: skip


def _in_scope(session: Session, value: IndicatorValue) -> Any:
    """Return the predicate on `UnitVersion` that a unit belongs to the scope of a value at the end of its period."""
    if value.scope_kind is ScopeKind.CITY:
        return true()
    if value.scope_kind is ScopeKind.OFFICE:
        return func.coalesce(UnitVersion.office_code, UNDETERMINED) == value.scope_code
    where = RegionBook(session).on(value.period_end - ONE_DAY)
    codes = [code for code, district in where.district_of.items() if district == value.scope_code]
    nowhere = UnitVersion.admin_code.is_(None) if value.scope_code == UNDETERMINED else false()
    return or_(UnitVersion.admin_code.in_(codes), nowhere)


def _remark(text: str) -> str:
    return f"（{text}）" if text else ""
