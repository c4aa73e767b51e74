"""Scheduled jobs (定时任务): when each is due, how it went, and running one by hand."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField

from hwrisk import audit
from hwrisk.clock import now, today
from hwrisk.errors import NotFound
from hwrisk.jobs import Job, run_job
from hwrisk.jobs.queries import job_attempts, job_standings, queue_standing
from hwrisk.jobs.schedule import cron_trigger
from hwrisk.security.permissions import Permission
from hwrisk.web.access import requires
from hwrisk.web.context import current_session, current_user, unit_of_work
from hwrisk.web.forms import BaseForm, DayField
from hwrisk.web.records import NavItem
from hwrisk.web.registry import registry
from hwrisk.web.rendering import page

bp = Blueprint("jobs", __name__, url_prefix="/jobs")
NAV = (NavItem("定时任务", "jobs.index", Permission.JOB_READ, "系统管理"),)


class RunForm(BaseForm):
    """Run a job by hand (手动运行)."""

    as_of = DayField("核算日期", latest=today, description="留空为今天")
    force = BooleanField("本期已运行过也重新计算")


@bp.get("/")
@requires(Permission.JOB_READ)
def index() -> Response:
    """List the jobs, how each last went and when it is next due; and how the queue stands."""
    standings = job_standings(current_session(), registry().jobs)
    due = {job.name: cron_trigger(job.schedule).get_next_fire_time(None, now()) for job in registry().jobs}
    return page("web/jobs.html", standings=standings, due=due, queue=queue_standing(current_session()))


@bp.get("/<name>")
@requires(Permission.JOB_READ)
def show(name: str) -> Response:
    """Show the history of a job."""
    return _history(_job(name), RunForm(formdata=None))


@bp.post("/<name>/run")
@requires(Permission.JOB_RUN)
def run(name: str) -> Response:
    """Run a job for the period of a day."""
    job, form = _job(name), RunForm()
    if not form.validate_on_submit():
        return _history(job, form)
    as_of = form.as_of.data or today()
    with unit_of_work() as session:
        audit.record(session, current_user(), "job.run", "job", job.name, summary={"as_of": as_of.isoformat()})
    done = run_job(registry().database, job, as_of=as_of, force=bool(form.force.data), actor=current_user())
    if done.was_skipped:
        flash(f"{done.period_key} 期已运行过，未重算；确需重算请勾选“重新计算”", "warning")
    elif done.error:
        flash(f"运行失败：{done.error}", "danger")
    else:
        flash(f"{done.period_key} 期运行成功", "success")
    return redirect(url_for(".show", name=name))


def _history(job: Job, form: RunForm) -> Response:
    return page(
        "web/job.html",
        job=job,
        form=form,
        attempts=job_attempts(current_session(), job=job.name),
        may_run=current_user().may(Permission.JOB_RUN),
    )


def _job(name: str) -> Job:
    for job in registry().jobs:
        if job.name == name:
            return job
    raise NotFound("没有这个定时任务")
