"""Versions of the list, the lines of one, two compared, and the notice as it is published."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.errors import NotFound
from hwrisk.key_list.comparing import compare_lists
from hwrisk.key_list.models import BasisKind, Change, KeyList, ListState, ReviewState
from hwrisk.key_list.queries import entries, lists
from hwrisk.key_list.queries.facts import rule_pack
from hwrisk.key_list.rules import deadline_of
from hwrisk.key_list.views.blueprint import bp, rights
from hwrisk.rulepacks.trust import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.units.views.options import admin_options, office_options
from hwrisk.web import (
    Filter,
    current_session,
    current_user,
    page,
    page_or_partial,
    read_filters,
    requested_as_of,
    requires,
)
from hwrisk.web.queries import saved_filters

FILTERS = (
    Filter("office", "管辖单位", "choice", office_options),
    Filter("admin", "行政区划", "choice", admin_options),
    Filter("basis", "依据", "choice", [(kind.value, kind.label) for kind in BasisKind]),
    Filter("change", "变化", "choice", [(change.value, change.label) for change in Change]),
    Filter("review", "核对", "choice", [(state.value, state.label) for state in ReviewState], all_label="全部核对状态"),
    Filter("listed", "列入", "choice", [(entries.LISTED, "列入"), (entries.LEFT, "不列入")], all_label="列入和不列入"),
    Filter("text", "单位名称 / 拼音 / 编号 / 依据"),
    Filter("pasted", "名单", "paste"),
)


@bp.get("/")
@requires(Permission.KEY_LIST_READ)
def index() -> Response:
    """Show the list in force on a day, the draft, and every version."""
    session, user, day = current_session(), current_user(), requested_as_of()
    pack = rule_pack(session, on=day)
    return page(
        "key_list/index.html",
        rows=lists.all_lists(session, user=user, as_of=today()),
        in_force=lists.list_in_force(session, as_of=day),
        upcoming=lists.next_published(session, after=day),
        as_of=day,
        deadline=deadline_of(pack.parameters, day.year + 1),
        is_deadline_unverified=not Trust(pack.parameters["publication"]["trust"]).is_verified,
        published=lists.published_lists(session, as_of=today()),
        scope=_scope(user),
        may=rights(),
    )


@bp.get("/<uuid:public_id>")
@requires(Permission.KEY_LIST_READ)
def show(public_id: UUID) -> Response:
    """Show the lines of a version, with its progress while it is a draft."""
    session, user = current_session(), current_user()
    key_list = lists.get_list(session, public_id, user=user)
    filters = read_filters(FILTERS, request.args)
    asked = entries.conditions_from(filters.values)
    is_draft = key_list.state is ListState.DRAFT
    return page_or_partial(
        "key_list/show.html",
        "key_list/_entry_rows.html",
        key_list=key_list,
        heading=lists.list_title(session, key_list),
        base=lists.list_before(session, key_list),
        filters=filters,
        entries=entries.entries_page(
            session, key_list, user=user, as_of=today(), asked=asked, cursor=request.args.get("cursor")
        ),
        totals=entries.entry_totals(session, key_list, user=user, as_of=today(), asked=asked),
        progress=entries.progress_by_office(session, key_list, user=user, as_of=today()) if is_draft else [],
        saved=saved_filters(session, user=user, endpoint="key_list.show"),
        scope=_scope(user),
        may=rights(key_list),
        export_params={"list": str(key_list.public_id)},
    )


@bp.get("/<uuid:public_id>/notice")
@requires(Permission.KEY_LIST_READ)
def notice(public_id: UUID) -> Response:
    """Show a version as the bureau publishes it."""
    session, user = current_session(), current_user()
    key_list = lists.get_list(session, public_id, user=user)
    listed = entries.EntryConditions(listed=True)
    return page(
        "key_list/notice.html",
        key_list=key_list,
        heading=lists.list_title(session, key_list),
        rows=list(entries.stream_entries(session, key_list, user=user, as_of=today(), asked=listed)),
        is_whole=user.is_city_wide,
        may=rights(key_list),
    )


@bp.get("/compare")
@requires(Permission.KEY_LIST_READ)
def compare() -> Response:
    """Compare two versions: who came, who left, whose basis changed, who stayed."""
    session, user = current_session(), current_user()
    published = lists.published_lists(session, as_of=today())
    before = _chosen("before", default=published[1] if len(published) > 1 else None)
    after = _chosen("after", default=published[0] if published else None)
    comparison = compare_lists(session, before, after, user=user, as_of=today()) if before and after else None
    return page(
        "key_list/compare.html",
        # A list that is published and comes into force later is compared too.
        published=lists.published_lists(session, as_of=date.max),
        before=before,
        after=after,
        comparison=comparison,
        may=rights(),
        export_params={"before": str(before.public_id), "after": str(after.public_id)} if before and after else {},
    )


def _chosen(name: str, *, default: KeyList | None) -> KeyList | None:
    text = request.args.get(name, "").strip()
    if not text:
        return default
    try:
        public_id = UUID(text)
    except ValueError as failure:
        raise NotFound from failure
    return lists.get_list(current_session(), public_id, user=current_user())


def _scope(user: Viewer) -> str:
    return "全市" if user.is_city_wide else "本账号管辖范围"
