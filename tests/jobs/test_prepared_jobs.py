"""Jobs in two parts: reckoning while others write, then the effect alone in the transaction of the claim."""

from datetime import date

import pytest
from sqlalchemy import func, select

from hwrisk.errors import RuleViolation
from hwrisk.jobs import Job, RunState, Schedule, run_job
from hwrisk.jobs.models import Task

pytestmark = pytest.mark.db
DAY = date(2026, 11, 22)


def add_task(session, kind):
    session.add(Task(kind=kind, params={}, actor_label="系统"))


def kinds(database):
    with database.session() as session:
        return sorted(session.scalars(select(Task.kind)))


def prepared_job(prepare):
    def run(session, *, as_of):
        raise AssertionError("a prepared job is not run whole")

    return Job(name="long", label="久算", schedule=Schedule(hour=2), run=run, prepare=prepare)


def test_others_write_while_it_reckons(own_database):
    def prepare(session, *, as_of):
        counted = session.scalar(select(func.count()).select_from(Task))
        with own_database.unit_of_work(lock_timeout_s=1) as other:
            add_task(other, "meanwhile")

        def effect(session):
            add_task(session, f"effect-{counted}")
            return {"counted": counted}

        return effect

    run = run_job(own_database, prepared_job(prepare), as_of=DAY)
    assert (run.state, run.counts, run.attempts) == (RunState.DONE, {"counted": 0}, 1)
    assert kinds(own_database) == ["effect-0", "meanwhile"]


def test_a_period_that_is_done_is_not_reckoned_again_unless_forced(own_database):
    reckoned = []

    def prepare(session, *, as_of):
        reckoned.append(as_of)
        return lambda session: {"runs": len(reckoned)}

    job = prepared_job(prepare)
    run_job(own_database, job, as_of=DAY)
    again = run_job(own_database, job, as_of=DAY)
    assert (again.was_skipped, reckoned) == (True, [DAY])
    forced = run_job(own_database, job, as_of=DAY, force=True)
    assert (forced.counts, forced.attempts) == ({"runs": 2}, 2)


def test_whoever_reckoned_in_vain_changes_nothing(own_database):
    def prepare(session, *, as_of):
        # Another process finishes the period meanwhile.
        run_job(own_database, Job(name="long", label="久算", schedule=Schedule(hour=2), run=whole), as_of=DAY)
        return lambda session: add_task(session, "second") or {}

    def whole(session, *, as_of):
        add_task(session, "first")
        return {}

    run = run_job(own_database, prepared_job(prepare), as_of=DAY)
    assert run.was_skipped
    assert kinds(own_database) == ["first"]


@pytest.mark.parametrize("where", ["prepare", "effect"])
def test_a_failure_in_either_part_is_recorded_and_leaves_nothing(own_database, where):
    def effect(session):
        add_task(session, "half")
        session.flush()
        raise RuleViolation("规则包未启用")

    def prepare(session, *, as_of):
        if where == "prepare":
            raise RuleViolation("规则包未启用")
        return effect

    run = run_job(own_database, prepared_job(prepare), as_of=DAY)
    assert (run.state, run.error) == (RunState.FAILED, "规则包未启用")
    assert kinds(own_database) == []
