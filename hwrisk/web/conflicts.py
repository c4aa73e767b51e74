"""The page that shows both values when somebody else changed a row meanwhile (编辑冲突)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

import structlog
from flask import g, make_response, render_template, request
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.fields.choices import SelectFieldBase

from hwrisk.errors import EditConflict
from hwrisk.web.formats import NOTHING, label
from hwrisk.web.forms import VersionedForm

log = structlog.get_logger("hwrisk.web")


class _Row(NamedTuple):
    label: str
    mine: str
    theirs: str
    differs: bool


def conflict_page(
    form: VersionedForm, *, error: EditConflict, version: int, theirs: Mapping[str, str], reload_url: str
) -> Response:
    """Return the 409 page with what the person typed beside what stands now; either can be chosen.

    Args:
        version: the row's present version, which a deliberate second saving carries.
        theirs: present values ready to show, by field name; of a choice its code will do.
        reload_url: where the present row is shown.
    """
    g.error_id = secrets.token_hex(4)
    log.info("edit conflict", error_id=g.error_id, status=409, endpoint=request.endpoint)
    hidden = {"csrf_token", "version"}
    rows = [
        _row(str(field.label.text), _worded(field, _typed(field)), _worded(field, theirs[name]))
        for name, field in form._fields.items()
        if name in theirs and name not in hidden
    ]
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in hidden]
    page = render_template(
        "errors/conflict.html",
        rows=rows,
        message=error.message,
        action=request.full_path.rstrip("?"),
        resubmit=[*kept, ("version", str(version))],
        reload_url=reload_url,
        error_id=g.error_id,
    )
    return make_response(page, HTTPStatus.CONFLICT)


def _row(name: str, mine: str, theirs: str) -> _Row:
    mine, theirs = mine or NOTHING, theirs or NOTHING
    return _Row(name, mine, theirs, mine != theirs)


def _worded(field: object, value: str) -> str:
    """Return the words of an option where `value` is the code of one, else the value itself."""
    if isinstance(field, BooleanField):
        return {"True": "是", "False": "否", "": "否"}.get(value, value)
    if not isinstance(field, SelectFieldBase):
        return value
    return next((str(choice[1]) for choice in field.iter_choices() if str(choice[0]) == value), value)


def _typed(field: object) -> str:
    # What a box for ticking would send says nothing of whether it is ticked.
    value = None if isinstance(field, BooleanField) else getattr(field, "_value", None)
    shown = value() if callable(value) else label(getattr(field, "data", None))
    return str(shown)
