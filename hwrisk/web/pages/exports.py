"""Exports (导出): making a report, the register of what was made, downloading, and verifying a file or a print-out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import date
from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, send_file, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from hwrisk.clock import today
from hwrisk.errors import BadFile, NotFound, RuleViolation
from hwrisk.imports.cells import CellError, parse_day
from hwrisk.jobs import enqueue
from hwrisk.reporting import Parameter, Report, ReportRequest, Verified, make_export, verify_file, verify_paper
from hwrisk.reporting.models import ExportFile
from hwrisk.reporting.queries import download_name, export_file, file_of, visible_to
from hwrisk.security.permissions import Permission
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user, idle_database, unit_of_work
from hwrisk.web.forms import BaseForm, FileField
from hwrisk.web.paging import SortKey, page_of
from hwrisk.web.records import NavItem
from hwrisk.web.registry import registry
from hwrisk.web.rendering import page, page_or_partial
from hwrisk.web.work import EXPORT

bp = Blueprint("exports", __name__, url_prefix="/exports")
verify_bp = Blueprint("verify", __name__, url_prefix="/verify")
NAV = (
    NavItem("报表导出", "exports.index", Permission.EXPORT_READ, "导入与导出"),
    NavItem("文件核验", "verify.check", Permission.FILE_VERIFY, "导入与导出"),
)
MIMETYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_NEWEST_FIRST = (SortKey(ExportFile.id, lambda row: row.id, descending=True),)
_PREFIX = "arg."
_PARAM = "param."
_MAX_FILTERS = 40
_QR = re.compile(r"hwrisk-export:([0-9a-f-]{36}):([A-Z0-9]{12})")


class VerifyForm(BaseForm):
    """A file, or number and code of a print-out (文件核验)."""

    file = FileField("导出的文件（Excel 或 PDF）")
    number = StringField("文件编号，或扫描二维码得到的文字", [Length(max=120, message="内容太长")])
    code = StringField("核验码", [Length(max=40, message="内容太长")])


@bp.get("/")
@requires(Permission.EXPORT_READ)
def index() -> Response:
    """Show the reports this person may draw, and the register of exported files in sight."""
    reports, may_run = _open_reports(), current_user().may(Permission.EXPORT_RUN)
    files = page_of(
        current_session(),
        select(ExportFile).where(visible_to(current_user())),
        keys=_NEWEST_FIRST,
        cursor=request.args.get("cursor"),
    )
    return page_or_partial(
        "web/exports.html",
        "web/_export_rows.html",
        reports=reports,
        options=_options(reports) if may_run else {},
        files=files,
        today=today(),
        may_run=may_run,
    )


@bp.post("/<report_id>")
@requires(Permission.EXPORT_RUN)
def create(report_id: str) -> Response:
    """Make a report with the conditions of the list it is drawn from; a long one is left to the task worker."""
    report = _report(report_id)
    asked = ReportRequest(user=current_user(), as_of=_as_of(), filters=_filters(), params=_params())
    report.check_params(asked.params)
    fmt = request.form.get("format", "")
    if report.count(current_session(), asked) > registry().settings.inline_task_rows:
        params = {
            "report": report.id,
            "format": fmt,
            "as_of": asked.as_of.isoformat(),
            "filters": dict(asked.filters),
            "params": dict(asked.params),
        }
        with unit_of_work() as session:
            task = enqueue(session, EXPORT, params, actor=current_user())
        return redirect(url_for("tasks.show", public_id=task.public_id))
    made = make_export(idle_database(), report, asked, fmt, exports_dir=registry().settings.exports_dir)
    for warning in made.warnings:
        flash(warning, "warning")
    return redirect(url_for(".download", public_id=made.public_id), HTTPStatus.SEE_OTHER)


@bp.get("/files/<uuid:public_id>")
@requires(Permission.EXPORT_READ)
def download(public_id: uuid.UUID) -> Response:
    """Give an exported file."""
    row = export_file(current_session(), public_id=public_id, user=current_user())
    path = file_of(row, exports_dir=registry().settings.exports_dir)
    return send_file(path, mimetype=MIMETYPES[row.format], as_attachment=True, download_name=download_name(row))


@verify_bp.route("/", methods=["GET", "POST"])
@requires(Permission.FILE_VERIFY)
def check() -> Response:
    """Tell whether a file, or a print-out, is ours and unaltered."""
    form = VerifyForm()
    verified = None
    if form.validate_on_submit():
        try:
            verified = _verified(form)
        except BadFile as failure:
            form.refuse(RuleViolation(failure.message, field="file"))
        except RuleViolation as violation:
            form.refuse(violation)
    return page("web/verify.html", form=form, verified=verified)


def _verified(form: VerifyForm) -> Verified:
    if form.file.data is not None and form.file.data.filename:
        return verify_file(current_session(), form.file.data.read())
    number, code = (form.number.data or "").strip(), (form.code.data or "").strip()
    if scanned := _QR.search(number):
        number, code = scanned.groups()
    if not number and not code:
        raise RuleViolation("请选择文件，或填写编号和核验码", field="file")
    try:
        export_id = uuid.UUID(number)
    except ValueError:
        raise RuleViolation("文件编号是 36 位带短横的编号，印在每页下方，请核对", field="number") from None
    return verify_paper(current_session(), export_id=export_id, code=code)


def _open_reports() -> list[Report]:
    return [report for report in registry().reports if current_user().may(report.permission)]


def _options(reports: Iterable[Report]) -> dict[Parameter, list[tuple[str, str]]]:
    """Return what may be chosen for each parameter that offers a choice; a source that several share is asked once."""
    offered = {p: p.options for report in reports for p in report.parameters if p.options is not None}
    found = {
        source: list(source(current_session(), current_user(), today())) for source in dict.fromkeys(offered.values())
    }
    return {parameter: found[source] for parameter, source in offered.items()}


def _report(report_id: str) -> Report:
    for report in _open_reports():
        if report.id == report_id:
            return report
    raise NotFound("没有这个报表，或您没有查看它的权限")


def _filters() -> dict[str, str]:
    sent = [(n.removeprefix(_PREFIX), v.replace("\x00", "")) for n, v in request.form.items() if n.startswith(_PREFIX)]
    return {name: value for name, value in sent[:_MAX_FILTERS] if value and name != "as_of"}


def _params() -> dict[str, str]:
    sent = [(n.removeprefix(_PARAM), v.strip()) for n, v in request.form.items() if n.startswith(_PARAM)]
    return {name: value.replace("\x00", "") for name, value in sent[:_MAX_FILTERS] if value}


def _as_of() -> date:
    text = (request.form.get("as_of") or request.form.get(f"{_PREFIX}as_of") or "").strip()
    if not text:
        return today()
    try:
        return parse_day(text, as_of=today())
    except CellError as error:
        raise RuleViolation(f"截至日期不对：{error.message}", field="as_of") from error
