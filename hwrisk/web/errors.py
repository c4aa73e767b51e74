"""Error pages: what happened, what to do, and an id that is found in the log."""

from __future__ import annotations

import errno
import secrets
from http import HTTPStatus
from typing import NamedTuple

import structlog
from flask import Flask, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from hwrisk.db.session import is_busy
from hwrisk.errors import BadFile, DatabaseBusy, EditConflict, HwriskError, NotFound, Refused, RuleViolation
from hwrisk.web.access import to_login
from hwrisk.web.context import signed_in
from hwrisk.web.registry import registry
from hwrisk.web.rendering import is_partial_request

log = structlog.get_logger("hwrisk.web")
_DISK_TROUBLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""What a file that is written beside the database says when the disk is full or read-only."""


class Explanation(NamedTuple):
    """What an error page says."""

    title: str
    message: str
    remedy: str


EXPLANATIONS = {
    400: Explanation("请求无法识别", "浏览器送来的内容不完整或已过期。", "请返回上一页刷新后重新操作。"),
    401: Explanation("请先登录", "登录已失效。", "请重新登录；已填写的内容保存在草稿中。"),
    403: Explanation("没有权限", "您的账号不能进行这项操作。", "确需使用的，请联系安全管理员调整权限。"),
    404: Explanation("没有找到", "没有这个页面，或所查内容不在您的管辖范围内。", "请检查地址，或从左侧菜单重新进入。"),
    405: Explanation("操作方式不对", "这个地址不接受这种操作。", "请返回上一页，通过页面上的按钮操作。"),
    409: Explanation(
        "内容已被他人修改", "您打开页面之后，这条记录已被别人改动，您的修改未保存。", "请核对两边内容后再决定。"
    ),
    413: Explanation("文件太大", "上传的内容超过系统允许的大小。", "请拆分文件，或删去无关的工作表和图片后重新上传。"),
    415: Explanation("内容格式不对", "系统不接受这种格式的内容。", "请按页面说明的格式重新提交。"),
    422: Explanation("内容不符合要求", "提交的内容不符合要求，未保存。", "请按提示改正后重新提交。"),
    429: Explanation("操作过于频繁", "短时间内操作次数过多。", "请稍等几分钟再试。"),
    500: Explanation(
        "系统出错", "系统遇到意外问题，本次操作未保存。", "请重试一次；仍不行请把错误编号告诉系统管理员。"
    ),
    503: Explanation(
        "数据库暂不可用",
        "数据库暂时不可读写（被占用、磁盘已满或只读），本次操作未保存。",
        "请过一两分钟重试；持续出现请让系统管理员检查磁盘空间和数据库。",
    ),
}
_STATUS_OF: tuple[tuple[type[HwriskError], int], ...] = (
    (RuleViolation, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BadFile, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Refused, HTTPStatus.FORBIDDEN),
    (EditConflict, HTTPStatus.CONFLICT),
    (DatabaseBusy, HTTPStatus.SERVICE_UNAVAILABLE),
)


def init_errors(app: Flask) -> None:
    """Answer every error of `app` in Chinese."""
    app.register_error_handler(HwriskError, _ours)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, message: str | None = None) -> Response:
    """Return the answer to an error as the asker can read it: page, part of a page, or JSON."""
    known = EXPLANATIONS.get(status) or EXPLANATIONS[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400]
    said = message or known.message
    error_id = g.setdefault("error_id", secrets.token_hex(4))
    # An error page asks the database nothing: it may be the very thing that failed.
    g.without_counts = True
    context = {"status": status, "title": known.title, "message": said, "remedy": known.remedy, "error_id": error_id}
    if request.accept_mimetypes.best == "application/json":
        response: Response = jsonify(error=said, error_id=error_id)
    elif is_partial_request():
        response = make_response(render_template("errors/_partial.html", **context))
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
    else:
        response = make_response(render_template("errors/error.html", **context))
    response.status_code = status
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "60"
    return response


def _ours(error: HwriskError) -> Response:
    status = next((code for kind, code in _STATUS_OF if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    _log(status, error)
    return error_page(status, error.message)


def _stale_form(error: CSRFError) -> Response:
    if signed_in() is None and request.endpoint != "signin.login":
        return to_login()
    _log(400, error)
    return error_page(400, "页面停留过久或登录已更换，本次提交未保存。")


def _of_http(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    _log(status, error)
    message = None
    if isinstance(error, RequestEntityTooLarge):
        message = f"上传的内容超过系统允许的大小（{registry().settings.upload_mib} MB）。"
    response = error_page(status, message)
    # 405 says which methods are allowed, 401 and 429 say how and when to come back.
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers.setdefault(name, value)
    return response


def _unexpected(error: Exception) -> Response:
    is_disk_full = isinstance(error, OSError) and error.errno in _DISK_TROUBLE
    if is_disk_full or (isinstance(error, DBAPIError) and is_busy(error)):
        busy = DatabaseBusy()
        busy.__cause__ = error
        return _ours(busy)
    _log(HTTPStatus.INTERNAL_SERVER_ERROR, error)
    return error_page(HTTPStatus.INTERNAL_SERVER_ERROR)


def _log(status: int, error: Exception) -> None:
    g.error_id = secrets.token_hex(4)
    report = log.error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else log.info
    is_ours = isinstance(error, (HwriskError, HTTPException))
    report(
        "request refused" if is_ours else "request failed",
        error_id=g.error_id,
        status=int(status),
        error=f"{type(error).__name__}: {error}",
        endpoint=request.endpoint,
        exc_info=None if is_ours and error.__cause__ is None else error,
    )
