"""Beginning a sheet and filling it in: new assessments, re-checks, the form with all items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.assessment import operations, queries
from hwrisk.assessment.forms import BeginForm, SheetForm, sheet_form
from hwrisk.assessment.heads import LEVELS_OF, Head
from hwrisk.assessment.models import Assessment, AssessmentState, Level, Subject
from hwrisk.assessment.queries import SheetFile
from hwrisk.assessment.rules import missing_items
from hwrisk.assessment.verdicts import scheme_of_year
from hwrisk.assessment.views.blueprint import bp, may_close, may_edit
from hwrisk.clock import today
from hwrisk.errors import EditConflict, NotFound, RuleViolation
from hwrisk.rulepacks.queries import citations
from hwrisk.security.permissions import Permission
from hwrisk.units.queries import UnitRow, get_unit
from hwrisk.web import (
    choices,
    conflict_page,
    current_session,
    current_user,
    drop_draft,
    page,
    required,
    requires,
    saving,
    send_once,
    unit_of_work,
    with_draft,
)

YEARS_BACK = 1
"""How many years before the present one a sheet may still be begun for."""


@bp.route("/units/<uuid:public_id>/new", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_WRITE)
def begin(public_id: UUID) -> Response:
    """Begin the assessment of a unit, or its own."""
    unit = get_unit(current_session(), public_id, user=current_user(), as_of=today())
    year = today().year
    scheme = scheme_of_year(current_session(), year)
    is_operator = unit.version.role.value in scheme.operator_roles
    form = _begin_form(
        f"assessment.begin.{public_id}",
        data={
            "year": str(year),
            "assessed_on": today(),
            "subject": (Subject.OPERATOR if is_operator else Subject.GENERATOR).value,
            "organiser": unit.name if LEVELS_OF[current_user().role] == (Level.SELF,) else "",
        },
    )
    return _begun(unit, form, None, heading="登记评估")


@bp.route("/sheets/<uuid:public_id>/recheck", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_WRITE)
def recheck(public_id: UUID) -> Response:
    """Begin the re-check of an assessment after rectification (复查)."""
    file = queries.sheet_file(current_session(), public_id, user=current_user(), as_of=today())
    first = file.row.assessment
    unit = get_unit(current_session(), file.row.unit_public_id, user=current_user(), as_of=today())
    form = _begin_form(
        f"assessment.recheck.{public_id}",
        data={
            "year": str(first.year),
            "assessed_on": today(),
            "subject": first.subject.value,
            "level": first.level.value,
            "organiser": first.organiser,
        },
    )
    return _begun(unit, form, first, heading="登记复查")


@bp.route("/sheets/<uuid:public_id>/edit", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_WRITE)
def edit(public_id: UUID) -> Response:
    """Fill in a sheet; an invalid one comes back with status 422, nothing typed is lost."""
    user = current_user()
    file = queries.sheet_file(current_session(), public_id, user=user, as_of=today())
    row = file.row.assessment
    if not may_edit(user, row):
        raise NotFound
    key = f"assessment.sheet.{public_id}"
    form = with_draft(
        sheet_form(file.scheme, row.subject), key, data={**_shown(file), "version": str(row.lock_version)}
    )
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                kept = queries.get_assessment(session, public_id, user=user, as_of=today())
                operations.save(
                    session,
                    kept,
                    head=_head(form, kept),
                    entries=form.entries(file.scheme, row.subject),
                    actor=user,
                    as_of=today(),
                    seen_version=form.version_seen(),
                )
                drop_draft(session, user=user, form_key=key)
                version = kept.lock_version
        except EditConflict as conflict:
            return _conflict(public_id, form, conflict)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            form.version.data = str(version)
            if request.form.get("act") != "close":
                flash("评估表已保存为草稿，尚未办结", "success")
                return redirect(url_for(".sheet", public_id=public_id))
            if refused := _closed(public_id, form):
                return refused
            return redirect(url_for(".sheet", public_id=public_id))
    return _sheet_page(file, form)


def _sheet_page(file: SheetFile, form: SheetForm, *, missing: Sequence[str] = ()) -> Response:
    return page(
        "assessment/edit.html",
        file=file,
        row=file.row.assessment,
        form=form,
        missing=missing,
        groups=file.scheme.groups(file.row.assessment.subject),
        cited=citations(current_session(), on=file.row.assessment.assessed_on),
        may_close=may_close(current_user(), file.row.assessment),
        status=422 if form.errors or form.form_errors else 200,
    )


def _closed(public_id: UUID, form: SheetForm) -> Response | None:
    """Close a sheet that was just saved; return the page that says why not, or None when it was closed."""
    try:
        close_now(public_id)
    except RuleViolation as violation:
        saved = RuleViolation(f"内容已保存，尚未办结：{violation.message}", field=violation.field)
        form.refuse(saved)
        file = queries.sheet_file(current_session(), public_id, user=current_user(), as_of=today())
        subject = file.row.assessment.subject
        ratings = {no: entry.rating for no, entry in form.entries(file.scheme, subject).items()}
        return _sheet_page(file, form, missing=missing_items(file.scheme, subject, ratings))
    return None


def close_now(public_id: UUID) -> None:
    """Close an assessment and say what it came to.

    Raises:
        RuleViolation: it cannot be closed yet.
    """
    user = current_user()
    with unit_of_work() as session:
        kept = queries.get_assessment(session, public_id, user=user, as_of=today())
        operations.close(session, kept, actor=user, as_of=today())
        state, grade, vetoes = kept.state, kept.grade, kept.veto_items
    if state is AssessmentState.WAITING:
        flash(f"否决项 {vetoes} 不达标，已提交另一名人员复核，复核后办结", "warning")
    else:
        flash(f"评估已办结，等级：{grade.label if grade else ''}", "success")


def _begin_form(key: str, data: dict[str, Any]) -> BeginForm:
    levels = LEVELS_OF[current_user().role]
    form = with_draft(BeginForm, key, data={"level": levels[-1].value, **data})
    form.level.choices = choices((level.value, level.label) for level in levels)
    years = range(today().year, today().year - YEARS_BACK - 1, -1)
    form.year.choices = choices((str(year), f"{year} 年") for year in years)
    return form


def _begun(unit: UnitRow, form: BeginForm, first: Assessment | None, *, heading: str) -> Response:
    if form.validate_on_submit():
        with saving(form) as session:
            send_once(session, form)
            head = Head(
                year=int(form.year.data),
                level=Level(form.level.data),
                subject=Subject(form.subject.data),
                organiser=form.organiser.data or "",
                assessed_on=required(form.assessed_on.data),
                people=form.people(),
            )
            base = None if first is None else session.get_one(Assessment, first.id)
            made = operations.begin(
                session, unit_id=unit.id, head=head, actor=current_user(), as_of=today(), recheck_of=base
            )
            public_id = made.public_id
        if form.is_saved:
            return redirect(url_for(".edit", public_id=public_id))
    return page("assessment/begin.html", form=form, unit=unit, first=first, heading=heading)


def _head(form: SheetForm, row: Assessment) -> Head:
    return Head(
        year=row.year,
        level=row.level,
        subject=row.subject,
        organiser=form.organiser.data or "",
        assessed_on=required(form.assessed_on.data),
        people=form.people(),
        accidents=int(form.accidents.data or 0),
        has_major_accident=bool(form.has_major_accident.data),
        comment=(form.comment.data or "").strip(),
        rectify_by=form.rectify_by.data,
    )


def _shown(file: SheetFile) -> dict[str, Any]:
    """Return a sheet as its form takes it."""
    row = file.row.assessment
    values: dict[str, Any] = {
        "organiser": row.organiser,
        "assessed_on": row.assessed_on,
        "accidents": str(row.accidents),
        "has_major_accident": row.has_major_accident,
        "comment": row.comment,
        "rectify_by": row.rectify_by,
    }
    for place, person in enumerate(file.people, start=1):
        values |= {f"name_{place}": person.name, f"badge_{place}": person.badge_no}
    for no, entry in file.entries.items():
        values |= {
            f"rating_{no}": entry.rating.value,
            f"reason_{no}": entry.reason,
            f"evidence_{no}": entry.evidence,
        }
    return values


def _conflict(public_id: UUID, form: SheetForm, conflict: EditConflict) -> Response:
    file = queries.sheet_file(current_session(), public_id, user=current_user(), as_of=today())
    present = _shown(file)
    theirs = {name: _text(present.get(name)) for name in form._fields if name not in {"csrf_token", "version"}}
    return conflict_page(
        form,
        error=conflict,
        version=file.row.assessment.lock_version,
        theirs=theirs,
        reload_url=url_for(".edit", public_id=public_id),
    )


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
