import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hwrisk.clock import now
from hwrisk.errors import BadFile, DatabaseBusy, NotFound
from hwrisk.jobs import Task, TaskKind, TaskLost, TaskState, cancel_task, enqueue, run_task_now, tasks, work_once
from hwrisk.jobs.context import LEASE, TaskContext
from hwrisk.jobs.queries import get_task, queue_standing, tasks_of
from hwrisk.security.models import Account
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

pytestmark = pytest.mark.db


def kind(run=lambda context: {"ok": True}, **fields):
    return TaskKind(kind="export", label="导出", run=run, **fields)


def ask(database, **params):
    with database.unit_of_work() as session:
        return enqueue(session, "export", params, actor=None)


def go_on(context):
    """Work in small steps until told to stop."""
    for _ in range(100):
        context.check_cancelled()
        time.sleep(0.05)
    raise AssertionError("was never told to stop")


def reread(database, task):
    with database.session() as session:
        return session.get_one(Task, task.id)


def person(database, name):
    with database.unit_of_work() as session:
        account = Account(username=name, display_name=f"演示-{name}", role=Role.CITY)
        session.add(account)
        session.flush()
        return Viewer(account_id=account.id, label=account.label, role=Role.CITY)


class TestWorkOnce:
    def test_nothing_to_do(self, own_database):
        assert work_once(own_database, [kind()]) is None

    def test_the_oldest_task_is_done_with_its_result(self, own_database):
        first, second = ask(own_database, n=1), ask(own_database, n=2)
        done = work_once(own_database, [kind(lambda context: {"n": context.params["n"]})])
        assert (done.id, done.state, done.result, done.attempts) == (first.id, TaskState.DONE, {"n": 1}, 1)
        assert (done.worker, done.lease_until) == ("", None)
        assert done.finished_at >= done.started_at
        assert reread(own_database, second).state is TaskState.QUEUED

    def test_a_kind_nobody_here_knows_is_left_in_the_queue(self, own_database):
        task = ask(own_database)
        assert work_once(own_database, [TaskKind(kind="import", label="导入", run=dict)]) is None
        assert reread(own_database, task).state is TaskState.QUEUED

    def test_a_refusal_is_shown_in_its_own_words_and_not_tried_again(self, own_database):
        def run(context):
            raise BadFile("工作簿已损坏")

        ask(own_database)
        task = work_once(own_database, [kind(run)])
        assert (task.state, task.error) == (TaskState.FAILED, "工作簿已损坏")
        assert work_once(own_database, [kind(run)]) is None

    def test_an_unexpected_failure_shows_a_number_that_stands_in_the_log(self, own_database, caplog):
        ask(own_database)
        task = work_once(own_database, [kind(lambda context: {"x": 1 // 0})])
        assert task.state is TaskState.FAILED
        assert task.error.partition("错误编号 ")[2][:8] in caplog.text
        assert "division" not in task.error

    def test_a_busy_database_is_tried_again_later_and_not_for_ever(self, own_database):
        def run(context):
            raise DatabaseBusy

        task = ask(own_database)
        again = work_once(own_database, [kind(run, max_attempts=2)])
        assert (again.state, again.attempts) == (TaskState.QUEUED, 1)
        assert again.not_before > now()
        assert work_once(own_database, [kind(run, max_attempts=2)]) is None
        with own_database.unit_of_work() as session:
            session.get_one(Task, task.id).not_before = None
        assert work_once(own_database, [kind(run, max_attempts=2)]).state is TaskState.FAILED

    def test_a_task_of_a_dead_process_is_taken_over(self, own_database):
        task = ask(own_database)
        dead = now() - LEASE - timedelta(seconds=1)
        assert tasks.take(own_database, task.id, [kind()], worker="dead", at=dead)
        done = work_once(own_database, [kind()])
        assert (done.state, done.attempts) == (TaskState.DONE, 2)

    def test_a_task_at_work_is_not_taken_over(self, own_database):
        task = ask(own_database)
        assert tasks.take(own_database, task.id, [kind()], worker="alive", at=now())
        assert work_once(own_database, [kind()]) is None
        assert tasks.take(own_database, task.id, [kind()], worker="other", at=now()) is None

    def test_a_task_that_kills_its_processes_is_given_up(self, own_database):
        task = ask(own_database)
        dead = now() - LEASE - timedelta(seconds=1)
        assert tasks.take(own_database, task.id, [kind()], worker="dead", at=dead)
        assert work_once(own_database, [kind(max_attempts=1)]) is None
        given_up = reread(own_database, task)
        assert (given_up.state, given_up.error) == (TaskState.FAILED, tasks.DIED)

    def test_two_workers_share_the_queue_and_do_nothing_twice(self, own_database):
        done = []
        for number in range(8):
            ask(own_database, n=number)
        work = kind(lambda context: done.append(context.params["n"]) or {})

        def drain():
            while work_once(own_database, [work]) is not None:
                pass

        threads = [threading.Thread(target=drain) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(done) == list(range(8))

    def test_a_stopping_process_puts_its_task_back_uncounted(self, own_database):
        stopping = threading.Event()

        def run(context):
            stopping.set()
            context.check_cancelled()

        ask(own_database)
        task = work_once(own_database, [kind(run)], stopping=stopping)
        assert (task.state, task.attempts, task.worker) == (TaskState.QUEUED, 0, "")


class TestRunTaskNow:
    def test_runs_the_one_asked_for(self, own_database):
        ask(own_database)
        second = ask(own_database)
        assert run_task_now(own_database, second.id, [kind()]).state is TaskState.DONE

    def test_what_has_ended_comes_back_as_it_is(self, own_database):
        task = ask(own_database)
        run_task_now(own_database, task.id, [kind()])
        assert run_task_now(own_database, task.id, [kind()]).attempts == 1

    def test_there_is_no_such_task(self, own_database):
        with pytest.raises(NotFound):
            run_task_now(own_database, 7, [kind()])


class TestProgress:
    def test_shown_while_at_work_and_at_most_twice_a_second(self, own_database, monkeypatch):
        seen = []

        def run(context):
            for done in range(1, 51):
                context.progress(done, 50, f"第 {done} 行")
                with own_database.session() as session:
                    seen.append(session.get_one(Task, context.task_id).progress_done)
            return {}

        ask(own_database)
        began = time.monotonic()
        task = work_once(own_database, [kind(run)])
        assert seen[0] == 1
        assert len(set(seen)) <= 2 + 2 * (time.monotonic() - began)
        # The end is always written down.
        assert (task.progress_done, task.percent, task.progress_message) == (50, 100, "第 50 行")

    def test_never_waits_for_a_writer_not_even_the_task_itself(self, own_database):
        def run(context):
            with own_database.unit_of_work() as session:
                enqueue(session, "export", {}, actor=None)
                began = time.monotonic()
                context.progress(1, 2)
                return {"waited": time.monotonic() - began}

        ask(own_database)
        assert work_once(own_database, [kind(run)]).result["waited"] < 1

    def test_an_unknown_total_has_no_percentage(self):
        assert Task(progress_done=3, progress_total=0).percent is None


class TestCancel:
    def test_a_waiting_task_is_cancelled_at_once(self, own_database):
        task = ask(own_database)
        with own_database.unit_of_work() as session:
            assert cancel_task(session, session.get_one(Task, task.id)) is TaskState.CANCELLED
        assert work_once(own_database, [kind()]) is None

    def test_a_task_at_work_ends_at_its_next_step(self, own_database):
        def run(context):
            with own_database.unit_of_work() as session:
                cancel_task(session, session.get_one(Task, context.task_id))
            go_on(context)

        ask(own_database)
        task = work_once(own_database, [kind(run)])
        assert (task.state, task.error) == (TaskState.CANCELLED, "")

    def test_what_has_ended_stays_as_it_is(self, own_database):
        task = ask(own_database)
        work_once(own_database, [kind()])
        with own_database.unit_of_work() as session:
            assert cancel_task(session, session.get_one(Task, task.id)) is TaskState.DONE

    def test_cancelled_before_a_dead_process_was_noticed(self, own_database):
        task = ask(own_database)
        assert tasks.take(own_database, task.id, [kind()], worker="dead", at=now() - LEASE - timedelta(seconds=1))
        with own_database.unit_of_work() as session:
            cancel_task(session, session.get_one(Task, task.id))
        assert work_once(own_database, [kind()]).state is TaskState.CANCELLED


class TestTakenOver:
    """A process that slept through its lease: what it still does must not count."""

    def lose(self, database, task):
        with database.unit_of_work() as session:
            session.execute(update(Task).where(Task.id == task.id).values(worker="other"))

    def test_its_effect_is_refused_in_the_same_transaction(self, own_database):
        task = ask(own_database)
        held = tasks.take(own_database, task.id, [kind()], worker="slow", at=now())
        context = TaskContext(own_database, held)
        self.lose(own_database, task)
        with pytest.raises(TaskLost), own_database.unit_of_work() as session:
            enqueue(session, "effect", {}, actor=None)
            context.confirm(session)
        with own_database.session() as session:
            assert session.scalars(select(Task.kind)).all() == ["export"]

    def test_it_is_told_to_stop_and_writes_no_end(self, own_database):
        def run(context):
            self.lose(own_database, context_task)
            go_on(context)

        context_task = ask(own_database)
        task = work_once(own_database, [kind(run)])
        assert (task.state, task.worker) == (TaskState.RUNNING, "other")

    def test_a_holder_in_time_confirms(self, own_database):
        def run(context):
            with own_database.unit_of_work() as session:
                context.confirm(session)
            context.beat()
            return {"cancelled": context.cancelled()}

        ask(own_database)
        assert work_once(own_database, [kind(run)]).result == {"cancelled": False}


class TestSight:
    def test_a_person_sees_the_own_tasks_alone(self, own_database):
        one, other = person(own_database, "甲"), person(own_database, "乙")
        with own_database.unit_of_work() as session:
            task = enqueue(session, "export", {}, actor=one)
        with own_database.session() as session:
            assert get_task(session, task.public_id, user=one).actor_label == "演示-甲"
            assert [t.id for t in tasks_of(session, user=Viewer.system())] == [task.id]
            assert list(tasks_of(session, user=other)) == []
            with pytest.raises(NotFound):
                get_task(session, task.public_id, user=other)

    def test_how_the_queue_stands(self, own_database):
        with own_database.session() as session:
            assert queue_standing(session) == (0, 0, None)
        first = ask(own_database)
        ask(own_database)
        tasks.take(own_database, first.id, [kind()], worker="w", at=now())
        with own_database.session() as session:
            standing = queue_standing(session)
        assert (standing.queued, standing.running) == (1, 1)
        assert standing.oldest_queued_at is not None
