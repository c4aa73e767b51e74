"""Accounts (账号): the security administrator keeps them; county branch and park look after their own people."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Length

from hwrisk.clock import now, today
from hwrisk.errors import NotFound, Refused
from hwrisk.security import operations as security
from hwrisk.security import queries
from hwrisk.security.models import Account, AccountGrant
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import GRANTS_OF, GrantKind, Role
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user, unit_of_work
from hwrisk.web.forms import BaseForm, DayField, Filled, choices, required, saving
from hwrisk.web.listing import Filter, Filters, read_filters
from hwrisk.web.paging import SortKey, page_of
from hwrisk.web.records import NavItem
from hwrisk.web.registry import registry
from hwrisk.web.rendering import page, page_or_partial

bp = Blueprint("accounts", __name__, url_prefix="/accounts")
NAV = (NavItem("账号", "accounts.index", Permission.ACCOUNT_READ, "系统管理"),)
_BY_NAME = (SortKey(Account.username, lambda account: account.username),)
ROLES = [(role.value, role.label) for role in Role]
FILTERS = (Filter("role", "角色", "choice", ROLES), Filter("text", "用户名、姓名或部门"))


class AccountForm(BaseForm):
    """A new account (新增账号)."""

    username = StringField("用户名", [Filled("请填写用户名"), Length(max=64, message="最多 64 个字")])
    display_name = StringField("姓名", [Filled("请填写姓名"), Length(max=64, message="最多 64 个字")])
    department = StringField("部门", [Length(max=64, message="最多 64 个字")])
    role = SelectField("角色", choices=choices(ROLES))
    phone = StringField("联系电话", [Length(max=32, message="最多 32 个字")])


class GrantForm(BaseForm):
    """What an account may see (数据授权)."""

    kind = SelectField("范围")
    ref = StringField("对象", [Length(max=32, message="最多 32 个字")])
    valid_from = DayField("自", [Filled("请填写起始日期")])
    valid_until = DayField("至（不含当日）")


@bp.get("/")
@requires(Permission.ACCOUNT_READ)
def index() -> Response:
    """List the accounts in sight."""
    filters = read_filters(FILTERS, request.args)
    return page_or_partial(
        "web/accounts.html",
        "web/_account_rows.html",
        filters=filters,
        accounts=page_of(current_session(), _chosen(filters), keys=_BY_NAME, cursor=request.args.get("cursor")),
        now=now(),
        may_edit=current_user().may(Permission.ACCOUNT_EDIT),
    )


def _chosen(filters: Filters) -> Select[Any]:
    chosen = select(Account).where(_visible(current_session()))
    if role := filters.get("role"):
        chosen = chosen.where(Account.role == Role(role))
    if text := filters.get("text"):
        columns = (Account.username, Account.display_name, Account.department)
        chosen = chosen.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return chosen


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_EDIT)
def create() -> Response:
    """Open an account and show its one-time password, once."""
    form = AccountForm()
    if form.validate_on_submit():
        with saving(form) as session:
            account = security.create_account(
                session,
                username=required(form.username.data),
                display_name=required(form.display_name.data),
                role=Role(form.role.data),
                actor=current_user(),
                at=now(),
                department=form.department.data or "",
                phone=form.phone.data or "",
            )
            one_time = security.reset_password(session, account, actor=current_user(), at=now())
        if form.is_saved:
            return _account_page(account.public_id, one_time=one_time)
    return page("web/account_new.html", form=form)


@bp.get("/<uuid:public_id>")
@requires(Permission.ACCOUNT_READ)
def show(public_id: uuid.UUID) -> Response:
    """Show one account and what it may see."""
    return _account_page(public_id)


@bp.post("/<uuid:public_id>/reset")
@requires(Permission.ACCOUNT_RESET)
def reset(public_id: uuid.UUID) -> Response:
    """Give a person a one-time password, shown once."""
    with unit_of_work() as session:
        account = _account(session, public_id)
        if not _may_reset(session, account):
            raise Refused("您不能重置这个账号的密码；本人请用“修改密码”")
        one_time = security.reset_password(session, account, actor=current_user(), at=now())
    return _account_page(public_id, one_time=one_time)


@bp.post("/<uuid:public_id>/disable")
@requires(Permission.ACCOUNT_EDIT)
def disable(public_id: uuid.UUID) -> Response:
    """Disable an account; it is signed out everywhere."""
    with unit_of_work() as session:
        security.disable_account(session, _account(session, public_id), actor=current_user(), at=now())
    flash("账号已停用", "success")
    return redirect(url_for(".show", public_id=public_id))


@bp.post("/<uuid:public_id>/enable")
@requires(Permission.ACCOUNT_EDIT)
def enable(public_id: uuid.UUID) -> Response:
    """Let a disabled account sign in again."""
    with unit_of_work() as session:
        security.enable_account(session, _account(session, public_id), actor=current_user())
    flash("账号已启用", "success")
    return redirect(url_for(".show", public_id=public_id))


@bp.post("/<uuid:public_id>/unlock")
@requires(Permission.ACCOUNT_EDIT)
def unlock(public_id: uuid.UUID) -> Response:
    """Lift the lock that wrong passwords brought."""
    with unit_of_work() as session:
        security.unlock_account(session, _account(session, public_id), actor=current_user())
    flash("锁定已解除", "success")
    return redirect(url_for(".show", public_id=public_id))


@bp.post("/<uuid:public_id>/grants")
@requires(Permission.ACCOUNT_EDIT)
def grant(public_id: uuid.UUID) -> Response:
    """Open something to an account."""
    form = _grant_form(_account(current_session(), public_id))
    if form.validate_on_submit():
        with saving(form) as session:
            security.grant(
                session,
                _account(session, public_id),
                GrantKind(form.kind.data),
                form.ref.data or "",
                valid_from=required(form.valid_from.data),
                valid_until=form.valid_until.data,
                actor=current_user(),
            )
        if form.is_saved:
            flash("已授权，下一次操作时生效", "success")
            return redirect(url_for(".show", public_id=public_id))
    return _account_page(public_id, form=form)


@bp.post("/<uuid:public_id>/grants/<int:grant_id>/revoke")
@requires(Permission.ACCOUNT_EDIT)
def revoke(public_id: uuid.UUID, grant_id: int) -> Response:
    """End a grant today."""
    with unit_of_work() as session:
        account = _account(session, public_id)
        held = session.scalar(
            select(AccountGrant).where(AccountGrant.id == min(grant_id, 2**31), AccountGrant.account_id == account.id)
        )
        if held is None:
            raise NotFound
        security.revoke(session, held, on=today(), actor=current_user())
    flash("授权已收回", "success")
    return redirect(url_for(".show", public_id=public_id))


def _visible(session: Session) -> ColumnElement[bool]:
    user = current_user()
    return queries.visible_accounts(user, on=today(), units=registry().units_in_sight(session, user))


def _account(session: Session, public_id: uuid.UUID) -> Account:
    found = session.scalar(select(Account).where(Account.public_id == public_id, _visible(session)))
    if found is None:
        raise NotFound
    return found


def _may_reset(session: Session, account: Account) -> bool:
    user = current_user()
    may = queries.resettable_accounts(user, on=today(), units=registry().units_in_sight(session, user))
    return session.scalar(select(Account.id).where(Account.id == account.id, may)) is not None


def _grant_form(account: Account) -> GrantForm:
    form = GrantForm(data={"valid_from": today()})
    form.kind.choices = choices((kind.value, kind.label) for kind in GrantKind if kind in GRANTS_OF[account.role])
    return form


def _account_page(public_id: uuid.UUID, *, one_time: str = "", form: GrantForm | None = None) -> Response:
    session, user = current_session(), current_user()
    account = _account(session, public_id)
    grants = session.scalars(
        select(AccountGrant).where(AccountGrant.account_id == account.id).order_by(AccountGrant.id.desc())
    ).all()
    return page(
        "web/account.html",
        account=account,
        grants=grants,
        form=form or _grant_form(account),
        one_time=one_time,
        now=now(),
        today=today(),
        may_edit=user.may(Permission.ACCOUNT_EDIT),
        may_reset=user.may(Permission.ACCOUNT_RESET) and _may_reset(session, account),
        takes_grants=bool(GRANTS_OF[account.role]),
    )
