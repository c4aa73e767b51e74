"""Pages of a year: its units with their verdicts, coverage by office, the scheme."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from hwrisk.assessment import queries
from hwrisk.assessment.models import Grade, Level, Reason, Subject
from hwrisk.assessment.queries import UnitState, year_conditions_from
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.verdicts import compliance_target, pack_of_year
from hwrisk.assessment.views.blueprint import asked_year, bp, scope_label, year_choices
from hwrisk.rulepacks.queries import citations
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

GRADES = [(grade.value, grade.label) for grade in Grade]
YEAR = Filter("year", "评估年度", "choice", year_choices, all_label="本年")
OFFICE = Filter("office", "管辖单位", "choice", office_options)
ADMIN = Filter("admin", "行政区划", "choice", admin_options)
SUBJECT = Filter("subject", "评估类型", "choice", [(each.value, each.label) for each in Subject])
LEVEL = Filter("level", "评估层级", "choice", [(each.value, each.label) for each in Level if each is not Level.SELF])
FILTERS = (
    YEAR,
    OFFICE,
    ADMIN,
    SUBJECT,
    Filter("state", "评估情况", "choice", [(each.value, each.label) for each in UnitState]),
    Filter("reason", "应评理由", "choice", [(each.value, each.label) for each in Reason]),
    LEVEL,
    Filter("first", "首次等级", "choice", GRADES),
    Filter("after", "整改后等级", "choice", GRADES),
    Filter("text", "单位名称 / 拼音 / 编号"),
    Filter("units", "名单", "paste"),
    Filter("as_of", "截至", "day"),
)
COVERAGE_FILTERS = (YEAR, SUBJECT, Filter("as_of", "截至", "day"))


@bp.get("/")
@requires(Permission.ASSESSMENT_READ)
def index() -> Response:
    """List the units of a year: who is to be assessed, who was, with the verdict first and after rectification."""
    filters, as_of, session, user = (
        read_filters(FILTERS, request.args),
        requested_as_of(),
        current_session(),
        current_user(),
    )
    asked = year_conditions_from(filters.values, as_of=as_of)
    given: dict[str, Any] = {"user": user, "as_of": as_of, "asked": asked}
    return page_or_partial(
        "assessment/index.html",
        "assessment/_year_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint="assessment.index"),
        endpoint="assessment.index",
        units=queries.year_rows(session, cursor=request.args.get("cursor"), **given),
        totals=queries.year_totals(session, **given),
        scheme=Scheme(pack_of_year(session, asked.year).parameters),
        year=asked.year,
        as_of=as_of,
        scope=scope_label(),
        export_args=filters.link_args(year=str(asked.year), as_of=as_of.isoformat()),
        may_write=user.may(Permission.ASSESSMENT_WRITE),
        may_plan=user.may(Permission.ASSESSMENT_PLAN),
        may_export=user.may(Permission.EXPORT_RUN),
    )


@bp.get("/coverage")
@requires(Permission.ASSESSMENT_READ)
def coverage() -> Response:
    """Show by office how many units must be assessed, how many were, and who is left."""
    filters, as_of, session, user = (
        read_filters(COVERAGE_FILTERS, request.args),
        requested_as_of(),
        current_session(),
        current_user(),
    )
    asked = year_conditions_from(filters.values, as_of=as_of)
    given: dict[str, Any] = {"user": user, "as_of": as_of, "asked": asked}
    return page_or_partial(
        "assessment/coverage.html",
        "assessment/_coverage_rows.html",
        filters=filters,
        offices=queries.by_office(session, **given),
        totals=queries.year_totals(session, **given),
        scheme=Scheme(pack_of_year(session, asked.year).parameters),
        year=asked.year,
        as_of=as_of,
        scope=scope_label(),
        day_args={"as_of": as_of.isoformat()} if filters.is_set("as_of") else {},
        subject=filters.get("subject"),
        target=compliance_target(session, on=as_of),
        whole=Fraction(1),
        export_args=filters.link_args(year=str(asked.year), as_of=as_of.isoformat()),
        may_export=user.may(Permission.EXPORT_RUN),
    )


@bp.get("/scheme")
@requires(Permission.ASSESSMENT_READ)
def scheme() -> Response:
    """Show the scheme by which a year is assessed: items by duty with their basis, and the settings."""
    as_of = requested_as_of()
    year = asked_year(as_of)
    pack = pack_of_year(current_session(), year)
    return page(
        "assessment/scheme.html",
        pack=pack,
        scheme=Scheme(pack.parameters),
        subjects=tuple(Subject),
        year=year,
        cited=citations(current_session(), on=as_of),
        may_read_packs=current_user().may(Permission.RULEPACK_READ),
    )
