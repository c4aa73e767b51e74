"""Migrations on both engines: they make what the models say, they go back, and a failed one leaves nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from hwrisk.clock import now
from hwrisk.db import migrate
from hwrisk.db.base import Base
from hwrisk.db.marks import mark, set_mark
from hwrisk.db.session import Database
from hwrisk.errors import DatabaseBusy, SetupError
from hwrisk.resources import resource_dir
from hwrisk.security import GrantKind, Role, Viewer
from hwrisk.security.operations import create_account, grant

pytestmark = pytest.mark.slow
AddRevision = Callable[[str, str], None]
REVISIONS = sorted((resource_dir("migrations") / "versions").glob("*.py"))


def differences(database: Database) -> list[str]:
    return migrate.differences(database, Base.metadata)


def run(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def tables_of(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_an_empty_database_becomes_what_the_models_say(empty: Database) -> None:
    assert migrate.current_revision(empty) is None
    with pytest.raises(SetupError, match=r"尚未建立.*hwrisk db upgrade"):
        migrate.require_head(empty)
    migrate.upgrade(empty)
    assert migrate.current_revision(empty) == migrate.head_revision()
    migrate.require_head(empty)
    assert differences(empty) == []
    # A second time does nothing.
    migrate.upgrade(empty)
    assert differences(empty) == []


def test_down_to_nothing_and_up_again(head: Database) -> None:
    migrate.downgrade(head, "base")
    assert tables_of(head) == {migrate.VERSION_TABLE}
    with head.engine.connect() as connection:
        if head.dialect == "postgresql":
            left = connection.execute(text("SELECT proname FROM pg_proc WHERE proname LIKE 'fn%'")).all()
        else:
            left = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    assert left == []
    migrate.upgrade(head)
    assert differences(head) == []


def test_a_failed_migration_leaves_nothing(head: Database, add_revision: AddRevision) -> None:
    add_revision(
        'op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))\n'
        "op.execute(\"INSERT INTO mark (key, value, recorded_at) VALUES ('half', '1', '2026-01-01')\")\n"
        'op.execute("SELECT * FROM nowhere")',
        "pass",
    )
    with pytest.raises(DBAPIError):
        migrate.upgrade(head)
    assert "half" not in tables_of(head)
    assert migrate.current_revision(head) != "next"
    with head.session() as session:
        assert mark(session, "half") == ""
    assert differences(head) == []


def test_a_step_up_and_down_keeps_the_rows(head: Database, add_revision: AddRevision) -> None:
    """A rebuilt table on SQLite must not take the rows that point to it along."""
    add_revision(
        'with op.batch_alter_table("account") as batch:\n'
        '    batch.add_column(sa.Column("nickname", sa.String(20), nullable=True))\n'
        '    batch.alter_column("display_name", existing_type=sa.String(64), type_=sa.String(99))',
        'with op.batch_alter_table("account") as batch:\n'
        '    batch.alter_column("display_name", existing_type=sa.String(99), type_=sa.String(64))\n'
        '    batch.drop_column("nickname")',
    )
    account, grants = fill_accounts(head)
    migrate.upgrade(head)
    assert migrate.current_revision(head) == "next"
    with head.session() as session:
        assert session.execute(text("SELECT nickname FROM account")).all() == [(None,)]
    assert counts(head) == (account, grants)
    assert any("nickname" in problem for problem in differences(head))
    migrate.downgrade(head, "-1")
    assert counts(head) == (account, grants)
    with head.engine.connect() as connection:
        if head.dialect == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_newer_database_is_refused(head: Database) -> None:
    run(head, "UPDATE alembic_version SET version_num = '20991231_0000'")
    with pytest.raises(SetupError, match="20991231_0000"):
        migrate.require_head(head)


def test_a_migration_waits_its_turn(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if empty.dialect == "postgresql":
        return
    held = empty.write_lock
    monkeypatch.setattr(empty, "write_lock", lambda **_options: held(timeout_s=0))
    with held(), pytest.raises(DatabaseBusy):
        migrate.upgrade(empty)
    assert migrate.current_revision(empty) is None


HAND = {
    "sqlite": {
        "DROP INDEX {index}": "缺少索引 {index}",
        "CREATE INDEX ix_own ON unit (unit_no)": "多出索引 ix_own",
        "DROP TRIGGER trg_audit_entry_no_delete": "缺少触发器 trg_audit_entry_no_delete",
        "DROP TRIGGER trg_audit_entry_no_update": "触发器 trg_audit_entry_no_update 不一致",
        "CREATE TRIGGER trg_audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT 1; END": "",
        "DROP TABLE saved_filter": "缺少表 saved_filter",
        "DROP TABLE search_entry_fts": "缺少表 search_entry_fts",
        "CREATE TABLE own (id INTEGER)": "多出表 own",
        "ALTER TABLE mark ADD COLUMN own INTEGER": "多出列 mark.own",
    },
    "postgresql": {
        "DROP INDEX {index}": "缺少索引 {index}",
        "CREATE INDEX ix_own ON unit (unit_no)": "多出索引 ix_own",
        "DROP TRIGGER trg_audit_entry_no_delete ON audit_entry": "缺少触发器 trg_audit_entry_no_delete",
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$":
            "触发器 trg_audit_entry_no_update 不一致",
        "DROP TABLE saved_filter": "缺少表 saved_filter",
        "ALTER TABLE search_entry DROP COLUMN tokens_vector": "缺少列 search_entry.tokens_vector",
        "CREATE TABLE own (id INTEGER)": "多出表 own",
        "ALTER TABLE mark ADD COLUMN own INTEGER": "多出列 mark.own",
        "ALTER TABLE storage_batch DROP CONSTRAINT {check}": "缺少检查 storage_batch.{check}",
    },
}  # fmt: skip
"""What somebody does by hand → how the sentence begins that `db check` says of it."""


def test_changes_by_hand_are_found(head: Database) -> None:
    names = {"index": an_index(head, "ledger_entry"), "check": a_check(head), "function": guard_of_audit(head)}
    hand = {done.format(**names): said.format(**names) for done, said in HAND[head.dialect].items()}
    run(head, *hand)
    problems = differences(head)
    for said in hand.values():
        assert any(problem.startswith(said) for problem in problems), (said, problems)
    # One sentence for a table that is gone, not one for each of its columns.
    assert not [problem for problem in problems if "列 saved_filter" in problem or "列 own" in problem]


def test_a_check_that_is_gone_is_found_on_sqlite_too(head: Database) -> None:
    if head.dialect == "postgresql":
        return
    name = a_check(head)
    with head.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA writable_schema=ON")
        changed = "UPDATE sqlite_master SET sql = replace(sql, ?, 'was_' || ?) WHERE name = 'storage_batch'"
        raw.execute(changed, (name, name))
        raw.execute("PRAGMA writable_schema=OFF")
    head.dispose()
    assert f"缺少检查 storage_batch.{name}" in differences(head)


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_a_migration_stands_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= {"__future__", "sqlalchemy", "alembic"}
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert not isinstance(functions["downgrade"].body[-1], ast.Pass)


def test_there_is_one_head() -> None:
    assert len(REVISIONS) == len({path.stem for path in REVISIONS})
    assert migrate.head_revision() == REVISIONS[-1].stem[:13]


def fill_accounts(database: Database) -> tuple[int, int]:
    with database.unit_of_work() as session:
        set_mark(session, "a", "1")
        account = create_account(
            session, username="yanshi", display_name="演示-张三", role=Role.COUNTY, actor=Viewer.system(), at=now()
        )
        grant(session, account, GrantKind.OFFICE, "LYG-GNX", valid_from=date(2026, 1, 1), actor=Viewer.system())
    return counts(database)


def counts(database: Database) -> tuple[int, int]:
    with database.session() as session:
        return (
            session.execute(text("SELECT count(*) FROM account")).scalar_one(),
            session.execute(text("SELECT count(*) FROM account_grant")).scalar_one(),
        )


def an_index(database: Database, table: str) -> str:
    with database.engine.connect() as connection:
        names = [index["name"] for index in inspect(connection).get_indexes(table) if not index["unique"]]
    return str(sorted(str(name) for name in names)[0])


def a_check(database: Database) -> str:
    with database.engine.connect() as connection:
        return str(inspect(connection).get_check_constraints("storage_batch")[0]["name"])


def guard_of_audit(database: Database) -> str:
    if database.dialect == "sqlite":
        return ""
    statement = (
        "SELECT proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE tgname = 'trg_audit_entry_no_update'"
    )
    with database.engine.connect() as connection:
        return str(connection.execute(text(statement)).scalar_one())
