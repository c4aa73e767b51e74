"""Pages of the catalogue (危险废物名录): codes, editions, treatment methods, stream tags."""

from __future__ import annotations

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from hwrisk.catalogue import queries
from hwrisk.catalogue.models import CatalogueCode
from hwrisk.clock import today
from hwrisk.rulepacks import Trust
from hwrisk.security import Permission
from hwrisk.web import Filter, SortKey, current_session, page, page_of, page_or_partial, read_filters, requires

bp = Blueprint("catalogue", __name__, url_prefix="/catalogue")
HAZARDS = (("T", "T 毒性"), ("C", "C 腐蚀性"), ("I", "I 易燃性"), ("R", "R 反应性"), ("In", "In 感染性"))

BY_CODE = (
    SortKey(CatalogueCode.category, lambda row: row.category),
    SortKey(CatalogueCode.waste_code, lambda row: row.waste_code),
)


def _editions() -> list[tuple[str, str]]:
    rows = queries.editions(current_session())
    return [(row.edition.edition, row.edition.name) for row in rows if row.codes_loaded]


def _categories() -> list[tuple[str, str]]:
    pairs = queries.categories(current_session(), _asked_edition())
    return [(code, f"{code} {name}") for code, name in pairs]


def _asked_edition() -> str:
    asked = request.args.get("edition", "")
    return asked if asked in dict(_editions()) else queries.edition_on(current_session(), today()).edition.edition


FILTERS = (
    Filter("edition", "版本", "choice", _editions, all_label="今天适用的版本"),
    Filter("category", "类别", "choice", _categories),
    Filter("hazard", "危险特性", "choice", HAZARDS),
    Filter("text", "代码、简称或行业"),
)


@bp.get("/")
@requires(Permission.CATALOGUE_READ)
def index() -> Response:
    """List the codes of an edition that fit the conditions."""
    session = current_session()
    filters = read_filters(FILTERS, request.args)
    edition = _asked_edition()
    found = queries.codes_matching(
        edition, text=filters.get("text"), category=filters.get("category"), hazard=filters.get("hazard")
    )
    codes = page_of(
        session, found, keys=BY_CODE,
        cursor=request.args.get("cursor"),
    )  # fmt: skip
    return page_or_partial(
        "catalogue/index.html",
        "catalogue/_rows.html",
        filters=filters,
        codes=codes,
        total=queries.count_codes(session, found),
        serving=queries.edition_on(session, today()),
        editions=queries.editions(session),
        trust=Trust,
    )


@bp.get("/codes/<code>")
@requires(Permission.CATALOGUE_READ)
def show(code: str) -> Response:
    """Show what every loaded edition says of one code."""
    session = current_session()
    rows = queries.code_history(session, code)
    if not rows:
        abort(404)
    return page("catalogue/show.html", code=code, rows=rows)


@bp.get("/methods")
@requires(Permission.CATALOGUE_READ)
def methods() -> Response:
    """List treatment methods and stream tags."""
    session = current_session()
    return page(
        "catalogue/methods.html",
        methods=queries.treatment_methods(session),
        tags=queries.stream_tags(session),
        trust=Trust,
    )
