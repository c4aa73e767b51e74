"""Pages of the indicators (考核指标): all at a glance, what stands behind a value, what changed since closing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk import audit
from hwrisk.clock import today
from hwrisk.indicators.blueprint import bp
from hwrisk.indicators.compliance import views as compliance_views
from hwrisk.indicators.compliance.record import COMPLIANCE_RATE
from hwrisk.indicators.figures import figure_of
from hwrisk.indicators.jobs import RECOMPUTE
from hwrisk.indicators.models import IndicatorValue
from hwrisk.indicators.overdue import views as overdue_views
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.indicators.overview import overview
from hwrisk.indicators.queries import frozen_beside, get_value, indicator_named
from hwrisk.jobs import enqueue
from hwrisk.security.permissions import Permission
from hwrisk.web import NavItem, current_session, current_user, page, requested_as_of, requires, unit_of_work

NAV = (NavItem("考核指标", "indicators.index", Permission.INDICATOR_READ),)


@dataclass(frozen=True)
class IndicatorPages:
    """The pages of one indicator."""

    endpoint: str
    value: Callable[[str], Response]
    """Given the reference of a value, shows it with the rows behind it."""
    changes: Callable[[IndicatorValue, IndicatorValue], Response]
    """Given the frozen and the revised value, shows what made the difference."""


PAGES = {
    OVERDUE_RATE.id: IndicatorPages("indicators.overdue", overdue_views.value_of, overdue_views.changes_of),
    COMPLIANCE_RATE.id: IndicatorPages("indicators.compliance", compliance_views.value_of, compliance_views.changes_of),
}


@bp.get("/")
@requires(Permission.INDICATOR_READ)
def index() -> Response:
    """Show all indicators at a glance, each a link to its own page, and by office."""
    as_of, is_past = requested_as_of(), bool(request.args.get("as_of"))
    found = overview(current_session(), user=current_user(), as_of=as_of, is_past=is_past)
    day: dict[str, Any] = {"as_of": as_of.isoformat()} if is_past else {}
    return page(
        "indicators/index.html",
        as_of=found.as_of or as_of,
        is_past=is_past,
        known_at=found.known_at,
        cards=[
            (f"{head.title} {head.period.label}", figure_of(head), url_for(PAGES[head.indicator].endpoint, **day))
            for head in found.heads
        ],
        indicators=[(i.id, i.title, url_for(PAGES[i.id].endpoint, **day)) for i in found.indicators],
        columns=[
            column
            for indicator in found.indicators
            for column in ((indicator.reading.short, "num"), (indicator.reading.of_what, "num"), "结果")
        ],
        offices=found.offices,
        export_args={"as_of": as_of.isoformat()},
        may_run=current_user().may(Permission.INDICATOR_RUN),
    )


@bp.get("/values/<ref>")
@requires(Permission.INDICATOR_READ)
def value(ref: str) -> Response:
    """Show one value and the rows behind it."""
    indicator = indicator_named(current_session(), ref, user=current_user())
    return PAGES[indicator.id].value(ref)


@bp.get("/values/<uuid:public_id>/changes")
@requires(Permission.INDICATOR_READ)
def changes(public_id: UUID) -> Response:
    """Show why a revised value differs from the frozen one."""
    session = current_session()
    revised = get_value(session, public_id, user=current_user())
    return PAGES[revised.indicator].changes(frozen_beside(session, revised), revised)


@bp.post("/recompute")
@requires(Permission.INDICATOR_RUN)
def recompute() -> Response:
    """Ask the worker to bring the values of all indicators up to date for today."""
    with unit_of_work() as session:
        task = enqueue(session, RECOMPUTE, {"as_of": today().isoformat()}, actor=current_user())
        audit.record(session, current_user(), "indicator.recompute", "task", task.id)
    flash("已提交重新核算，完成后指标自动更新", "success")
    return redirect(url_for("tasks.show", public_id=task.public_id))
