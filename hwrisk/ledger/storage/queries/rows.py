"""Rows of stored batches as pages and exports show them, and the statement they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from hwrisk.catalogue.models import StreamTag
from hwrisk.clock import LOCAL_ZONE
from hwrisk.db.chunks import chunked
from hwrisk.db.history import in_force
from hwrisk.db.types import ZERO, total
from hwrisk.ledger.models import LedgerEntry, UnitWaste
from hwrisk.ledger.storage.limits import LimitBook, limit_book
from hwrisk.ledger.storage.models import BatchTag, DisposalPlan, FacilityVersion, StorageBatch, StorageFacility
from hwrisk.ledger.storage.queries.conditions import StorageState
from hwrisk.ledger.storage.queries.expressions import extended_until, is_overdue, is_pending, left_on, stock_on
from hwrisk.ledger.storage.queries.settings import warning_lead_days
from hwrisk.ledger.storage.rules import ONE_DAY, Limit
from hwrisk.regions.models import RegionVersion
from hwrisk.rulepacks.queries import Citation, citations
from hwrisk.rulepacks.trust import Trust
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import ManagementClass, Unit, UnitRole, UnitStatus, UnitVersion
from hwrisk.units.scope import visible_units


class StorageTotals(NamedTuple):
    """Number of batches, tonnes in store at the end of the day, and tonnes that left on the day itself."""

    batches: int
    tonnes: Decimal
    left: Decimal


class BatchRow(NamedTuple):
    """A batch on a day, with everything a list of stored waste shows; quantities in tonnes."""

    id: int
    public_id: UUID
    batch_no: str
    unit_id: int
    unit_public_id: UUID
    unit_no: str
    unit_name: str
    office_name: str
    """Supervising office, or 待定 where no source states it."""
    management_class: ManagementClass | None
    role: UnitRole
    status: UnitStatus
    responsible_party: str
    waste_code: str
    waste_name: str
    stream_label: str
    tag: BatchTag
    facility: str
    """Where it lies, code and name; several when it is spread."""
    in_store: Decimal
    left: Decimal
    """Tonnes that left on the day itself."""
    entered_on: date
    first_stored_on: date | None
    overdue_from: date | None
    last_on: date | None
    """Last lawful day as it stands on the day, with its extension; None when the entry day is unknown."""
    is_extended: bool
    """Whether an approved extension moved the last day (已延期)."""
    state: StorageState | None
    """None for a batch that is neither overdue nor soon to be."""
    days: int | None
    """Days after (before: negative) the last day, or None when it is unknown."""
    limit: Limit | None
    citation: Citation | None
    reason: str
    planned_on: date | None
    receiver: str

    @property
    def state_label(self) -> str:
        """The state in the words of its limit: 超法定期限 3 天, 3 天后到期; never 违法 for a generator."""
        match self.state:
            case StorageState.PENDING:
                return StorageState.PENDING.label
            case StorageState.OVERDUE:
                return self.overdue_label
        if not self.in_store:
            return "已无库存"
        return "无期限规定" if self.overdue_from is None else self._due_label()

    @property
    def overdue_label(self) -> str:
        """How long the batch is overdue, in the words of its limit."""
        if self.days is None or self.limit is None:
            return "超期（入库日期不详）"
        return f"{self.limit.label} {self.days} 天"

    @property
    def state_kind(self) -> str:
        """How the state is drawn: bad for overdue, warn for due soon, good otherwise."""
        if self.state in (StorageState.OVERDUE, StorageState.PENDING):
            return "bad"
        return "warn" if self.state is StorageState.DUE_SOON else "note"

    @property
    def unit_note(self) -> str:
        """Office, class or trade, and what is unusual about the unit."""
        return " · ".join(part for part in (self.office_name, self.unit_situation) if part)

    @property
    def unit_situation(self) -> str:
        """Class or trade, and what is unusual about the unit; a file has the office in its own column."""
        kind = self.role.label if self.role is not UnitRole.GENERATOR else getattr(self.management_class, "label", "")
        closed = self.status is not UnitStatus.OPERATING
        parts = [kind, self.status.label if closed else "", self.responsible_party if closed else ""]
        return " · ".join(part for part in parts if part)

    @property
    def tag_label(self) -> str:
        """The special circumstance, or empty."""
        return "" if self.tag is BatchTag.NONE else self.tag.label

    @property
    def first_label(self) -> str:
        """First 入库 of its oldest layer, in words."""
        return str(self.first_shown)

    @property
    def first_shown(self) -> date | str:
        """First 入库 of its oldest layer; a day stays a day, so that a sheet can sort by it."""
        return self.first_stored_on or "入库日期不详"

    @property
    def plan_label(self) -> str:
        """The latest disposal plan in a few words."""
        if self.planned_on is None:
            return "无计划"
        receiver = f" {self.receiver}" if self.receiver else ""
        return f"计划 {self.planned_on:%Y-%m-%d}{receiver}"

    @property
    def is_unverified(self) -> bool:
        """Whether the limit, or the clause behind it, has not been verified (待核)."""
        if self.limit is None:
            return False
        cited = self.citation is None or not self.citation.trust.is_verified
        return cited or not Trust(self.limit.trust).is_verified

    @property
    def basis(self) -> str:
        """What the limit rests on, with 待核 where it is not verified."""
        if self.limit is None:
            return ""
        source = self.citation.text if self.citation else ""
        return f"{self.limit.title}（{source}）" if source else self.limit.title

    @property
    def basis_shown(self) -> str:
        """The basis for an export, 待核 behind it unless verified."""
        return f"{self.basis}［待核］" if self.basis and self.is_unverified else self.basis

    def _due_label(self) -> str:
        left = -(self.days or 0)
        return "今日到期" if left == 0 else f"{left} 天后到期"


plan = aliased(DisposalPlan, name="latest_plan")
_entered = aliased(FacilityVersion, name="entered_facility")


def batches_statement(user: Viewer, *, as_of: date) -> Select[*tuple[Any, ...]]:
    """Return the statement for the batches of units in sight of `user` on `as_of`, for `batch_rows`."""
    office = aliased(RegionVersion)
    newest = aliased(DisposalPlan)
    newest_id = (
        select(func.max(newest.id))
        .where(newest.batch_id == StorageBatch.id, newest.recorded_at < _end_of(as_of))
        .correlate(StorageBatch)
        .scalar_subquery()
    )
    return (
        select(
            StorageBatch.id, StorageBatch.public_id, StorageBatch.batch_no, StorageBatch.unit_id,
            Unit.public_id.label("unit_public_id"), Unit.unit_no, UnitVersion.name.label("unit_name"),
            func.coalesce(office.name, "待定").label("office_name"), UnitVersion.class_set, UnitVersion.class_computed,
            UnitVersion.role, UnitVersion.status, UnitVersion.responsible_party,
            StorageBatch.waste_code, StorageBatch.waste_name, StreamTag.label.label("stream_label"), StorageBatch.tag,
            StorageFacility.code.label("facility_code"), _entered.name.label("facility_name"),
            _entered.kind.label("facility_kind"),
            stock_on(as_of).label("in_store"), left_on(as_of).label("left"),
            StorageBatch.entered_on, StorageBatch.first_stored_on, StorageBatch.last_lawful_on,
            StorageBatch.overdue_from, extended_until(as_of).label("extended_until"), StorageBatch.limit_key,
            is_overdue(as_of).label("is_overdue"), is_pending(as_of).label("is_pending"),
            plan.reason, plan.planned_on, plan.receiver,
        )
        .select_from(StorageBatch)
        .join(Unit, Unit.id == StorageBatch.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .join(StorageFacility, StorageFacility.id == StorageBatch.facility_id)
        .outerjoin(_entered, and_(_entered.facility_id == StorageFacility.id, in_force(_entered, as_of)))
        .outerjoin(office, and_(office.region_code == UnitVersion.office_code, in_force(office, as_of)))
        .outerjoin(
            UnitWaste,
            and_(
                UnitWaste.unit_id == StorageBatch.unit_id,
                UnitWaste.waste_code == StorageBatch.waste_code,
                UnitWaste.waste_name == StorageBatch.waste_name,
            ),
        )
        .outerjoin(StreamTag, StreamTag.tag == UnitWaste.tag_confirmed)
        .outerjoin(plan, plan.id == newest_id)
        .where(visible_units(user, as_of=as_of))
    )  # fmt: skip


class RowReader:
    """Turns what `batches_statement` finds into rows; what the limits rest on is loaded once."""

    def __init__(self, session: Session, *, as_of: date) -> None:
        self._session = session
        self._as_of = as_of
        self._book: LimitBook = limit_book(session)
        self._citations = citations(session, on=as_of)
        self._lead_days = warning_lead_days(session, as_of=as_of)

    def read(self, found: Iterable[Any]) -> list[BatchRow]:
        """Return the rows in the order given; one statement per few hundred."""
        found = list(found)
        places = places_of(self._session, [row.id for row in found], as_of=self._as_of)
        return [self._row(row, places.get(row.id)) for row in found]

    def _row(self, row: Any, places: str | None) -> BatchRow:
        last = _last_on(row)
        limit = self._book.limit_of(row.limit_key, row.entered_on)
        days = None if last is None else (self._as_of - last).days
        return BatchRow(
            id=row.id, public_id=row.public_id, batch_no=row.batch_no, unit_id=row.unit_id,
            unit_public_id=row.unit_public_id, unit_no=row.unit_no, unit_name=row.unit_name,
            office_name=row.office_name, management_class=row.class_set or row.class_computed, role=row.role,
            status=row.status, responsible_party=row.responsible_party, waste_code=row.waste_code,
            waste_name=row.waste_name, stream_label=row.stream_label or "", tag=row.tag,
            facility=places or facility_label(row.facility_code, row.facility_name, row.facility_kind),
            in_store=row.in_store, left=row.left, entered_on=row.entered_on, first_stored_on=row.first_stored_on,
            overdue_from=row.overdue_from, last_on=last,
            is_extended=row.extended_until is not None and row.extended_until == last,
            state=self._state(row, days), days=days, limit=limit,
            citation=self._citations.get(limit.law_subject) if limit else None,
            reason=row.reason or "", planned_on=row.planned_on, receiver=row.receiver or "",
        )  # fmt: skip

    def _state(self, row: Any, days: int | None) -> StorageState | None:
        if row.is_overdue:
            return StorageState.PENDING if row.is_pending else StorageState.OVERDUE
        is_soon = row.in_store > ZERO and days is not None and -self._lead_days <= days <= 0
        return StorageState.DUE_SOON if is_soon else None


def places_of(session: Session, batch_ids: Sequence[int], *, as_of: date) -> dict[int, str]:
    """Return where batches lie at the end of `as_of`, by batch id; one statement per few hundred."""
    found: dict[int, list[str]] = {}
    in_place = total(LedgerEntry.stock_delta)
    for chunk in chunked(batch_ids):
        rows = session.execute(
            select(LedgerEntry.batch_id, StorageFacility.code, FacilityVersion.name, FacilityVersion.kind)
            .join(StorageFacility, StorageFacility.id == LedgerEntry.facility_id)
            .outerjoin(
                FacilityVersion,
                and_(FacilityVersion.facility_id == StorageFacility.id, in_force(FacilityVersion, as_of)),
            )
            .where(LedgerEntry.batch_id.in_(chunk), LedgerEntry.occurred_on <= as_of)
            .group_by(LedgerEntry.batch_id, StorageFacility.code, FacilityVersion.name, FacilityVersion.kind)
            .having(in_place > ZERO)
            .order_by(LedgerEntry.batch_id, StorageFacility.code)
        )
        for batch_id, code, name, kind in rows:
            found.setdefault(batch_id or 0, []).append(facility_label(code, name, kind))
    return {batch_id: "、".join(labels) for batch_id, labels in found.items()}


def facility_label(code: str, name: str | None, kind: Any) -> str:
    """Return a facility as lists name it: its code, and its name or else its kind."""
    return f"{code} {name or getattr(kind, 'label', '')}".strip()


def totals_of(session: Session, statement: Select[*tuple[Any, ...]]) -> StorageTotals:
    """Return number and tonnes of all rows of a statement of batches; one statement."""
    asked = statement.selected_columns
    narrow = statement.order_by(None).with_only_columns(asked.in_store, asked.left).subquery()
    row = session.execute(
        select(func.count(), total(narrow.c.in_store), total(narrow.c.left)).select_from(narrow)
    ).one()
    return StorageTotals(*row)


def _last_on(row: Any) -> date | None:
    known = [row.overdue_from - ONE_DAY] if row.last_lawful_on is not None and row.overdue_from is not None else []
    if row.extended_until is not None:
        known.append(row.extended_until)
    return max(known, default=None)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, LOCAL_ZONE)
