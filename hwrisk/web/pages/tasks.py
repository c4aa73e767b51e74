"""Tasks in the background (后台任务): progress, cancel, result."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hwrisk.jobs import Task, TaskState, cancel_task
from hwrisk.jobs.queries import get_task, tasks_of
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user, unit_of_work
from hwrisk.web.records import NavItem
from hwrisk.web.registry import registry
from hwrisk.web.rendering import page_or_partial
from hwrisk.web.results import result_of

bp = Blueprint("tasks", __name__, url_prefix="/tasks")
SHOWN = 50


def at_work(session: Session, user: Viewer, _as_of: date) -> int:
    """Return how many of the person's tasks wait or are at work."""
    return sum(1 for task in tasks_of(session, user=user, limit=SHOWN) if not task.has_ended)


NAV = (NavItem("后台任务", "tasks.index", Permission.HOME_READ, "导入与导出", count=at_work),)


@bp.get("/")
@requires(Permission.HOME_READ)
def index() -> Response:
    """List the person's own tasks, the latest first; the list asks again while one is at work."""
    tasks = tasks_of(current_session(), user=current_user(), limit=SHOWN)
    return page_or_partial(
        "web/tasks.html",
        "web/_task_rows.html",
        tasks=tasks,
        labels=labels(),
        results={task.id: result_of(task) for task in tasks},
        is_moving=any(not task.has_ended for task in tasks),
    )


@bp.get("/<uuid:public_id>")
@requires(Permission.HOME_READ)
def show(public_id: uuid.UUID) -> Response:
    """Show how far one task is."""
    task = get_task(current_session(), public_id, user=current_user())
    return page_or_partial("web/task.html", "web/_task.html", task=task, label=label_of(task), result=result_of(task))


@bp.post("/<uuid:public_id>/cancel")
@requires(Permission.HOME_READ)
def cancel(public_id: uuid.UUID) -> Response:
    """Cancel a task: at once while it waits, else at its next step."""
    with unit_of_work() as session:
        state = cancel_task(session, get_task(session, public_id, user=current_user()))
    said = {TaskState.CANCELLED: "任务已取消", TaskState.RUNNING: "已通知任务停止，稍候生效"}
    flash(said.get(state, "任务已经结束，无法取消"), "success" if state in said else "warning")
    return redirect(url_for(".show", public_id=public_id))


def labels() -> dict[str, str]:
    """Return the Chinese names of the kinds of tasks."""
    return {kind.kind: kind.label for kind in registry().task_kinds}


def label_of(task: Task) -> str:
    """Return the Chinese name of a task's kind; a kind no longer known keeps its code."""
    return labels().get(task.kind, task.kind)
