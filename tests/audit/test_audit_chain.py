import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from hwrisk import audit
from hwrisk.audit.models import GENESIS, AuditEntry
from hwrisk.db.base import Base
from hwrisk.db.session import Database, make_engine

VALUES = st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TRIGGERS = ("no_update", "no_delete", "no_replace")


@dataclass(frozen=True)
class Person:
    account_id: int | None
    label: str


CLERK = Person(7, "固废科 演示-张三")


def write(database, count, *, action="unit.edit", actor=CLERK):
    for number in range(count):
        with database.unit_of_work() as session:
            audit.record(session, actor, action, "unit", number, summary={"name": f"单位{number}"})


def problems(database, **kept):
    with database.session() as session:
        return audit.verify_chain(session, **kept)


def count(database):
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry))


def tamper(database, statement, **values):
    """Change rows as somebody would who owns the database file and took the triggers away."""
    with database.engine.begin() as connection:
        if database.dialect == "sqlite":
            for name in TRIGGERS:
                connection.execute(text(f"DROP TRIGGER IF EXISTS trg_audit_entry_{name}"))
        else:
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        connection.execute(text(statement), values)


class TestRecord:
    def test_an_entry_is_written_with_the_commit(self, store):
        with store.unit_of_work() as session:
            audit.set_origin(session, "10.0.0.8")
            audit.record(session, CLERK, "unit.edit", "unit", 12, summary={"name": ("旧名", "新名")})
            assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
        with store.session() as session:
            (entry,) = audit.entries(session)
        assert (entry.id, entry.actor_id, entry.actor_label, entry.address) == (1, 7, "固废科 演示-张三", "10.0.0.8")
        assert (entry.action, entry.kind, entry.object_id) == ("unit.edit", "unit", "12")
        assert entry.summary == {"name": ["旧名", "新名"]}
        assert entry.previous_hash == GENESIS

    def test_without_a_person_the_system_acts(self, store):
        write(store, 1, actor=None)
        with store.session() as session:
            (entry,) = audit.entries(session)
        assert (entry.actor_id, entry.actor_label) == (None, "系统")

    def test_a_failed_unit_of_work_leaves_no_entry(self, store):
        with pytest.raises(ZeroDivisionError), store.unit_of_work() as session:
            audit.record(session, CLERK, "unit.edit", "unit", 1)
            raise ZeroDivisionError
        write(store, 1)
        assert count(store) == 1

    def test_what_a_savepoint_took_back_is_not_recorded(self, store):
        with store.unit_of_work() as session:
            audit.record(session, CLERK, "a.kept", "unit", 1)
            with pytest.raises(ZeroDivisionError), session.begin_nested():
                audit.record(session, CLERK, "a.lost", "unit", 2)
                with session.begin_nested():
                    audit.record(session, CLERK, "a.lost", "unit", 3)
                raise ZeroDivisionError
            with session.begin_nested():
                audit.record(session, CLERK, "a.kept", "unit", 4)
        with store.session() as session:
            assert [(e.action, e.object_id) for e in audit.entries(session)] == [("a.kept", "4"), ("a.kept", "1")]

    def test_an_object_without_an_id_is_a_mistake(self, sqlite):
        with pytest.raises(ValueError, match="flush before"), sqlite.unit_of_work() as session:
            audit.record(session, CLERK, "unit.edit", "unit", None)

    def test_a_key_that_does_not_fit_is_refused_before_the_database(self, sqlite):
        with pytest.raises(ValueError, match="longer than 64"), sqlite.unit_of_work() as session:
            audit.record(session, CLERK, "unit.edit", "unit", "9" * 65)

    def test_several_acts_of_one_unit_of_work_keep_their_order(self, store):
        with store.unit_of_work() as session:
            for number in range(3):
                audit.record(session, CLERK, "unit.edit", "unit", number)
        with store.session() as session:
            assert [entry.object_id for entry in audit.entries(session)] == ["2", "1", "0"]
        assert problems(store) == []


class TestTriggers:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_entry SET actor_label = '别人' WHERE id = 2",
            "DELETE FROM audit_entry WHERE id = 3",
            "DELETE FROM audit_entry",
        ],
    )
    def test_entries_cannot_be_changed_or_removed(self, store, statement):
        write(store, 3)
        with pytest.raises(DBAPIError, match="审计记录不可"), store.unit_of_work() as session:
            session.execute(text(statement))
        assert (count(store), problems(store)) == (3, [])

    def test_the_table_cannot_be_emptied_on_postgresql(self, postgresql):
        write(postgresql, 2)
        with pytest.raises(DBAPIError, match="审计记录不可"), postgresql.unit_of_work() as session:
            session.execute(text("TRUNCATE audit_entry"))
        assert count(postgresql) == 2

    def test_a_replacing_insert_does_not_slip_past_on_sqlite(self, sqlite):
        write(sqlite, 3)
        replace = "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = 2"
        with pytest.raises(DBAPIError, match="只能接在最后"), sqlite.unit_of_work() as session:
            session.execute(text(replace))

    def test_the_chain_cannot_fork(self, store):
        write(store, 2)
        fork = (
            "INSERT INTO audit_entry (id, at, actor_label, address, action, kind, object_id, summary, previous_hash,"
            " entry_hash) SELECT 3, at, actor_label, address, action, kind, object_id, summary, previous_hash,"
            " 'other' FROM audit_entry WHERE id = 2"
        )
        with pytest.raises(DBAPIError), store.unit_of_work() as session:
            session.execute(text(fork))


class TestVerifyChain:
    def test_an_empty_chain_is_whole(self, store):
        assert problems(store) == []

    def test_an_untouched_chain_is_whole(self, store):
        write(store, 5)
        assert problems(store) == []

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("UPDATE audit_entry SET actor_label = '别人' WHERE id = 3", "第 3 条处断开：.*别人.*内容与校验值不符"),
            ("UPDATE audit_entry SET summary = '{}' WHERE id IN (3, 4)", "第 3 条处断开：.*内容与校验值不符"),
            ("UPDATE audit_entry SET previous_hash = 'x' WHERE id = 3", "第 3 条处断开：.*不衔接"),
            ("DELETE FROM audit_entry WHERE id = 3", "第 3 条处断开：该条缺失，其后为第 4 条"),
            ("DELETE FROM audit_entry WHERE id = 1", "第 1 条处断开：该条缺失"),
            ("UPDATE audit_entry SET summary = 'x' WHERE id = 3", "第 3 条处断开：内容无法读取"),
        ],
    )
    def test_the_first_broken_entry_is_named(self, sqlite, statement, said):
        write(sqlite, 5)
        tamper(sqlite, statement)
        (problem,) = problems(sqlite)
        assert re.search(said, problem)

    def test_a_change_is_found_on_postgresql_too(self, postgresql):
        write(postgresql, 4)
        tamper(postgresql, "UPDATE audit_entry SET action = 'nothing' WHERE id = 2")
        (problem,) = problems(postgresql)
        assert "第 2 条" in problem

    def test_a_cut_off_tail_shows_against_the_kept_head(self, store):
        write(store, 4)
        with store.session() as session:
            kept = audit.head(session)
        tamper(store, "DELETE FROM audit_entry WHERE id = 4")
        assert problems(store) == []
        assert problems(store, kept_head=kept) == ["审计链在第 4 条处断开：留存的链尾为第 4 条，库中只有 3 条"]

    def test_a_chain_written_anew_shows_against_the_kept_head(self, sqlite):
        write(sqlite, 3)
        kept = audit.Head(2, "f" * 64)
        (problem,) = problems(sqlite, kept_head=kept)
        assert "第 2 条" in problem
        assert "整体重写" in problem

    def test_the_kept_head_of_a_grown_chain_still_fits(self, sqlite):
        write(sqlite, 2)
        with sqlite.session() as session:
            kept = audit.head(session)
        write(sqlite, 2)
        assert problems(sqlite, kept_head=kept) == []

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), min_size=1, max_size=6), st.data())
    def test_whatever_is_recorded_verifies_and_any_one_change_breaks_it(self, summaries, data):
        engine = make_engine("sqlite://")
        Base.metadata.create_all(engine, tables=[AuditEntry.__table__])
        database = Database(engine)
        for summary in summaries:
            with database.unit_of_work() as session:
                audit.record(session, CLERK, "a.b", "unit", 1, summary=summary)
        assert problems(database) == []
        place = data.draw(st.integers(1, len(summaries)))
        column = data.draw(st.sampled_from(["actor_label", "action", "kind", "object_id", "address", "summary"]))
        tamper(database, f"UPDATE audit_entry SET {column} = :value WHERE id = :place", value='"别的"', place=place)
        (problem,) = problems(database)
        assert f"第 {place} 条" in problem
        database.dispose()


class TestEntries:
    @pytest.fixture
    def filled(self, sqlite):
        other = Person(8, "东海局 演示-李四")
        with sqlite.unit_of_work() as session:
            audit.record(session, CLERK, "unit.edit", "unit", 1)
            audit.record(session, other, "unit.edit", "unit", 2)
            audit.record(session, CLERK, "batch.post", "batch", 1)
            audit.record(session, CLERK, "unit.close", "unit", 1)
        return sqlite

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({}, [4, 3, 2, 1]),
            ({"kind": "unit"}, [4, 2, 1]),
            ({"kind": "unit", "object_id": 1}, [4, 1]),
            ({"actor": 8}, [2]),
            ({"action": "unit.edit"}, [2, 1]),
            ({"before_id": 3}, [2, 1]),
            ({"limit": 2}, [4, 3]),
            ({"kind": "nothing"}, []),
        ],
    )
    def test_each_condition_narrows(self, filled, asked, found):
        with filled.session() as session:
            assert [entry.id for entry in audit.entries(session, **asked)] == found

    def test_the_period_is_half_open(self, filled):
        with filled.session() as session:
            at = audit.entries(session)[0].at
            assert audit.entries(session, since=at, until=at, action="unit.close") == []
            later = at + timedelta(microseconds=1)
            assert [e.id for e in audit.entries(session, since=at, until=later, action="unit.close")] == [4]
            assert audit.entries(session, since=datetime(2999, 1, 1, tzinfo=UTC)) == []


class TestManyWriters:
    def test_writers_at_the_same_time_make_one_chain(self, store):
        errors = []

        def work():
            try:
                write(store, 8)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (errors, count(store), problems(store)) == ([], 48, [])


def test_the_self_check_is_offered(sqlite):
    write(sqlite, 2)
    (check,) = audit.CHECKS
    with sqlite.session() as session:
        assert (check.name, check.run(session)) == ("audit.chain", [])
