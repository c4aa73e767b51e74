"""The list of facilities, and one facility with everything recorded of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from hwrisk.containment import queries
from hwrisk.containment.data import LABELS, data_of, masked_phone, shown
from hwrisk.containment.queries import Attention, conditions_from
from hwrisk.containment.views.blueprint import (
    bp,
    kind_options,
    park_options,
    rights,
    service_options,
    tier_options,
)
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission
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

FILTERS = (
    Filter("park", "园区", "choice", park_options),
    Filter("tier", "层级", "choice", tier_options),
    Filter("kind", "设施类型", "choice", kind_options),
    Filter("service", "投用情况", "choice", service_options),
    Filter("need", "需要处理", "choice", [(what.value, what.label) for what in Attention], all_label="全部设施"),
    Filter("text", "名称 / 编号 / 位置 / 运维单位"),
    Filter("as_of", "截至", "day"),
)


@bp.get("/facilities")
@requires(Permission.CONTAINMENT_READ)
def facilities() -> Response:
    """List the facilities in sight."""
    user, day, session = current_user(), requested_as_of(), current_session()
    filters = read_filters(FILTERS, request.args)
    given: dict[str, Any] = {"user": user, "as_of": day, "asked": conditions_from(filters.values)}
    return page_or_partial(
        "containment/facilities.html",
        "containment/_facility_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint="containment.facilities"),
        facilities=queries.facility_page(session, cursor=request.args.get("cursor"), **given),
        total=queries.count_facilities(session, **given),
        as_of=day,
        export_args={**filters.values, "as_of": day.isoformat()},
        may=rights(user),
    )


@bp.get("/facilities/<uuid:public_id>")
@requires(Permission.CONTAINMENT_READ)
def facility(public_id: UUID) -> Response:
    """Show one facility: what it is, how it stands, what is due, and its history."""
    user, day, session = current_user(), requested_as_of(), current_session()
    status = queries.facility_status(session, public_id, user=user, as_of=day)
    kinds = {kind.code: kind.label for kind in queries.kinds(session)}
    may = rights(user)
    return page(
        "containment/facility.html",
        item=status,
        counted=status.room() if status.is_volume else None,
        passage=None if status.is_volume else status.outlet() if status.kind.is_outward else status.passage(),
        phone=masked_phone(status.version.duty_phone),
        readings=queries.readings_of(session, status.facility.id),
        tests=queries.tests_of(session, status.facility.id),
        history=[(row, shown(data_of(row), kinds)) for row in queries.history_of(session, status.facility.id)],
        filings=queries.filing_rows(session, user=user, as_of=day, facility_id=status.facility.id),
        labels=LABELS,
        trust=Trust(status.version.trust),
        as_of=day,
        may=may,
    )
