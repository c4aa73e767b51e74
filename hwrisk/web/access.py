"""Who may open a route: each names its permissions, and one guard asks for them before the view runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from hwrisk.errors import Refused
from hwrisk.security.permissions import Permission
from hwrisk.web.context import signed_in

V = TypeVar("V", bound=Callable[..., Any])
MAX_NEXT_LENGTH = 2000


def requires(*permissions: Permission) -> Callable[[V], V]:
    """Mark a view with the permissions it needs, all of them; `Permission.PUBLIC` opens it to everybody.

    The marks stand in `view.required_permissions`. A view without any is opened to nobody.
    """
    if not permissions:
        raise ValueError("a view names at least one permission")

    def mark(view: V) -> V:
        vars(view)["required_permissions"] = frozenset(permissions)
        return view

    return mark


def required_permissions(app: Flask, endpoint: str) -> frozenset[Permission] | None:
    """Return what a route needs, or None where its view names nothing."""
    return getattr(app.view_functions.get(endpoint), "required_permissions", None)


def guard() -> Response | None:
    """Let a request through to its view, send it to the login page, or refuse it.

    Raises:
        Refused: the person lacks a permission, or the view names none.
    """
    if request.endpoint is None:
        return None
    needed = required_permissions(current_app, request.endpoint)
    if needed is None:
        current_app.logger.error("route without permission: %s", request.endpoint)
        raise Refused("该页面未登记访问权限，暂不开放，请联系系统管理员")
    if needed == {Permission.PUBLIC}:
        return None
    viewer = signed_in()
    if viewer is None:
        return to_login()
    missing = [p for p in needed - {Permission.PUBLIC} if not viewer.may(p)]
    if missing:
        names = "、".join(sorted(p.label for p in missing))
        raise Refused(f"您的账号（{viewer.role.label}）没有“{names}”权限；确需使用请联系安全管理员")
    return None


def to_login() -> Response:
    """Return the way to the login page and back to where the person was."""
    target = url_for("signin.login", next=_way_back())
    if request.headers.get("HX-Request") == "true":
        # htmx would draw the login page into the middle of a list; this makes the browser go there.
        response = Response(status=401)
        response.headers["HX-Redirect"] = target
        return response
    if request.accept_mimetypes.best == "application/json":
        abort(401)
    return redirect(target)


def safe_next(target: str | None) -> str | None:
    """Return `target` when it is a path of this site, else None: a login never leads to a foreign site."""
    if not target or len(target) > MAX_NEXT_LENGTH or not target.startswith("/"):
        return None
    # Browsers take // and /\ for another host and drop tabs and line breaks before they look.
    if target.startswith(("//", "/\\")) or any(ord(c) < 0x20 or c == "\x7f" for c in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target


def _way_back() -> str | None:
    if request.headers.get("HX-Request") == "true" or request.method != "GET":
        # The page the person saw; its draft is there again after the login.
        try:
            parts = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
        except ValueError:
            # Anybody may send any header; one that is no address leads nowhere.
            return None
        if parts.netloc != request.host:
            return None
        return safe_next(parts.path + (f"?{parts.query}" if parts.query else ""))
    return safe_next(request.full_path.rstrip("?"))
