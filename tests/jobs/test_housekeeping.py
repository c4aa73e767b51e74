from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from hwrisk.jobs import Job, JobAttempt, Retention, Schedule, Task, TaskState, run_job
from hwrisk.jobs.housekeeping import ATTEMPT_DAYS, RETENTIONS, TASK_DAYS, housekeeping_job, start_of_day

pytestmark = pytest.mark.db
DAY = date(2026, 11, 23)


def ended(days_ago, state=TaskState.DONE):
    at = start_of_day(DAY - timedelta(days=days_ago))
    return Task(kind="export", params={}, actor_label="系统", state=state, finished_at=at)


def test_every_retention_is_called_and_counted(own_database):
    handed = Retention(name="draft", label="草稿", run=lambda session, *, as_of: as_of.day)
    run = run_job(own_database, housekeeping_job([handed]), as_of=DAY)
    assert run.counts == {"draft": 23}


def test_ended_tasks_go_after_their_days_and_waiting_ones_stay(own_database):
    with own_database.unit_of_work() as session:
        session.add_all([ended(TASK_DAYS + 1), ended(TASK_DAYS), ended(TASK_DAYS + 1, TaskState.QUEUED)])
    assert run_job(own_database, housekeeping_job(RETENTIONS), as_of=DAY).counts == {"task": 1, "job_attempt": 0}


def test_the_record_of_a_run_goes_and_its_period_stays(own_database):
    probe = Job(name="probe", label="试验", schedule=Schedule(), run=lambda session, *, as_of: {})
    run = run_job(own_database, probe, as_of=DAY)
    with own_database.unit_of_work() as session:
        attempt = session.scalars(select(JobAttempt)).one()
        attempt.finished_at = start_of_day(DAY - timedelta(days=ATTEMPT_DAYS + 1))
    run_job(own_database, housekeeping_job(RETENTIONS), as_of=DAY)
    assert run_job(own_database, probe, as_of=DAY).id == run.id
    with own_database.session() as session:
        assert session.scalar(select(func.count()).select_from(JobAttempt)) == 1
