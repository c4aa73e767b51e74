"""The duty roster (值班表): which posts there are, who is on and who comes, entered by those who keep it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from hwrisk.clock import LOCAL_ZONE, local, now
from hwrisk.errors import RuleViolation
from hwrisk.security import operations as security
from hwrisk.security import roster
from hwrisk.security.models import Account, DutyPost, DutyRoster
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user, unit_of_work
from hwrisk.web.forms import BaseForm, ClockField, DayField, Filled, choices, required, saving
from hwrisk.web.paging import SortKey, page_of, whole_number
from hwrisk.web.records import NavItem, Todo, TodoItem
from hwrisk.web.rendering import page, page_or_partial

bp = Blueprint("duty", __name__, url_prefix="/duty")
NAV = (NavItem("值班表", "duty.index", Permission.DUTY_READ, "园区与应急"),)
MOST_TIMES, MOST_DAYS = 31, 31
_LATEST_FIRST = (
    SortKey(DutyRoster.starts_at, lambda shift: shift.starts_at, descending=True),
    SortKey(DutyRoster.id, lambda shift: shift.id, descending=True),
)


class ShiftForm(BaseForm):
    """Who is on, from when until when (排班)."""

    person = SelectField("当班人员", [InputRequired("请选择当班人员")])
    starts_on = DayField("上班日期", description="不填为今天")
    starts_at = ClockField("上班时刻", description="日期和时刻都不填为从现在起")
    ends_on = DayField("下班日期", description="不填为上班后最近的这个时刻，跨零点自动算第二天")
    ends_at = ClockField("下班时刻", [Filled("请填写下班时刻")])
    times = IntegerField(
        "共排几班", [Optional(), NumberRange(1, MOST_TIMES, f"请填 1 至 {MOST_TIMES} 的整数")], default=1,
        description="同一人按同样时间连排",
    )  # fmt: skip
    every_days = IntegerField(
        "每隔几天一班", [Optional(), NumberRange(1, MOST_DAYS, f"请填 1 至 {MOST_DAYS} 的整数")], default=1,
        description="天天排填 1",
    )  # fmt: skip

    def validate_starts_at(self, field: ClockField) -> None:
        """Let it be empty only where no day is named."""
        if not field.errors and field.data is None and self.starts_on.data is not None:
            raise ValidationError("填了上班日期，请填写上班时刻")

    def period(self, at: datetime) -> tuple[datetime, datetime]:
        """Return begin and end of a valid form that is sent at `at`."""
        start, begin = self.starts_at.data, at
        if start is not None:
            begin = datetime.combine(self.starts_on.data or local(at).date(), start, LOCAL_ZONE)
        end = required(self.ends_at.data)
        if self.ends_on.data is not None:
            return begin, datetime.combine(self.ends_on.data, end, LOCAL_ZONE)
        same_day = datetime.combine(local(begin).date(), end, LOCAL_ZONE)
        return begin, same_day if same_day > begin else same_day + timedelta(days=1)


class PostForm(BaseForm):
    """A new duty post (设立值班岗)."""

    name = StringField("值班岗名称", [Filled("请填写值班岗名称"), Length(max=64, message="最多 64 个字")])
    account = SelectField("登录账号", [InputRequired("请选择账号")], description="值班室设备用它登录，由多人共用")


@bp.get("/")
@requires(Permission.DUTY_READ)
def index() -> Response:
    """List the duty posts in sight and how they are manned."""
    user, at = current_user(), now()
    return page(
        "web/duty.html",
        standings=roster.standings(current_session(), user=user, at=at),
        at=at,
        may_keep=user.may(Permission.DUTY_KEEP),
        may_found=user.may(Permission.ACCOUNT_EDIT),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_EDIT)
def create() -> Response:
    """Set up a duty post for an account of that role."""
    form = PostForm()
    free = roster.unused_duty_accounts(current_session())
    form.account.choices = choices((str(each.public_id), f"{each.username}（{each.label}）") for each in free)
    if form.validate_on_submit():
        chosen = next(each.id for each in free if str(each.public_id) == form.account.data)
        with saving(form) as session:
            account = session.get_one(Account, chosen)
            post = security.create_post(session, name=required(form.name.data), account=account, actor=current_user())
        if form.is_saved:
            flash("值班岗已设立，请接着排班", "success")
            return redirect(url_for(".show", public_id=post.public_id))
    return page("web/duty_new.html", form=form, has_accounts=bool(free))


@bp.get("/<uuid:public_id>")
@requires(Permission.DUTY_READ)
def show(public_id: uuid.UUID) -> Response:
    """Show the roster of one post: who is on, who comes, and what is past."""
    return _post_page(public_id)


@bp.post("/<uuid:public_id>/shifts")
@requires(Permission.DUTY_KEEP)
def add_shift(public_id: uuid.UUID) -> Response:
    """Put a person on."""
    post = roster.get_post(current_session(), public_id, user=current_user())
    form, at = _shift_form(), now()
    if form.validate_on_submit():
        people = {str(each.public_id): each.id for each in roster.may_stand(current_session())}
        begin, end = form.period(at)
        with saving(form) as session:
            made = security.enter_shifts(
                session,
                session.get_one(DutyPost, post.id),
                session.get_one(Account, people[required(form.person.data)]),
                starts_at=begin,
                ends_at=end,
                times=form.times.data or 1,
                every_days=form.every_days.data or 1,
                at=at,
                actor=current_user(),
            )
        if form.is_saved:
            flash(f"已排 {len(made)} 班", "success")
            return redirect(url_for(".show", public_id=public_id))
    return _post_page(public_id, form=form)


@bp.post("/<uuid:public_id>/shifts/<int:shift_id>/cancel")
@requires(Permission.DUTY_KEEP)
def cancel_shift(public_id: uuid.UUID, shift_id: int) -> Response:
    """Cancel a shift that has not begun."""
    try:
        with unit_of_work() as session:
            post = roster.get_post(session, public_id, user=current_user())
            shift = roster.get_shift(session, post, whole_number(str(shift_id)) or 0)
            security.withdraw_shift(session, shift, at=now(), actor=current_user())
    except RuleViolation as violation:
        flash(violation.message, "danger")
    else:
        flash("已取消这一班", "success")
    return redirect(url_for(".show", public_id=public_id))


def _post_page(public_id: uuid.UUID, *, form: ShiftForm | None = None) -> Response:
    session, user, at = current_session(), current_user(), now()
    post = roster.get_post(session, public_id, user=user)
    coming = roster.coming_shifts(session, post, at=at)
    return page_or_partial(
        "web/duty_post.html",
        "web/_duty_past.html",
        post=post,
        gap_from=_gap(coming, at),
        ahead=at + roster.AHEAD,
        coming=coming,
        past=page_of(
            session, roster.past_shifts(post, at=at), keys=_LATEST_FIRST, cursor=request.args.get("cursor"), size=20
        ),
        form=form or _shift_form(),
        at=at,
        may_keep=user.may(Permission.DUTY_KEEP) and post.is_active,
    )


def _gap(coming: Sequence[DutyRoster], at: datetime) -> datetime | None:
    times = [(shift.starts_at, shift.ends_at) for shift in coming if shift.account.is_active]
    return roster.first_gap(times, since=at, until=at + roster.AHEAD)


def _shift_form() -> ShiftForm:
    form = ShiftForm()
    people = [
        (str(each.public_id), each.label + ("" if each.pin_hash else "（未设值班口令）"))
        for each in roster.may_stand(current_session())
    ]
    form.person.choices = choices([("", "请选择"), *people])
    return form


def _unmanned(session: Session, user: Viewer, _as_of: date) -> Todo:
    at = now()
    open_posts = [each for each in roster.standings(session, user=user, at=at) if each.gap_from is not None]
    if not open_posts:
        return Todo(0)
    begins = min(required(each.gap_from) for each in open_posts)
    is_now = begins <= at
    note = "、".join(each.post.name for each in open_posts[:3])
    return Todo(
        len(open_posts), note if is_now else f"{note}，{local(begins):%m月%d日 %H:%M} 起", "bad" if is_now else "warn",
        "现在无人" if is_now else "24小时内",
    )  # fmt: skip


def _without_pin(session: Session, user: Viewer, _as_of: date) -> Todo:
    if user.account_id is None:
        return Todo(0)
    count, first = roster.shifts_without_pin(session, user.account_id, at=now())
    note = f"最早 {local(first):%m月%d日 %H:%M} 上班" if first else ""
    soon = first is not None and first <= now() + timedelta(days=1)
    return Todo(count, note, "bad" if soon else "warn", "未设口令")


TODOS = (
    TodoItem("个值班岗现在或24小时内无人当班", _unmanned, "duty.index", Permission.DUTY_READ),
    TodoItem("个班次前须先设置本人的值班口令", _without_pin, "signin.change_pin", Permission.DUTY_STAND),
)
