"""Schema: upgrade by Alembic, and comparison of what is there with what the models say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.schema import CreateSchema

from hwrisk.db.fulltext import HIDDEN_TABLES
from hwrisk.db.session import Database, as_busy, make_engine
from hwrisk.errors import SetupError
from hwrisk.resources import late, resource_dir

VERSION_TABLE = "alembic_version"
SCRATCH = "hwrisk_check"
LOCK_TIMEOUT_S = 60.0
"""Seconds a migration waits for its turn; a long import may be running."""


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
    with as_busy(), database.write_lock(timeout_s=LOCK_TIMEOUT_S), database.engine.connect() as opened:
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
OBJECTS = {
    # Partial indexes and those over expressions are known whole only to the engine itself.
    "sqlite": {
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL": "索引",
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'": "触发器",
    },
    "postgresql": {
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename <> 'alembic_version' "
        "AND i.schemaname = COALESCE(:schema, current_schema())": "索引",
        "SELECT tgname, pg_get_triggerdef(t.oid) || pg_get_functiondef(t.tgfoid) FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT tgisinternal AND n.nspname = COALESCE(:schema, current_schema())": "触发器",
    },
}
"""Statement → kind of object; each gives the name and the whole definition."""


def _shape(connection: Connection, schema: str | None = None) -> Shape:
    inspector = inspect(connection)
    tables = [name for name in inspector.get_table_names(schema=schema) if name != VERSION_TABLE]
    shape: Shape = {f"表 {table}": "" for table in tables}

    def note(kind: str, found: Mapping[Any, Iterable[Any]], tell: Callable[[Any], str]) -> None:
        for (_, table), parts in found.items():
            shape.update({f"{kind} {table}.{part['name']}": tell(part) for part in parts})

    asked: dict[str, Any] = {"schema": schema, "filter_names": [name for name in tables if name not in HIDDEN_TABLES]}
    note("列", inspector.get_multi_columns(**asked), _column)
    note("唯一", inspector.get_multi_unique_constraints(**asked), lambda unique: str(unique["column_names"]))
    note("检查", inspector.get_multi_check_constraints(**asked), lambda check: _plain(str(check["sqltext"])))
    note("外键", inspector.get_multi_foreign_keys(**asked), _foreign_key)
    for statement, kinds in OBJECTS[connection.dialect.name].items():
        rows = connection.execute(text(statement), {"schema": schema} if ":schema" in statement else {})
        shape.update({f"{kinds} {name}": _plain(sql) for name, sql in rows})
    return shape


def _column(column: Any) -> str:
    return f"{str(column['type']).split(' COLLATE')[0]} {'可空' if column['nullable'] else '必填'}"


def _foreign_key(key: Any) -> str:
    target = f"{key['referred_table']}{key['referred_columns']}"
    return f"{key['constrained_columns']}→{target} {key.get('options') or ''}"


def _plain(sql: str) -> str:
    # PostgreSQL names the schema of what is not first in the search path.
    return "".join(sql.replace(f"{SCRATCH}.", "").replace("public.", "").replace('"', "").split())


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
    problems = [f"缺少{name}" for name in _outermost(wanted.keys() - found.keys())]
    problems += [f"多出{name}" for name in _outermost(found.keys() - wanted.keys())]
    problems += [
        f"{name} 不一致：库中 {found[name]}，应为 {wanted[name]}"
        for name in sorted(found.keys() & wanted.keys())
        if found[name] != wanted[name]
    ]
    return problems


def _outermost(names: set[str]) -> list[str]:
    """Return the names in order, without the parts of a table that is there itself."""
    tables = {name.removeprefix("表 ") for name in names if name.startswith("表 ")}
    return sorted(name for name in names if name.partition(" ")[2].partition(".")[0] not in tables or name[0] == "表")
