"""Storage limits that run out, for the reminders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from hwrisk.ledger.storage import queries
from hwrisk.ledger.storage.queries import StorageConditions, StorageState
from hwrisk.notices.records import Due, ReminderSource
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer

ONE_DAY = timedelta(days=1)


def _leads(session: Session, as_of: date) -> tuple[int, ...]:
    return (queries.warning_lead_days(session, as_of=as_of),)


def _due(session: Session, *, as_of: date) -> Iterable[Due]:
    """Yield the batches that are overdue or soon will be, for the units that store them."""
    for state in (StorageState.OVERDUE, StorageState.DUE_SOON):
        rows = queries.stream_overdue(session, user=Viewer.system(), as_of=as_of, asked=StorageConditions(state=state))
        for row in rows:
            # An unknown day of entry is overdue from the first day on.
            on = row.last_on or (row.overdue_from or row.entered_on) - ONE_DAY
            yield Due(
                key=f"{row.public_id}:{on:%Y%m%d}",
                on=on,
                title=f"批次 {row.batch_no}（{row.waste_name or row.waste_code}）",
                body=f"在库 {row.in_store} 吨，请安排处置；市局和县区按“超期贮存”清单督办。",
                link=f"/storage/batches/{row.public_id}",
                to_unit=row.unit_id,
            )


REMINDERS = (
    ReminderSource(
        kind="storage-limit",
        label="贮存期限",
        leads=_leads,
        due=_due,
        endpoint="storage.overdue",
        permission=Permission.STORAGE_READ,
        has_own_todos=True,
    ),
)
