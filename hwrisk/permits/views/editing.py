"""Registering licences, and recording what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.catalogue.queries import treatment_methods
from hwrisk.clock import today
from hwrisk.errors import RuleViolation
from hwrisk.permits import operations, queries
from hwrisk.permits.contents import (
    Holder,
    LineContent,
    TermContent,
    doubts,
    grants_text,
    parse_grants,
    parse_methods,
)
from hwrisk.permits.forms import (
    LINES_SHOWN,
    MOST_LINES,
    NewLicenceForm,
    RenewalForm,
    RevocationForm,
    TermForm,
    lines_of,
)
from hwrisk.permits.models import GrantMode, HolderPlace, Licence, LicenceKind, LicenceTerm, TermAct
from hwrisk.permits.operations import NewLicence
from hwrisk.permits.queries import LicenceFile
from hwrisk.permits.rules import Term
from hwrisk.permits.views.blueprint import bp
from hwrisk.security.permissions import Permission
from hwrisk.units.queries import UnitConditions, unit_rows
from hwrisk.web import (
    BaseForm,
    current_session,
    current_user,
    drop_draft,
    page,
    required,
    requires,
    saving,
    unit_of_work,
    with_draft,
)

NEW_KEY = "permits.new"
Act = Callable[[Session, Licence], object]


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PERMIT_EDIT)
def create() -> Response:
    """Register a licence with its lines (登记许可证)."""
    form = with_draft(NewLicenceForm, NEW_KEY, data={"issued_on": today(), "valid_from": today()})
    if form.validate_on_submit():
        try:
            content = _content(current_session(), form, TermAct(form.act.data))
            new = NewLicence(
                licence_no=form.licence_no.data or "",
                holder=_holder(current_session(), form),
                content=content,
                source=form.source.data or "",
            )
            with unit_of_work() as session:
                public_id = operations.register_licence(session, new, actor=current_user()).public_id
                drop_draft(session, user=current_user(), form_key=NEW_KEY)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            _say("许可证已登记", content)
            return redirect(url_for(".show", public_id=public_id))
    return _form_page(form, heading="登记许可证", file=None)


@bp.route("/<uuid:public_id>/renew", methods=["GET", "POST"])
@requires(Permission.PERMIT_EDIT)
def renew(public_id: UUID) -> Response:
    """Record a further term of the same number (换证、重新申请)."""
    file = _file(public_id)
    data = _shown(file) | {"act": TermAct.RENEWED.value, "issued_on": None, "expires_on": None, "document_no": ""}
    data["valid_from"] = file.terms[-1].valid_until if file.terms else today()
    form = with_draft(TermForm, f"permits.renew.{public_id}", data=data)

    def act(session: Session, licence: Licence, content: TermContent) -> object:
        return operations.add_term(session, licence, content, actor=current_user())

    note = "新的有效期不得与同一证号已登记的有效期重叠。"
    return _answer_term(form, file, act, heading="换证", done="换证已登记", note=note)


@bp.route("/<uuid:public_id>/change", methods=["GET", "POST"])
@requires(Permission.PERMIT_EDIT)
def change(public_id: UUID) -> Response:
    """Record that a licence reads otherwise from a day on (变更)."""
    file = _file(public_id)
    form = with_draft(TermForm, f"permits.change.{public_id}", data=_shown(file) | {"valid_from": today()})
    del form.act

    def act(session: Session, licence: Licence, content: TermContent) -> object:
        return operations.change_term(session, licence, content, actor=current_user())

    note = "“有效期起”填变更生效的日期；此前的内容保留，可在沿革中查看。"
    return _answer_term(form, file, act, heading="变更许可内容", done="变更已登记", note=note, fixed=TermAct.CHANGED)


@bp.route("/<uuid:public_id>/correct", methods=["GET", "POST"])
@requires(Permission.PERMIT_EDIT)
def correct(public_id: UUID) -> Response:
    """Correct the term shown today, which was entered wrongly (更正)."""
    file = _file(public_id)
    form = with_draft(TermForm, f"permits.correct.{public_id}", data=_shown(file))
    fixed = TermAct.CHANGED if file.row.act is TermAct.CHANGED else None
    if fixed is not None:
        del form.act

    def act(session: Session, licence: Licence, content: TermContent) -> object:
        term = session.get_one(LicenceTerm, file.row.term.id)
        return operations.correct_term(session, licence, term, content, actor=current_user())

    note = "只用于改正录入错误；许可内容有变化的请办“变更”。更正前的登记保留。"
    return _answer_term(form, file, act, heading="更正登记", done="已更正", note=note, fixed=fixed)


@bp.route("/<uuid:public_id>/renewal", methods=["GET", "POST"])
@requires(Permission.PERMIT_REPORT)
def file_renewal(public_id: UUID) -> Response:
    """Record that renewal was asked for (登记换证申请)."""
    form = with_draft(RenewalForm, f"permits.renewal.{public_id}", data={"filed_on": today()})

    def act(session: Session, licence: Licence) -> object:
        return operations.file_renewal(
            session, licence, filed_on=required(form.filed_on.data), document_no=form.document_no.data or "",
            as_of=today(), actor=current_user(),
        )  # fmt: skip

    note = "登记后不再提醒；换证批准后另办“换证”。"
    return _answer(form, _file(public_id), act, heading="登记换证申请", done="换证申请已登记", note=note)


@bp.route("/<uuid:public_id>/revoke", methods=["GET", "POST"])
@requires(Permission.PERMIT_EDIT)
def revoke(public_id: UUID) -> Response:
    """Record that a licence was revoked or handed back (注销、吊销)."""
    form = with_draft(RevocationForm, f"permits.revoke.{public_id}", data={"on": today()})

    def act(session: Session, licence: Licence) -> None:
        operations.revoke(
            session, licence, on=required(form.on.data), reason=form.reason.data or "", as_of=today(),
            actor=current_user(),
        )  # fmt: skip

    note = "自所填日期起许可证失效，以前的登记保留。"
    return _answer(form, _file(public_id), act, heading="登记注销、吊销", done="已登记", note=note)


def _answer(form: BaseForm, file: LicenceFile, act: Act, *, heading: str, done: str, note: str) -> Response:
    if form.validate_on_submit():
        with saving(form) as session:
            act(session, queries.licence_in_hand(session, file.row.public_id, user=current_user()))
        if form.is_saved:
            flash(done, "success")
            return redirect(url_for(".show", public_id=file.row.public_id))
    return page("permits/act_form.html", form=form, file=file, heading=heading, note=note)


def _answer_term(
    form: TermForm,
    file: LicenceFile,
    act: Callable[[Session, Licence, TermContent], object],
    *,
    heading: str,
    done: str,
    note: str,
    fixed: TermAct | None = None,
) -> Response:
    if form.validate_on_submit():
        try:
            content = _content(current_session(), form, fixed or TermAct(form.act.data))
            with unit_of_work() as session:
                act(session, queries.licence_in_hand(session, file.row.public_id, user=current_user()), content)
                drop_draft(session, user=current_user(), form_key=form.draft_key or "")
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            _say(done, content)
            return redirect(url_for(".show", public_id=file.row.public_id))
    return _form_page(form, heading=heading, file=file, note=note)


def _form_page(form: TermForm, *, heading: str, file: LicenceFile | None, note: str = "") -> Response:
    while len(form.lines.entries) < min(MOST_LINES, len(lines_of(form)) + LINES_SHOWN):
        form.lines.append_entry()
    methods = treatment_methods(current_session())
    return page("permits/term_form.html", form=form, heading=heading, file=file, note=note, methods=methods)


def _content(session: Session, form: TermForm, act: TermAct) -> TermContent:
    """Return what the form says; a fault of a line is shown at its field.

    Raises:
        RuleViolation: a list of a line is malformed, or the line lacks its quantity.
    """
    known = [method.code for method in treatment_methods(session)]
    lines = []
    for line in lines_of(form):
        try:
            lines.append(_line(line, known))
        except RuleViolation as violation:
            field = line._fields.get(violation.field or "")
            if field is not None:
                field.errors = [*field.errors, violation.message]
            label = line.line_no.data or line.name.data or "未编号"
            raise RuleViolation(f"生产线“{label}”：{violation.message}") from violation
    return TermContent(
        kind=LicenceKind(form.kind.data), act=act, authority=form.authority.data or "",
        issued_on=required(form.issued_on.data), valid_from=required(form.valid_from.data),
        expires_on=required(form.expires_on.data), annual_cap=form.annual_cap.data, lines=tuple(lines),
        document_no=(form.document_no.data or "").strip(), note=(form.note.data or "").strip(),
    )  # fmt: skip


def _line(line: Any, known: list[str]) -> LineContent:
    if not (line.line_no.data or "").strip():
        raise RuleViolation("请填写生产线编号，如 L1", field="line_no")
    if line.quantity.data is None:
        raise RuleViolation("请填写核准经营规模（吨/年）", field="quantity")
    return LineContent(
        line_no=line.line_no.data.strip(), name=(line.name.data or "").strip(), quantity=line.quantity.data,
        methods=parse_methods(line.methods.data or "", known),
        grants=parse_grants(line.categories.data or "", line.codes.data or "", line.excepted.data or ""),
    )  # fmt: skip


def _holder(session: Session, form: NewLicenceForm) -> Holder:
    """Return who holds the licence; a unit must be one the person sees.

    Raises:
        RuleViolation: no unit in sight has the number.
    """
    number = form.unit_no.data
    if not number:
        return Holder(name=form.holder_name.data or "", place=HolderPlace(form.place.data))
    found = unit_rows(session, current_user(), UnitConditions(pasted=(number,)), as_of=today())
    if not found:
        raise RuleViolation(f"您的管辖范围内没有编号为“{number}”的单位，请核对", field="unit_no")
    return Holder(unit_id=found[0].id, place=HolderPlace.CITY)


def _file(public_id: UUID) -> LicenceFile:
    queries.licence_in_hand(current_session(), public_id, user=current_user())
    return queries.licence_file(current_session(), public_id, user=current_user(), as_of=today())


def _shown(file: LicenceFile) -> dict[str, Any]:
    """Return the term that speaks today as the form shows it."""
    row = file.row
    of_row = next(term for term in file.history if term.id == row.term.id)
    return {
        "kind": row.kind.value, "act": row.act.value, "authority": row.authority, "issued_on": row.issued_on,
        "document_no": of_row.document_no, "valid_from": row.valid_from, "expires_on": row.expires_on,
        "annual_cap": row.term.annual_cap, "note": of_row.note, "lines": _lines_shown(row.term),
    }  # fmt: skip


def _lines_shown(term: Term) -> list[dict[str, Any]]:
    return [
        {
            "line_no": line.line_no, "name": line.name, "quantity": line.quantity,
            "methods": ";".join(sorted(line.methods)),
            "categories": grants_text(tuple(line.grants), GrantMode.CATEGORY),
            "codes": grants_text(tuple(line.grants), GrantMode.CODE),
            "excepted": grants_text(tuple(line.grants), GrantMode.EXCEPT),
        }
        for line in term.lines
    ]  # fmt: skip


def _say(done: str, content: TermContent) -> None:
    flash(done, "success")
    years = queries.permit_settings(current_session(), as_of=today()).term_years
    for doubt in doubts(content, years):
        flash(doubt, "warning")
