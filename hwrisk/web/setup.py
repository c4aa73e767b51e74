"""Puts the web together: configuration, guard, headers, errors, layout and the pages of the services."""

from __future__ import annotations

import time
from dataclasses import replace
from http import HTTPStatus

import structlog
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from hwrisk.config import MIB, Settings
from hwrisk.security.permissions import Permission
from hwrisk.web import context, errors, headers, layout, sessions
from hwrisk.web.access import guard
from hwrisk.web.pages import BLUEPRINTS, FIRST_NAV, NAV
from hwrisk.web.registry import EXTENSION, Registry

MAX_FORM_MIB = 2
MAX_FORM_PARTS = 5000
log = structlog.get_logger("hwrisk.web.access")


def init_web(app: Flask, registry: Registry) -> None:
    """Make `app` serve the web over `registry`; blueprints of the rooms are registered by the caller, before or after.

    The menu entries of the services' own pages are added to those of the rooms.
    """
    settings = registry.settings
    app.extensions[EXTENSION] = replace(registry, nav=(*FIRST_NAV, *registry.nav, *NAV))
    _configure(app, settings)
    # First who asks, then whether they may, and only then is a body read to look for the CSRF token.
    app.before_request(_start_clock)
    app.before_request(sessions.load_user)
    app.before_request(guard)
    CSRFProtect(app)
    app.teardown_request(context.close_session)
    headers.init_headers(app, is_https=settings.secure_cookies)
    errors.init_errors(app)
    layout.init_layout(app)
    app.after_request(_log_request)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    static = app.view_functions.get("static")
    if static is not None:
        vars(static)["required_permissions"] = frozenset({Permission.PUBLIC})


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.upload_mib * MIB,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_MIB * MIB,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,
    )
    sessions.configure_cookies(app, secure=settings.secure_cookies)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _start_clock() -> None:
    g.started = time.monotonic()


def _log_request(response: Response) -> Response:
    if request.endpoint not in ("static", "health.healthz"):
        took_ms = round((time.monotonic() - g.get("started", time.monotonic())) * 1000)
        report = log.warning if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else log.info
        # The path alone: query arguments hold names of people and units.
        report("request", status=response.status_code, ms=took_ms, endpoint=request.endpoint)
    return response
