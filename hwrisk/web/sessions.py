"""Sign-ins of the web: the cookie carries a random token, the database says whose it is and whether it still holds."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import uuid

import structlog
from flask import Flask, current_app, g, redirect, request, session, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from hwrisk.clock import now, today
from hwrisk.db.session import as_busy
from hwrisk.errors import DatabaseBusy
from hwrisk.security import viewer_of
from hwrisk.security.models import Account
from hwrisk.security.operations import touch_session
from hwrisk.security.policy import password_rules
from hwrisk.security.queries import account_by_token
from hwrisk.security.rules import is_password_old
from hwrisk.web.context import current_session
from hwrisk.web.registry import registry

TOKEN = "token"  # noqa: S105 - the name of the cookie's field, not a secret
CSRF_FIELD = "csrf_token"
_WITHOUT_USER = frozenset({"static", "health.healthz"})
"""Routes that answer without the database."""
_WITH_OLD_PASSWORD = frozenset({"signin.change_password", "signin.logout", "signin.login"})
"""Routes open to a person who still has the one-time password."""


def configure_cookies(app: Flask, *, secure: bool) -> None:
    """Set the cookie's flags; the cookie ends with the browser, the sign-in itself ends on the server."""
    app.config.update(
        SESSION_COOKIE_NAME="hwrisk_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def start_session(token: str) -> None:
    """Put a fresh sign-in into the cookie; nothing of what was there before stays, the CSRF token neither."""
    session.clear()
    session[TOKEN] = token
    _bind_csrf(token)


def end_session() -> str | None:
    """Empty the cookie and return the token that was in it."""
    token: str | None = session.get(TOKEN)
    session.clear()
    return token


def load_user() -> Response | None:
    """Find out who is asking, and send whoever has a one-time password to change it."""
    g.viewer = None
    g.request_id = uuid.uuid4().hex[:12]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id, method=request.method, path=request.path)
    token = session.get(TOKEN)
    if request.endpoint in _WITHOUT_USER or not isinstance(token, str):
        return None
    with as_busy():
        account = account_by_token(current_session(), token, at=now())
        if account is None:
            session.pop(TOKEN)
            return None
        g.viewer = viewer_of(current_session(), account, on=today())
    structlog.contextvars.bind_contextvars(account=account.id)
    _bind_csrf(token)
    _touch(token)
    g.why_change_password = _why_change_password(account)
    if g.why_change_password and request.endpoint not in _WITH_OLD_PASSWORD:
        return redirect(url_for("signin.change_password"))
    return None


def why_change_password() -> str:
    """Return why the signed-in person must change the password before anything else, or an empty text."""
    return str(g.get("why_change_password", ""))


def _why_change_password(account: Account) -> str:
    if account.must_change_password:
        return "您使用的是一次性密码，请先改成只有自己知道的密码。"
    if is_password_old(account.role, account.password_set_at, at=now(), rules=password_rules()):
        return "密码已超过规定的使用期限，请先修改。"
    return ""


def _bind_csrf(token: str) -> None:
    """Make the CSRF token belong to the sign-in: a token of another sign-in is worth nothing."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    bound = hmac.new(key, b"csrf:" + token.encode(), hashlib.sha256).hexdigest()
    if session.get(CSRF_FIELD) != bound:
        session[CSRF_FIELD] = bound


def _touch(token: str) -> None:
    # A page never waits for the write lock and never fails because nobody could note that it was seen.
    with contextlib.suppress(DatabaseBusy, DBAPIError):
        touch_session(registry().database, token, at=now())
