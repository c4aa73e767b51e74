"""The ledger as a list, and one record of it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.ledger import queries
from hwrisk.ledger.corrections import ADJUSTABLE, ITSELF
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.ledger.queries import conditions_from
from hwrisk.ledger.storage.views.blueprint import scope_label
from hwrisk.ledger.views.blueprint import bp
from hwrisk.security.permissions import Permission
from hwrisk.units.views.options import admin_options, office_options
from hwrisk.web import (
    Filter,
    current_session,
    current_user,
    page,
    page_or_partial,
    read_filters,
    requested_as_of,
    requires,
)
from hwrisk.web.queries import saved_filters

INDEX = "ledger.index"
FILTERS = (
    Filter("office", "管辖单位", "choice", office_options),
    Filter("admin", "行政区划", "choice", admin_options),
    Filter("kind", "环节", "choice", [(kind.value, kind.label) for kind in EntryKind]),
    Filter("waste", "废物代码或类别"),
    Filter("text", "单位 / 拼音 / 编号 / 接收单位"),
    Filter("since", "自", "day"),
    Filter("until", "至", "day"),
    Filter("numbers", "记录编号", "paste"),
)
NEXT_STEPS = {
    EntryKind.GENERATED: (EntryKind.STORED_IN, EntryKind.ENTRUSTED),
    EntryKind.STORED_OUT: (EntryKind.SELF_TREATED, EntryKind.ENTRUSTED),
    EntryKind.ENTRUSTED: (EntryKind.RECEIVED, EntryKind.RETURNED),
}
"""What is usually recorded after a record."""


@bp.get("/")
@requires(Permission.LEDGER_READ)
def index() -> Response:
    """List the records in sight (管理台账)."""
    day, filters = requested_as_of(), read_filters(FILTERS, request.args)
    asked = conditions_from(filters.values)
    session, user = current_session(), current_user()
    return page_or_partial(
        "ledger/index.html",
        "ledger/_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint=INDEX),
        endpoint=INDEX,
        entries=queries.entries_page(session, user=user, as_of=day, asked=asked, cursor=request.args.get("cursor")),
        totals=queries.ledger_totals(session, user=user, as_of=day, asked=asked),
        scope=scope_label(),
        **_head(day, dict(filters.values)),
    )


@bp.get("/entries/<uuid:public_id>")
@requires(Permission.LEDGER_READ)
def entry(public_id: UUID) -> Response:
    """Show one record with its chain and its corrections."""
    session, user, day = current_session(), current_user(), today()
    found = queries.get_entry(session, public_id, user=user, as_of=day)
    file = queries.entry_file(session, found, user=user, as_of=day)
    stands = not file.row.is_cancelled and found.kind not in ITSELF
    is_open = stands and found.kind in NEXT_STEPS and user.may(Permission.LEDGER_WRITE) and _is_open(found)
    return page(
        "ledger/entry.html",
        file=file,
        next_steps=NEXT_STEPS.get(found.kind, ()) if is_open else (),
        may_cancel=stands and user.may(Permission.LEDGER_CORRECT),
        may_adjust=stands and user.may(Permission.LEDGER_CORRECT) and found.kind in ADJUSTABLE,
    )


def _is_open(entry: LedgerEntry) -> bool:
    """Tell whether something of a record is left that a later one may take up."""
    ask = queries.loads_open if entry.kind is EntryKind.ENTRUSTED else queries.outs_open
    return any(choice.number == entry.entry_no for choice in ask(current_session(), entry.unit_id))


def _head(day: date, values: dict[str, str]) -> dict[str, Any]:
    user = current_user()
    return {
        "as_of": day,
        "day_args": {} if day == today() else {"as_of": day.isoformat()},
        "export_args": {**values, "as_of": day.isoformat()},
        "may_export": user.may(Permission.EXPORT_RUN),
        "may_write": user.may(Permission.LEDGER_WRITE),
        "may_import": user.may(Permission.IMPORT_RUN) and user.may(Permission.LEDGER_WRITE),
    }
