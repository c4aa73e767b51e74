"""Pages and partials: the same rows for a browser without JavaScript and for htmx."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Form


def is_partial_request() -> bool:
    """Tell whether htmx asks for a part of a page; boosted links and restored history want the whole page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_or_partial(page: str, partial: str, /, *, status: int | None = None, **context: Any) -> BaseResponse:
    """Return `page` for a browser and `partial` for htmx, with `Vary: HX-Request`.

    Args:
        status: by default 422 when `form` of the context was refused, else 200.
    """
    response = make_response(render_template(partial if is_partial_request() else page, **context))
    response.vary.add("HX-Request")
    response.status_code = status if status is not None else _status(context.get("form"))
    return response


def page(template: str, /, *, status: int | None = None, **context: Any) -> BaseResponse:
    """Return a whole page; status as in `page_or_partial`."""
    return page_or_partial(template, template, status=status, **context)


def _status(form: Any) -> int:
    was_refused = isinstance(form, Form) and bool(form.errors)
    return HTTPStatus.UNPROCESSABLE_ENTITY if was_refused else HTTPStatus.OK
