"""Pages of single assessments: the list, one sheet, beginning one and filling it in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from hwrisk.assessment import operations, queries
from hwrisk.assessment.heads import LEVELS_OF
from hwrisk.assessment.models import AssessmentState, Grade, Level
from hwrisk.assessment.queries import SheetFile, sheet_conditions_from
from hwrisk.assessment.queries.sheets import NEWEST_FIRST, sheet_shaper
from hwrisk.assessment.rules import group_points
from hwrisk.assessment.views.blueprint import (
    bp,
    may_close,
    may_edit,
    scope_label,
    year_choices,
)
from hwrisk.assessment.views.years import OFFICE, SUBJECT
from hwrisk.clock import today
from hwrisk.rulepacks.queries import citations
from hwrisk.security.permissions import Permission
from hwrisk.units.models import Unit
from hwrisk.units.queries import UnitRow, get_unit
from hwrisk.web import (
    Filter,
    Page,
    current_session,
    current_user,
    page,
    page_of,
    page_or_partial,
    read_filters,
    requested_as_of,
    required,
    requires,
)
from hwrisk.web.queries import saved_filters

SHEET_FILTERS = (
    Filter("year", "评估年度", "choice", year_choices, all_label="全部年度"),
    OFFICE,
    Filter("level", "评估层级", "choice", [(each.value, each.label) for each in Level]),
    SUBJECT,
    Filter("state", "办理状态", "choice", [(each.value, each.label) for each in AssessmentState]),
    Filter("grade", "等级", "choice", [(each.value, each.label) for each in Grade]),
    Filter("recheck", "只看复查", "flag"),
    Filter("text", "单位名称 / 评估编号"),
    Filter("as_of", "截至", "day"),
)


@bp.get("/sheets")
@requires(Permission.ASSESSMENT_READ)
def sheets() -> Response:
    """List single assessments in sight, drafts and self-assessments included, the newest first."""
    filters, as_of, session, user = (
        read_filters(SHEET_FILTERS, request.args),
        requested_as_of(),
        current_session(),
        current_user(),
    )
    asked = sheet_conditions_from(filters.values)
    found = page_of(
        session,
        queries.sheets_matching(user, asked, as_of=as_of),
        keys=NEWEST_FIRST,
        cursor=request.args.get("cursor"),
        scalars=False,
    )
    shape = sheet_shaper(session, as_of)
    return page_or_partial(
        "assessment/sheets.html",
        "assessment/_sheet_rows.html",
        filters=filters,
        saved=saved_filters(session, user=user, endpoint="assessment.sheets"),
        endpoint="assessment.sheets",
        sheets=Page([shape(row) for row in found.rows], found.next_cursor, found.previous_cursor),
        total=queries.count_sheets(session, user=user, as_of=as_of, asked=asked),
        as_of=as_of,
        scope=scope_label(),
        export_args=filters.link_args(as_of=as_of.isoformat()),
        may_export=user.may(Permission.EXPORT_RUN),
        own_unit=_only_unit(),
    )


@bp.get("/sheets/<uuid:public_id>")
@requires(Permission.ASSESSMENT_READ)
def sheet(public_id: UUID) -> Response:
    """Show one assessment: the sheet by duties, score, grade, re-checks, objections, evidence."""
    user, session = current_user(), current_session()
    file = queries.sheet_file(session, public_id, user=user, as_of=today())
    row = file.row.assessment
    return page(
        "assessment/sheet.html",
        file=file,
        row=row,
        groups=grouped(file),
        cited=citations(session, on=row.assessed_on),
        objection_until=operations.objection_until(session, row),
        is_self=row.level is Level.SELF,
        may={
            "edit": may_edit(user, row),
            "close": may_close(user, row),
            "confirm": may_close(user, row) and user.account_id != row.submitted_account_id,
            "object": user.may(Permission.ASSESSMENT_WRITE),
            "attach": may_edit(user, row) or may_close(user, row),
            "export": user.may(Permission.EXPORT_RUN),
        },
        today=today(),
    )


def grouped(file: SheetFile) -> list[dict[str, Any]]:
    """Return the duties of a sheet with items, results and points, ready to show."""
    ratings = {no: entry.rating for no, entry in file.entries.items()}
    found = []
    for group in file.scheme.groups(file.row.assessment.subject):
        points, full = group_points(file.scheme, [item.no for item in group.items], ratings)
        lines = []
        for item in group.items:
            entry = file.entries.get(item.no)
            mark = None if entry is None else file.scheme.points.get(entry.rating)
            lines.append({"item": item, "entry": entry, "points": mark})
        found.append({"label": group.label, "lines": lines, "points": points, "full": full})
    return found


def _only_unit() -> UnitRow | None:
    """Return the one unit of an enterprise, for the button of its self-assessment; None for everybody else."""
    user = current_user()
    if LEVELS_OF.get(user.role) != (Level.SELF,) or len(user.units) != 1:
        return None
    unit = required(current_session().get(Unit, next(iter(user.units))))
    return get_unit(current_session(), unit.public_id, user=user, as_of=today())
