"""Making, publishing, amending and giving up a version."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.errors import RuleViolation
from hwrisk.key_list import operations
from hwrisk.key_list.forms import AddForm, ProposeForm, PublishForm, ReasonForm
from hwrisk.key_list.models import KeyList, ListState
from hwrisk.key_list.queries import entries, lists
from hwrisk.key_list.views.blueprint import bp
from hwrisk.security.permissions import Permission
from hwrisk.units.queries import UnitConditions, UnitRow, unit_rows
from hwrisk.web import (
    BaseForm,
    choices,
    current_session,
    current_user,
    page,
    required,
    requires,
    saving,
)

Act = Callable[[Session, KeyList], KeyList | None]
MOST_NAMED = 3


@bp.route("/propose", methods=["GET", "POST"])
@requires(Permission.KEY_LIST_PUBLISH)
def propose() -> Response:
    """Draw up the draft of a year by the rules."""
    form, year = ProposeForm(), today().year
    form.year.choices = choices([(str(year + 1), f"{year + 1}年"), (str(year), f"{year}年")])
    if form.validate_on_submit():
        with saving(form) as session:
            made = operations.propose(
                session, int(required(form.year.data)), as_of=today(), actor=current_user()
            ).public_id
        if form.is_saved:
            flash("草稿已生成，请各县（区）核对", "success")
            return redirect(url_for(".show", public_id=made))
    note = (
        "按 HJ 1259—2022 4.2 和当前规则包，用台账与年度产生量测算全部在册单位，列出应列入、保留和退出的单位及其数据。"
    )
    return page(
        "key_list/form.html", form=form, heading="测算年度清单", note=note, back=url_for(".index"), save="开始测算"
    )


@bp.route("/<uuid:public_id>/publish", methods=["GET", "POST"])
@requires(Permission.KEY_LIST_PUBLISH)
def publish(public_id: UUID) -> Response:
    """Publish a draft by a notice."""
    key_list = _list(public_id)
    form = PublishForm(data={"published_on": today()})

    def act(session: Session, found: KeyList) -> None:
        operations.publish(
            session,
            found,
            notice_no=form.notice_no.data or "",
            notice_title=form.notice_title.data or "",
            published_on=required(form.published_on.data),
            effective_on=form.effective_on.data,
            as_of=today(),
            actor=current_user(),
        )

    totals = entries.entry_totals(
        current_session(), key_list, user=current_user(), as_of=today(), asked=entries.EntryConditions()
    )
    note = (
        f"列入 {totals.listed} 家，待核对 {totals.pending} 家，有异议未定 {totals.objected} 家。"
        "公布后清单不可修改，各单位的管理类别自执行之日起按清单核定；以后的变动办理调整。"
    )
    return _settled(key_list) or _answer(
        key_list, form, act, heading="公布清单", done="清单已公布", note=note, save="公布"
    )


@bp.route("/<uuid:public_id>/amend", methods=["GET", "POST"])
@requires(Permission.KEY_LIST_PUBLISH)
def amend(public_id: UUID) -> Response:
    """Open an amendment of a published list."""
    form = ReasonForm()

    def act(session: Session, found: KeyList) -> KeyList:
        return operations.amend(session, found, reason=form.reason.data or "", as_of=today(), actor=current_user())

    note = "以这一版为底稿生成新的版本，在其上增列、剔除并写明理由，用自己的文号公布；原清单保留不变。"
    return _answer(
        _list(public_id), form, act, heading="办理调整", done="调整草稿已生成", note=note, save="生成调整草稿"
    )


@bp.route("/<uuid:public_id>/discard", methods=["GET", "POST"])
@requires(Permission.KEY_LIST_PUBLISH)
def discard(public_id: UUID) -> Response:
    """Give a draft up."""
    form = ReasonForm()

    def act(session: Session, found: KeyList) -> None:
        operations.discard(session, found, reason=form.reason.data or "", actor=current_user())

    note = "作废后可以重新测算；已填写的核对意见随草稿留存，不带到新草稿。"
    key_list = _list(public_id)
    return _settled(key_list) or _answer(
        key_list, form, act, heading="作废草稿", done="草稿已作废", note=note, save="作废"
    )


@bp.route("/<uuid:public_id>/add", methods=["GET", "POST"])
@requires(Permission.KEY_LIST_CONFIRM)
def add(public_id: UUID) -> Response:
    """Add a unit to a draft by hand."""
    form = AddForm()

    def act(session: Session, found: KeyList) -> None:
        row = _named_unit(session, (form.unit.data or "").strip())
        operations.add_unit(session, found, row, reason=form.reason.data or "", as_of=today(), actor=current_user())

    note = "市局增列的直接列入；县（区）增列的先列为建议，由市局决定是否列入。"
    key_list = _list(public_id)
    return _settled(key_list) or _answer(key_list, form, act, heading="增列单位", done="已增列", note=note, save="增列")


def _named_unit(session: Session, text: str) -> UnitRow:
    found = unit_rows(session, current_user(), UnitConditions(pasted=(text,)), as_of=today())
    if len(found) == 1:
        return found[0]
    if found:
        numbers = "、".join(row.unit_no for row in found[:MOST_NAMED])
        raise RuleViolation(f"有 {len(found)} 家单位叫“{text}”，请填写单位编号（{numbers}）", field="unit")
    near = unit_rows(session, current_user(), UnitConditions(text=text), as_of=today())[:MOST_NAMED]
    names = f"，相近的有：{'、'.join(f'{row.name}（{row.unit_no}）' for row in near)}" if near else ""
    raise RuleViolation(f"没有找到单位“{text}”，或不在您的管辖范围内{names}", field="unit")


def _list(public_id: UUID) -> KeyList:
    return lists.get_list(current_session(), public_id, user=current_user())


def _settled(key_list: KeyList) -> Response | None:
    """Lead back to a version that can no longer be changed and say why, before anything is typed; None for a draft."""
    if key_list.state is ListState.DRAFT:
        return None
    flash(operations.why_settled(key_list), "warning")
    return redirect(url_for(".show", public_id=key_list.public_id))


def _answer(key_list: KeyList, form: BaseForm, act: Act, *, heading: str, done: str, note: str, save: str) -> Response:
    """Show the form, or do what it says and go to the version it leads to."""
    public_id, title = key_list.public_id, lists.list_title(current_session(), key_list)
    if form.validate_on_submit():
        with saving(form) as session:
            found = lists.get_list(session, public_id, user=current_user())
            made = act(session, found)
            target = made.public_id if made is not None else public_id
        if form.is_saved:
            flash(done, "success")
            return redirect(url_for(".show", public_id=target))
    return page(
        "key_list/form.html", form=form, heading=heading, subject=title, note=note,
        back=url_for(".show", public_id=public_id), save=save,
    )  # fmt: skip
