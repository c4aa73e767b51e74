"""Pages of the plan of a year: document and scheme, drawings, units that cannot be assessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.assessment import operations, queries
from hwrisk.assessment.forms import DrawForm, ExclusionForm, PlanForm, ReasonForm
from hwrisk.assessment.operations.planning import USUAL_REASONS
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.assessment.views.blueprint import asked_year, bp, scope_label, year_choices
from hwrisk.clock import today
from hwrisk.errors import RuleViolation
from hwrisk.rulepacks.models import RulePack
from hwrisk.security.permissions import Permission
from hwrisk.units.queries import get_unit
from hwrisk.units.views.options import assignable_offices
from hwrisk.web import (
    BaseForm,
    choices,
    current_session,
    current_user,
    page,
    required,
    requires,
    saving,
    send_once,
    whole_number,
    with_draft,
)

Act = Callable[[Session], object]


@bp.get("/plan")
@requires(Permission.ASSESSMENT_READ)
def plan() -> Response:
    """Show the plan of a year: document, scheme, drawings, and units that cannot be assessed."""
    session, user, year = current_session(), current_user(), asked_year(today())
    return page(
        "assessment/plan.html",
        year=year,
        years=year_choices(),
        plans=queries.plans_of(session, year),
        pack=pack_of_year(session, year),
        draws=queries.draws_of(session, year, user=user, as_of=today()),
        exclusions=queries.exclusions_of(session, year, user=user, as_of=today()),
        scope=scope_label(),
        may_plan=user.may(Permission.ASSESSMENT_PLAN),
        may_record=user.may(Permission.ASSESSMENT_SCHEME),
    )


@bp.route("/plan/edit", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_SCHEME)
def edit_plan() -> Response:
    """Record the plan of a year anew (登记年度评估方案)."""
    session, year = current_session(), asked_year(today())
    kept = queries.plans_of(session, year)
    latest = kept[0] if kept else None
    packs = {str(pack.public_id): pack for pack in queries.schemes(session)}
    present = pack_of_year(session, year)
    data = {
        "title": latest.title if latest else f"{year}年度危险废物规范化环境管理评估方案",
        "document_no": latest.document_no if latest else "",
        "issued_on": latest.issued_on if latest else None,
        "note": latest.note if latest else "",
        "scheme": str(present.public_id),
    }
    form = with_draft(PlanForm, f"assessment.plan.{year}", data=data)
    form.scheme.choices = choices((key, f"{pack.title} {pack.version}") for key, pack in packs.items())

    def act(session: Session) -> None:
        operations.set_plan(
            session,
            year=year,
            title=form.title.data or "",
            document_no=form.document_no.data or "",
            issued_on=form.issued_on.data,
            scheme=session.get_one(RulePack, packs[str(form.scheme.data)].id),
            note=form.note.data or "",
            actor=current_user(),
            as_of=today(),
        )

    return _answer(form, act, year=year, heading=f"{year} 年度评估方案", done="年度评估方案已登记")


@bp.route("/plan/draw", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_PLAN)
def draw() -> Response:
    """Draw units of an office by lot (随机抽取)."""
    year = asked_year(today())
    form = with_draft(DrawForm, f"assessment.draw.{year}")
    form.office.choices = choices(option for option in assignable_offices(current_user()) if option[0])

    def act(session: Session) -> None:
        send_once(session, form)
        asked = whole_number((form.asked.data or "").strip())
        if asked is None:
            raise RuleViolation("抽取家数应为正整数，如 20", field="asked")
        operations.draw_sample(
            session,
            year=year,
            office_code=str(form.office.data),
            asked=asked,
            seed=form.seed.data or "",
            actor=current_user(),
            as_of=today(),
        )

    note = "从该管辖单位在册、尚未列入应评的单位中随机抽取；抽取结果和随机种子一并登记，不能改动，只能整批撤回。"
    return _answer(form, act, year=year, heading=f"抽取 {year} 年度评估单位", done="抽取结果已登记", note=note)


@bp.route("/draws/<uuid:public_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_PLAN)
def withdraw_draw(public_id: UUID) -> Response:
    """Take a drawing back (撤回抽取)."""
    user = current_user()
    row = queries.get_draw(current_session(), public_id, user=user)
    form = ReasonForm()

    def act(session: Session) -> None:
        found = queries.get_draw(session, public_id, user=user)
        operations.withdraw_draw(session, found, reason=form.reason.data or "", actor=user)

    return _answer(form, act, year=row.year, heading="撤回抽取结果", done="抽取结果已撤回")


@bp.route("/units/<uuid:public_id>/exclusion", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_PLAN)
def exclude(public_id: UUID) -> Response:
    """Record that a unit cannot be assessed (不具备评估条件)."""
    year = asked_year(today())
    unit = get_unit(current_session(), public_id, user=current_user(), as_of=today())
    form = with_draft(ExclusionForm, f"assessment.exclude.{year}.{public_id}", data={"excluded_on": today()})

    def act(session: Session) -> None:
        operations.exclude(
            session,
            unit_id=unit.id,
            year=year,
            excluded_on=required(form.excluded_on.data),
            reason=form.reason.data or "",
            evidence=form.evidence.data or "",
            actor=current_user(),
            as_of=today(),
        )

    return _answer(
        form, act, year=year, heading=f"{unit.name}：{year} 年不具备评估条件", done="已登记为不具备评估条件",
        note="登记后该单位不计入覆盖率的分母，理由和证明材料列入清单。", reasons=USUAL_REASONS,
    )  # fmt: skip


@bp.route("/exclusions/<uuid:public_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_PLAN)
def readmit(public_id: UUID) -> Response:
    """Take back that a unit cannot be assessed (恢复应评)."""
    user = current_user()
    row = queries.get_exclusion(current_session(), public_id, user=user, as_of=today())
    form = ReasonForm()

    def act(session: Session) -> None:
        found = queries.get_exclusion(session, public_id, user=user, as_of=today())
        operations.readmit(session, found, reason=form.reason.data or "", actor=user)

    return _answer(form, act, year=row.year, heading="恢复应评", done="已恢复应评")


def _answer(form: BaseForm, act: Act, *, year: int, heading: str, done: str, **context: Any) -> Response:
    """Show the form, or do what it says and go back to the plan."""
    back = url_for(".plan", year=year)
    if form.validate_on_submit():
        with saving(form) as session:
            act(session)
        if form.is_saved:
            flash(done, "success")
            return redirect(back)
    return page(
        "assessment/plan_form.html", form=form, heading=heading, back=back, **{"note": "", "reasons": ()} | context
    )
