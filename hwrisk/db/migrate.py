"""Schema: upgrade by Alembic, and comparison of what is there with what the models say."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.schema import CreateSchema

from hwrisk.db.session import Database, make_engine
from hwrisk.errors import SetupError
from hwrisk.resources import late, resource_dir

VERSION_TABLE = "alembic_version"
SCRATCH = "hwrisk_check"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema of `database` to `revision`, holding the write lock; a failed migration leaves nothing."""
    _run(database, "upgrade", revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to `revision`."""
    _run(database, "downgrade", revision)


def current_revision(database: Database) -> str | None:
    """Return the revision the database is at, or None for an empty one."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def head_revision() -> str:
    """Return the newest revision that this version of the system knows."""
    script = late("alembic.script").ScriptDirectory(str(resource_dir("migrations")))
    return str(script.get_current_head())


def require_head(database: Database) -> None:
    """Refuse a database whose schema is not the one of this version.

    Raises:
        SetupError: the schema is missing, older or newer; the message names the command.
    """
    if (at := current_revision(database)) != (head := head_revision()):
        found = "尚未建立" if at is None else f"版本为 {at}"
        raise SetupError(f"数据库结构{found}，程序需要 {head}；请先运行 hwrisk db upgrade")


def differences(database: Database, metadata: MetaData) -> list[str]:
    """Return how tables, columns, indexes, constraints and triggers differ from the models; empty if not at all."""
    with database.engine.connect() as connection:
        found = _shape(connection)
    if database.dialect == "sqlite":
        engine = make_engine("sqlite://")
        with engine.connect() as scratch:
            metadata.create_all(scratch)
            wanted = _shape(scratch)
        engine.dispose()
    else:
        wanted = _postgresql_scratch(database, metadata)
    return _compare(found, wanted)


def _run(database: Database, command: str, revision: str) -> None:
    config = late("alembic.config").Config()
    config.set_main_option("script_location", str(resource_dir("migrations")))
    run = getattr(late("alembic.command"), command)
    with database.write_lock(timeout_s=60), database.engine.connect() as opened:
        if database.dialect == "sqlite":
            # A pragma is ignored inside a transaction, and the engine begins one for every statement.
            raw: Any = opened.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")
            raw.execute("PRAGMA journal_mode=WAL")
        connection = opened.execution_options(hwrisk_write=True)
        config.attributes["connection"] = connection
        try:
            with connection.begin():
                run(config, revision)
        finally:
            if database.dialect == "sqlite":
                raw.execute("PRAGMA foreign_keys=ON")


Shape = dict[str, str]
"""Every object of a schema by kind and name, with a text that says what it is."""


def _shape(connection: Connection, schema: str | None = None) -> Shape:
    inspector = inspect(connection)
    shape: Shape = {}
    for table in inspector.get_table_names(schema=schema):
        if table == VERSION_TABLE or "_fts" in table:
            continue
        for column in inspector.get_columns(table, schema=schema):
            kind = str(column["type"]).split(" COLLATE")[0]
            shape[f"列 {table}.{column['name']}"] = f"{kind} {'可空' if column['nullable'] else '必填'}"
        for index in inspector.get_indexes(table, schema=schema):
            shape[f"索引 {table}.{index['name']}"] = f"{index['column_names']} {bool(index['unique'])}"
        for unique in inspector.get_unique_constraints(table, schema=schema):
            shape[f"唯一 {table}.{unique['name']}"] = str(unique["column_names"])
        for check in inspector.get_check_constraints(table, schema=schema):
            shape[f"检查 {table}.{check['name']}"] = "".join(str(check["sqltext"]).split())
        for key in inspector.get_foreign_keys(table, schema=schema):
            shape[f"外键 {table}.{key['name']}"] = f"{key['constrained_columns']}→{key['referred_table']}"
    shape.update(_triggers(connection, schema))
    return shape


def _triggers(connection: Connection, schema: str | None) -> Shape:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return {f"触发器 {name}": "".join(sql.split()) for name, sql in rows}
    rows = connection.execute(
        text(
            "SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT tgisinternal AND n.nspname = COALESCE(:schema, current_schema())"
        ),
        {"schema": schema},
    )
    # The definition names the schema of the table where it is not the first in the search path.
    return {f"触发器 {name}": "".join(sql.replace(f"{SCRATCH}.", "").split()) for name, sql in rows}


def _postgresql_scratch(database: Database, metadata: MetaData) -> Shape:
    """Build the models' schema beside the real one, look at it, and take it away again."""
    with database.engine.connect() as connection:
        try:
            connection.execute(CreateSchema(SCRATCH))
            connection.execute(text("SELECT set_config('search_path', :schema, true)"), {"schema": SCRATCH})
            metadata.create_all(connection, checkfirst=False)
            return _shape(connection)
        finally:
            connection.rollback()


def _compare(found: Shape, wanted: Shape) -> list[str]:
    problems = [f"缺少{name}" for name in sorted(wanted.keys() - found.keys())]
    problems += [f"多出{name}" for name in sorted(found.keys() - wanted.keys())]
    problems += [
        f"{name} 不一致：库中 {found[name]}，应为 {wanted[name]}"
        for name in sorted(found.keys() & wanted.keys())
        if found[name] != wanted[name]
    ]
    return problems
