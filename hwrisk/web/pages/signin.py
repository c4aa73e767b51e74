"""Signing in and out, and changing the own password and PIN (登录)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, Length

from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.security import operations as security
from hwrisk.security.models import Account
from hwrisk.security.permissions import Permission
from hwrisk.security.policy import password_rules
from hwrisk.security.rules import MAX_PASSWORD_LENGTH, PIN_LENGTH
from hwrisk.web.access import requires, safe_next
from hwrisk.web.context import client_address, current_session, current_user, idle_database, signed_in, unit_of_work
from hwrisk.web.forms import BaseForm, Filled, required
from hwrisk.web.rendering import page
from hwrisk.web.sessions import TOKEN, end_session, start_session, why_change_password

bp = Blueprint("signin", __name__)


class LoginForm(BaseForm):
    """Name and password (登录)."""

    username = StringField(
        "用户名", [Filled("请填写用户名"), Length(max=64, message="用户名太长")],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )  # fmt: skip
    password = PasswordField(
        "密码", [Filled("请填写密码"), Length(max=MAX_PASSWORD_LENGTH, message="密码太长")],
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip


class PasswordForm(BaseForm):
    """A new password of one's own (修改密码)."""

    old = PasswordField("原密码", [Filled("请填写原密码")], render_kw={"autocomplete": "current-password"})
    new = PasswordField(
        "新密码", [Filled("请填写新密码"), Length(max=MAX_PASSWORD_LENGTH, message="密码太长")],
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip
    again = PasswordField(
        "再输一遍新密码", [EqualTo("new", "两次输入的新密码不一致")], render_kw={"autocomplete": "new-password"}
    )


class PinForm(BaseForm):
    """The own PIN for acts at a duty post (值班口令)."""

    password = PasswordField("登录密码", [Filled("请填写登录密码")], render_kw={"autocomplete": "current-password"})
    pin = PasswordField(
        "新值班口令", [Filled("请填写新值班口令"), Length(max=PIN_LENGTH, message=f"值班口令须为 {PIN_LENGTH} 位数字")],
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )  # fmt: skip
    again = PasswordField(
        "再输一遍新值班口令", [EqualTo("pin", "两次输入的值班口令不一致")],
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )  # fmt: skip


@bp.route("/login", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
def login() -> Response:
    """Sign a person in and go where they wanted to."""
    target = safe_next(request.args.get("next"))
    if request.method == "GET" and signed_in() is not None:
        return redirect(target or url_for("home.index"))
    form = LoginForm()
    if form.validate_on_submit():
        try:
            token = security.sign_in(
                idle_database(),
                required(form.username.data),
                required(form.password.data),
                address=client_address(),
                at=now(),
                user_agent=request.user_agent.string,
            )
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            start_session(token)
            return redirect(target or url_for("home.index"))
    return page("web/login.html", form=form, next=target)


@bp.post("/logout")
@requires(Permission.PUBLIC)
def logout() -> Response:
    """Sign the person out, on the server too."""
    token = end_session()
    if token:
        with unit_of_work() as opened:
            security.sign_out(opened, token, at=now())
    flash("已退出登录", "success")
    return redirect(url_for(".login"))


@bp.route("/password", methods=["GET", "POST"])
@requires(Permission.HOME_READ)
def change_password() -> Response:
    """Let a person change the own password; all other sign-ins of theirs end."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            security.change_password(
                idle_database(),
                required(current_user().account_id),
                old=required(form.old.data),
                new=required(form.new.data),
                token=session[TOKEN],
                address=client_address(),
                at=now(),
            )
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            flash("密码已修改，其他设备上的登录已退出", "success")
            return redirect(url_for("home.index"))
    return page("web/password.html", form=form, must_change=why_change_password(), rules_text=_rules_in_words())


@bp.route("/pin", methods=["GET", "POST"])
@requires(Permission.DUTY_STAND)
def change_pin() -> Response:
    """Let a person set or change the own PIN for acts at a duty post."""
    form = PinForm()
    person = current_session().get_one(Account, required(current_user().account_id))
    is_set = person.pin_hash is not None
    if form.validate_on_submit():
        try:
            security.change_pin(
                idle_database(),
                required(current_user().account_id),
                password=required(form.password.data),
                pin=required(form.pin.data),
                address=client_address(),
                at=now(),
            )
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            flash("值班口令已保存，在值班岗办理时使用", "success")
            return redirect(url_for("home.index"))
    return page("web/pin.html", form=form, is_set=is_set, length=PIN_LENGTH)


def _rules_in_words() -> str:
    rules = password_rules()
    return (
        f"至少 {rules.min_length} 位，含大写字母、小写字母、数字、符号中的 {rules.min_kinds} 类，"
        f"不含用户名，不用最近 {rules.history} 次用过的密码"
    )
