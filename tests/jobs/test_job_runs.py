import threading
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from hwrisk.errors import RuleViolation
from hwrisk.jobs import Job, JobAttempt, JobRun, RunState, Schedule, catch_up, run_job
from hwrisk.jobs.models import Task
from hwrisk.jobs.queries import job_attempts, job_runs, job_standings
from hwrisk.jobs.records import by_month, by_year
from hwrisk.jobs.schedule import due_days
from hwrisk.notices import Notice
from hwrisk.security.viewer import Viewer

pytestmark = pytest.mark.db
DAY = date(2026, 11, 22)


def counting_job(**fields):
    """A job whose effect is one more row in the task table."""

    def run(session, *, as_of):
        session.add(Task(kind="effect", params={"day": as_of.isoformat()}, actor_label="系统"))
        return {"rows": 1}

    return Job(**{"name": "count", "label": "计数", "schedule": Schedule(hour=2), "run": run} | fields)


def failing_job(failure):
    def run(session, *, as_of):
        session.add(Task(kind="effect", params={}, actor_label="系统"))
        session.flush()
        raise failure

    return counting_job(run=run)


def effects(database):
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(Task))


class TestRunJob:
    def test_the_effect_and_the_row_of_the_period_are_there(self, own_database):
        run = run_job(own_database, counting_job(), as_of=DAY)
        assert (run.period_key, run.state, run.counts, run.attempts) == ("2026-11-22", RunState.DONE, {"rows": 1}, 1)
        assert not run.was_skipped
        assert effects(own_database) == 1

    def test_a_period_that_is_done_is_left_alone(self, own_database):
        run_job(own_database, counting_job(), as_of=DAY)
        again = run_job(own_database, counting_job(), as_of=DAY)
        assert again.was_skipped
        assert (again.attempts, effects(own_database)) == (1, 1)

    def test_a_forced_run_brings_the_same_row_up_to_date(self, own_database):
        first = run_job(own_database, counting_job(), as_of=DAY)
        again = run_job(own_database, counting_job(), as_of=DAY, force=True, actor=Viewer.system())
        assert (again.id, again.attempts, effects(own_database)) == (first.id, 2, 2)
        with own_database.session() as session:
            assert [a.actor_label for a in job_attempts(session, job="count")] == ["系统", ""]
            assert len(job_runs(session)) == 1

    def test_a_failure_undoes_the_effect_and_is_recorded_apart(self, own_database):
        run = run_job(own_database, failing_job(RuleViolation("规则包未启用")), as_of=DAY)
        assert (run.state, run.error, run.attempts) == (RunState.FAILED, "规则包未启用", 1)
        assert effects(own_database) == 0
        with own_database.session() as session:
            notice = session.scalars(select(Notice)).one()
            assert notice.title == "定时任务“计数”2026-11-22 期运行失败"

    def test_an_unexpected_failure_shows_a_number_that_stands_in_the_log(self, own_database, caplog):
        run = run_job(own_database, failing_job(ZeroDivisionError("secret")), as_of=DAY)
        number = run.error.partition("错误编号 ")[2][:8]
        assert "secret" not in run.error
        assert number in caplog.text

    def test_a_failed_period_is_taken_up_again(self, own_database):
        run_job(own_database, failing_job(RuleViolation("没有数据")), as_of=DAY)
        run = run_job(own_database, counting_job(), as_of=DAY)
        assert (run.state, run.error, run.attempts) == (RunState.DONE, "", 2)
        assert effects(own_database) == 1

    def test_a_failed_rerun_leaves_the_value_and_says_so(self, own_database):
        run_job(own_database, counting_job(), as_of=DAY)
        run = run_job(own_database, failing_job(RuleViolation("没有数据")), as_of=DAY, force=True)
        assert (run.state, run.error, run.attempts, run.counts) == (RunState.DONE, "没有数据", 2, {"rows": 1})
        assert effects(own_database) == 1

    def test_two_at_once_leave_one_effect(self, own_database):
        gate = threading.Barrier(2)
        runs = []

        def work():
            gate.wait()
            runs.append(run_job(own_database, counting_job(), as_of=DAY))

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(run.was_skipped for run in runs) == [False, True]
        assert effects(own_database) == 1


class TestCatchUp:
    AT = datetime(2026, 11, 23, 4, tzinfo=UTC)

    def test_a_job_that_never_ran_runs_for_the_last_due_day(self, own_database):
        assert [run.as_of for run in catch_up(own_database, counting_job(), at=self.AT)] == [date(2026, 11, 23)]

    def test_missed_days_are_made_good_oldest_first_and_no_further_than_the_bound(self, own_database):
        job = counting_job(catch_up=3)
        run_job(own_database, job, as_of=date(2026, 11, 10))
        run_job(own_database, job, as_of=date(2026, 11, 22))
        days = [run.as_of for run in catch_up(own_database, job, at=self.AT)]
        assert days == [date(2026, 11, 21), date(2026, 11, 23)]
        assert catch_up(own_database, job, at=self.AT) == []

    def test_a_period_that_keeps_failing_is_left_to_a_person(self, own_database):
        job = failing_job(RuleViolation("没有数据"))
        attempts = [len(catch_up(own_database, job, at=self.AT)) for _ in range(job.max_attempts + 2)]
        assert attempts == [1] * job.max_attempts + [0, 0]
        with own_database.session() as session:
            standing = job_standings(session, [job])[0]
            assert (standing.failed, standing.last.attempts) == (1, job.max_attempts)
            assert session.scalar(select(func.count()).select_from(JobAttempt)) == job.max_attempts
            assert session.scalar(select(func.count()).select_from(Notice)) == 1

    def test_days_of_one_period_run_once(self, own_database):
        job = counting_job(period_key=by_month, catch_up=5)
        run_job(own_database, job, as_of=date(2026, 9, 30))
        assert [run.period_key for run in catch_up(own_database, job, at=self.AT)] == ["2026-11"]
        with own_database.session() as session:
            assert session.scalar(select(func.count()).select_from(JobRun)) == 2


class TestDueDays:
    @pytest.mark.parametrize(
        ("schedule", "until", "expected"),
        [
            # 02:00 in Shanghai is 18:00 UTC of the day before.
            (Schedule(hour=2), datetime(2026, 11, 22, 17, 59, tzinfo=UTC), [date(2026, 11, 21), date(2026, 11, 22)]),
            (Schedule(hour=2), datetime(2026, 11, 22, 18, 0, tzinfo=UTC), [date(2026, 11, 22), date(2026, 11, 23)]),
            (Schedule(day="1"), datetime(2026, 3, 1, tzinfo=UTC), [date(2026, 2, 1), date(2026, 3, 1)]),
            (Schedule(day="31"), datetime(2026, 11, 23, tzinfo=UTC), [date(2026, 8, 31), date(2026, 10, 31)]),
            (Schedule(weekday="mon"), datetime(2026, 11, 22, tzinfo=UTC), [date(2026, 11, 9), date(2026, 11, 16)]),
            (
                Schedule(month="1", day="5"),
                datetime(2026, 11, 22, tzinfo=UTC),
                [date(2025, 1, 5), date(2026, 1, 5)],
            ),
        ],
    )
    def test_the_last_two(self, schedule, until, expected):
        assert due_days(schedule, until=until, count=2) == expected

    def test_a_year_is_a_period(self):
        assert by_year(date(2026, 1, 5)) == "2026"
