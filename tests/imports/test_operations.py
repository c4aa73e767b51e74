from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, select, update

from hwrisk.audit import AuditEntry
from hwrisk.clock import now
from hwrisk.errors import BadFile, NotFound, Refused, RuleViolation
from hwrisk.imports import (
    BaseChanged,
    ImportBatch,
    ImportRow,
    ImportStatus,
    Outcome,
    accept,
    clear_old,
    discard,
    queries,
    recheck,
    stage,
)
from hwrisk.security import Role, Viewer
from tests.imports import sample_kind
from tests.imports.sample_kind import AS_OF, GOOD, HEAD, STORE, USER, kind, write_xlsx

BAD = ["HWRK-002", "演示化工", "900-041-49", "-1", "2026-03-01"]
SECOND = ["HWRK-002", "演示化工", "900-999-49", 2, "2026-03-02"]


@pytest.fixture
def send(database, folder, tmp_path):
    """Stage rows under the good head and return the batch."""

    def staged(*rows, of=None, user=USER, name="入库.xlsx", **more):
        path = write_xlsx(tmp_path / "file.xlsx", [HEAD, *rows])
        return stage(database, of or kind(), path, name, user=user, as_of=AS_OF, folder=folder, **more)

    return staged


def stored(database):
    with database.session() as session:
        return session.execute(select(STORE.c.number, STORE.c.quantity).order_by(STORE.c.number)).all()


def rows_of(database, batch):
    with database.session() as session:
        return queries.all_rows(session, batch)


class TestStage:
    def test_counts_and_verdicts(self, database, send):
        accept(database, kind(), send(GOOD, ["OLD", *GOOD[1:]]).public_id, user=USER, as_of=AS_OF)
        changed = ["OLD", "演示化工", "900-041-49", 9, "2026-03-01"]
        batch = send(GOOD, changed, SECOND, ["HWRK-003", "没有的单位", "900-041-49", 1, "2026-03-01"])
        counts = (batch.total, batch.new_count, batch.changed_count, batch.unchanged_count, batch.refused_count)
        assert (counts, batch.warned_count, batch.status) == ((4, 1, 1, 1, 1), 1, ImportStatus.REFUSED)
        rows = rows_of(database, batch)
        assert [row.outcome for row in rows] == [Outcome.UNCHANGED, Outcome.CHANGED, Outcome.NEW, Outcome.REFUSED]
        assert rows[1].before == {"数量（t）": {"$decimal": "1.5000"}}
        assert rows[1].after == {"数量（t）": {"$decimal": "9.0000"}}
        assert rows[3].messages[0]["column"] == "B"

    def test_nothing_is_written_by_staging(self, database, send):
        send(GOOD)
        assert stored(database) == []

    def test_a_bad_file_leaves_no_batch(self, database, folder, tmp_path):
        path = write_xlsx(tmp_path / "x.xlsx", [["a", "b"], [1, 2]])
        with pytest.raises(BadFile):
            stage(database, kind(), path, "x.xlsx", user=USER, as_of=AS_OF, folder=folder)
        with database.session() as session:
            assert session.scalar(select(func.count()).select_from(ImportBatch)) == 0
        assert list(folder.iterdir()) == []

    def test_a_check_that_breaks_is_noted_and_leaves_no_row(self, database, send, folder):
        def broken(*_):
            raise RuntimeError("boom")

        with pytest.raises(RuntimeError):
            send(GOOD, of=kind(check=broken))
        with database.session() as session:
            batch = session.scalars(select(ImportBatch)).one()
            assert (batch.status, batch.failure) == (ImportStatus.FAILED, "检查没有完成，请重新上传")
            assert session.scalars(select(ImportRow)).all() == []
        assert list(folder.iterdir()) == []

    def test_the_whole_file_is_looked_at_too(self, send):
        batch = send([*GOOD[:3], 900_000, *GOOD[4:]], ["X", *GOOD[1:3], 900_000, *GOOD[4:]])
        assert (batch.refused_count, batch.new_count) == (1, 1)

    def test_the_database_is_asked_once_however_many_rows(self, send):
        calls = []

        def prepare(session, context, rows):
            calls.append(len(rows))
            return sample_kind.prepare(session, context, rows)

        send(*[[f"N{number}", *GOOD[1:]] for number in range(50)], of=kind(prepare=prepare))
        assert calls == [50]

    def test_progress_is_told_and_cancelling_obeyed(self, database, send, folder):
        class Stopped(Exception):
            pass

        class Task:
            def __init__(self, stop_at=None):
                self.said, self.stop_at = [], stop_at

            def progress(self, _done, _total, message):
                self.said.append(message)

            def check_cancelled(self):
                if self.said and self.said[-1] == self.stop_at:
                    raise Stopped

        task = Task()
        send(GOOD, context=task)
        assert task.said == ["检查数据", "写入暂存"]
        with pytest.raises(Stopped):
            send(GOOD, context=Task(stop_at="检查数据"))
        with database.session() as session:
            states = [batch.status for batch in session.scalars(select(ImportBatch).order_by(ImportBatch.id))]
        assert states == [ImportStatus.READY, ImportStatus.FAILED]
        assert len(list(folder.iterdir())) == 1

    def test_the_name_of_the_file_is_never_a_path(self, send, folder):
        batch = send(GOOD, name="..\\..\\etc/pass\x00wd.xlsx")
        assert batch.filename == "passwd.xlsx"
        assert [path.name for path in folder.iterdir()] == [f"{batch.public_id.hex}.upload"]

    def test_who_may_not_import(self, send):
        with pytest.raises(Refused, match="样例入库"):
            send(GOOD, user=Viewer(account_id=None, label="x", role=Role.LEADER))


class TestAccept:
    def test_all_rows_at_once_with_an_audit_entry(self, database, send):
        batch = accept(database, kind(), send(GOOD, SECOND).public_id, user=USER, as_of=AS_OF)
        assert stored(database) == [("HWRK-001", Decimal("1.5")), ("HWRK-002", Decimal(2))]
        assert (batch.status, batch.result, batch.closed_by) == (ImportStatus.ACCEPTED, {"written": 2}, "系统")
        with database.session() as session:
            entry = session.scalars(select(AuditEntry)).one()
            assert (entry.action, entry.object_id) == ("import.accepted", str(batch.public_id))

    def test_one_refused_row_keeps_everything_out(self, database, send):
        batch = send(GOOD, BAD)
        with pytest.raises(RuleViolation, match="有 1 行有错误"):
            accept(database, kind(), batch.public_id, user=USER, as_of=AS_OF)
        assert stored(database) == []

    def test_a_failure_while_writing_leaves_nothing(self, database, send):
        def half(session, context, rows):
            sample_kind.apply(session, context, rows[:1])
            raise RuleViolation("写到一半")

        batch = send(GOOD, SECOND)
        with pytest.raises(RuleViolation, match="写到一半"):
            accept(database, kind(apply=half), batch.public_id, user=USER, as_of=AS_OF)
        assert stored(database) == []
        assert accept(database, kind(), batch.public_id, user=USER, as_of=AS_OF).status is ImportStatus.ACCEPTED

    def test_the_same_file_twice_changes_nothing(self, database, send):
        accept(database, kind(), send(GOOD, SECOND).public_id, user=USER, as_of=AS_OF)
        batch = send(GOOD, SECOND)
        assert (batch.new_count, batch.changed_count, batch.unchanged_count) == (0, 0, 2)
        closed = accept(database, kind(), batch.public_id, user=USER, as_of=AS_OF)
        assert (closed.status, closed.result) == (ImportStatus.ACCEPTED, {})
        assert len(stored(database)) == 2

    def test_the_very_same_file_is_pointed_out(self, database, folder, tmp_path):
        path = write_xlsx(tmp_path / "x.xlsx", [HEAD, GOOD])
        for _ in range(2):
            batch = stage(database, kind(), path, "x.xlsx", user=USER, as_of=AS_OF, folder=folder)
            accept(database, kind(), batch.public_id, user=USER, as_of=AS_OF)
        assert batch.notes == ["同一文件已于 2026-11-23 10:00 由 系统 导入过"]

    def test_twice_is_refused(self, database, send):
        batch = send(GOOD)
        accept(database, kind(), batch.public_id, user=USER, as_of=AS_OF)
        with pytest.raises(RuleViolation, match="“已导入”"):
            accept(database, kind(), batch.public_id, user=USER, as_of=AS_OF)
        with pytest.raises(RuleViolation, match="种类"):
            accept(database, replace(kind(), kind="other"), batch.public_id, user=USER, as_of=AS_OF)

    @pytest.mark.parametrize("version", [None, sample_kind.counted_version])
    def test_a_changed_base_is_checked_again_and_shown(self, database, send, version):
        sample = kind(base_version=version)
        batch = send(GOOD, of=sample)
        with database.unit_of_work() as session:
            session.execute(
                insert(STORE).values(number="HWRK-001", unit="演示化工", code="900-041-49", quantity=Decimal(7))
            )
        with pytest.raises(BaseChanged, match="重新检查"):
            accept(database, sample, batch.public_id, user=USER, as_of=AS_OF)
        assert stored(database) == [("HWRK-001", Decimal(7))]
        (row,) = rows_of(database, batch)
        assert (row.outcome, row.before) == (Outcome.CHANGED, {"数量（t）": {"$decimal": "7.0000"}})
        accept(database, sample, batch.public_id, user=USER, as_of=AS_OF)
        assert stored(database) == [("HWRK-001", Decimal("1.5"))]

    def test_an_unchanged_version_spares_the_second_check(self, database, send):
        sample = kind(base_version=sample_kind.counted_version)
        batch = send(GOOD, of=sample)

        def never(*_):
            raise AssertionError("checked again")

        accept(database, replace(sample, check=never), batch.public_id, user=USER, as_of=AS_OF)
        assert len(stored(database)) == 1

    def test_another_row_changing_does_not_stop_it(self, database, send):
        batch = send(GOOD)
        with database.unit_of_work() as session:
            session.execute(insert(STORE).values(number="ELSE", quantity=Decimal(1)))
        assert accept(database, kind(), batch.public_id, user=USER, as_of=AS_OF).new_count == 1


class TestRecheckAndDiscard:
    def test_recheck_keeps_faults_of_form(self, database, send):
        batch = send(GOOD, BAD)
        again = recheck(database, kind(), batch.public_id, user=USER, as_of=AS_OF)
        assert (again.refused_count, again.new_count) == (1, 1)
        assert rows_of(database, batch)[1].messages[0]["value"] == "-1"

    def test_discard_empties_the_batch(self, database, send, folder):
        batch = discard(database, send(GOOD).public_id, user=USER, folder=folder)
        assert (batch.status, batch.rows_kept) == (ImportStatus.DISCARDED, False)
        assert rows_of(database, batch) == [] and list(folder.iterdir()) == []
        for act in (
            lambda: discard(database, batch.public_id, user=USER, folder=folder),
            lambda: recheck(database, kind(), batch.public_id, user=USER, as_of=AS_OF),
            lambda: accept(database, kind(), batch.public_id, user=USER, as_of=AS_OF),
        ):
            with pytest.raises(RuleViolation, match="“已放弃”"):
                act()

    def test_somebody_elses_batch_is_not_there(self, database, send):
        batch = send(GOOD)
        other = replace(USER, account_id=77, is_city_wide=False)
        for act in (accept, recheck):
            with pytest.raises(NotFound):
                act(database, kind(), batch.public_id, user=other, as_of=AS_OF)
        with pytest.raises(NotFound):
            discard(database, batch.public_id, user=other)
        with pytest.raises(NotFound):
            accept(database, kind(), uuid.uuid4(), user=USER, as_of=AS_OF)

    def test_old_rows_and_files_go_and_killed_checks_are_closed(self, database, send, folder):
        old, fresh, stuck = send(GOOD), send(GOOD), send(GOOD)
        with database.unit_of_work() as session:
            past = update(ImportBatch).where(ImportBatch.id == old.id)
            session.execute(past.values(created_at=now() - timedelta(days=31)))
            killed = update(ImportBatch).where(ImportBatch.id == stuck.id)
            session.execute(killed.values(status=ImportStatus.CHECKING, created_at=now() - timedelta(hours=7)))
        assert clear_old(database, at=now(), folder=folder) == {"stuck": 1, "cleared": 1}
        assert rows_of(database, old) == [] and len(rows_of(database, fresh)) == 1
        assert clear_old(database, at=now(), folder=folder) == {"stuck": 0, "cleared": 0}
        with database.session() as session:
            states = {b.id: b.status for b in session.scalars(select(ImportBatch))}
        assert states == {old.id: ImportStatus.EXPIRED, fresh.id: ImportStatus.READY, stuck.id: ImportStatus.FAILED}


class TestQueries:
    def test_preview_pages_by_row_number(self, database, send):
        batch = send(*[[f"N{number}", *GOOD[1:]] for number in range(5)], SECOND, BAD)
        with database.session() as session:
            first = queries.preview_rows(session, batch, limit=3)
            rest = queries.preview_rows(session, batch, after_row=first[-1].row_no)
            refused = queries.preview_rows(session, batch, outcome=Outcome.REFUSED)
            warned = queries.preview_rows(session, batch, warned=True)
        assert [row.row_no for row in first] == [2, 3, 4]
        assert len(rest) == 4
        assert ([row.title for row in warned], len(refused)) == (["HWRK-002"], 1)

    def test_recent_batches_are_newest_first_and_only_in_sight(self, database, send):
        first, second = send(GOOD), send(GOOD)
        with database.session() as session:
            assert [b.id for b in queries.recent_batches(session, user=USER, kind="sample")] == [second.id, first.id]
            other = replace(USER, account_id=77, is_city_wide=False)
            assert queries.recent_batches(session, user=other) == []
