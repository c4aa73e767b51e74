"""Full-text index over one column of ready-made tokens: FTS5 on SQLite, a generated tsvector with GIN on PostgreSQL.

Both engines get the same tokens and answer the same questions; how a text becomes tokens is the search's affair. A
token is a small ASCII letter followed by ASCII letters and digits, which the parsers of both engines leave whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import DDL, ColumnElement, Table, bindparam, column, event, func, literal_column, select, table, text
from sqlalchemy.orm import Session

SUFFIX = "_fts"
HIDDEN_TABLES = tuple(
    f"search_entry{SUFFIX}{part}" for part in ("", "_config", "_content", "_data", "_docsize", "_idx")
)
"""The FTS5 table and its shadow tables on SQLite; autogenerate must neither make nor drop them."""
HIDDEN_COLUMNS = ("search_entry.tokens_vector",)
"""Generated columns that stand on PostgreSQL alone, as table.column."""
HIDDEN_INDEXES = ("ix_search_entry_tokens_vector",)
"""Indexes that stand on PostgreSQL alone."""

_TOKEN = re.compile(r"[a-z][a-z0-9]*")

Phrase = Sequence[str]
"""Tokens that must follow one another."""
Question = Sequence[Sequence[Phrase]]
"""All groups must be met; a group is met by any of its phrases."""


def ddl(table_name: str, token_column: str, dialect: str) -> tuple[str, ...]:
    """Return the statements that make the index of `token_column` on `dialect`, in their order."""
    fts = f"{table_name}{SUFFIX}"
    if dialect == "postgresql":
        vector = f"{token_column}_vector"
        return (
            f"ALTER TABLE {table_name} ADD COLUMN {vector} tsvector "
            f"GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, {token_column})) STORED",
            f"CREATE INDEX ix_{table_name}_{vector} ON {table_name} USING gin ({vector})",
        )
    add = f"INSERT INTO {fts}(rowid, {token_column}) VALUES (new.id, new.{token_column});"  # noqa: S608 - names of our own
    # Taking a row out of an external-content index needs the very tokens that were put in.
    taken_out = f"VALUES ('delete', old.id, old.{token_column});"
    remove = f"INSERT INTO {fts}({fts}, rowid, {token_column}) {taken_out}"
    return (
        f"CREATE VIRTUAL TABLE {fts} USING fts5({token_column}, content='{table_name}', content_rowid='id', "
        "tokenize='ascii')",
        f"CREATE TRIGGER trg_{table_name}_fts_insert AFTER INSERT ON {table_name} BEGIN {add} END",
        f"CREATE TRIGGER trg_{table_name}_fts_delete AFTER DELETE ON {table_name} BEGIN {remove} END",
        f"CREATE TRIGGER trg_{table_name}_fts_update AFTER UPDATE OF {token_column} ON {table_name} "
        f"BEGIN {remove} {add} END",
    )


def attach(indexed: Table, token_column: str) -> None:
    """Let the index of `token_column` be made with the table `indexed`, and go with it."""
    for dialect in ("sqlite", "postgresql"):
        for statement in ddl(indexed.name, token_column, dialect):
            _run_on(indexed, "after_create", statement, dialect)
    _run_on(indexed, "before_drop", f"DROP TABLE IF EXISTS {indexed.name}{SUFFIX}", "sqlite")


def _run_on(indexed: Table, moment: str, statement: str, dialect: str) -> None:
    made = DDL(statement)  # type: ignore[no-untyped-call]  # the library's own constructor lacks annotations
    event.listen(indexed, moment, made.execute_if(dialect=dialect))


def matching(session: Session, indexed: Table, token_column: str, question: Question) -> ColumnElement[bool]:
    """Return the predicate that a row of `indexed` answers `question`.

    Raises:
        ValueError: the question is empty, or a token has a form the engines would not leave whole.
    """
    _check(question)
    if session.get_bind().dialect.name == "postgresql":
        asked = " & ".join("(" + " | ".join(" <-> ".join(phrase) for phrase in group) + ")" for group in question)
        query = func.to_tsquery(literal_column("'simple'::regconfig"), bindparam(None, asked))
        return column(f"{token_column}_vector", _selectable=indexed).op("@@", is_comparison=True)(query)
    asked = " AND ".join(
        "(" + " OR ".join('"' + " ".join(phrase) + '"' for phrase in group) + ")" for group in question
    )
    fts = table(f"{indexed.name}{SUFFIX}", column("rowid"), column(f"{indexed.name}{SUFFIX}"))
    found = fts.c[f"{indexed.name}{SUFFIX}"].op("MATCH", is_comparison=True)(bindparam(None, asked))
    return indexed.c.id.in_(select(fts.c.rowid).where(found))


def _check(question: Question) -> None:
    phrases = [phrase for group in question for phrase in group]
    if not question or not all(question) or not all(phrases):
        raise ValueError("an empty question")
    if not all(_TOKEN.fullmatch(token) for phrase in phrases for token in phrase):
        raise ValueError("a token with other signs than a-z and 0-9")


def problems(session: Session, indexed: Table) -> list[str]:
    """Return one Chinese sentence if the index does not cover the rows of `indexed`; PostgreSQL keeps it by itself."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    sizes = table(f"{indexed.name}{SUFFIX}_docsize")
    rows = session.scalar(select(func.count()).select_from(indexed)) or 0
    entries = session.scalar(select(func.count()).select_from(sizes)) or 0
    return [] if rows == entries else [f"检索索引有 {entries} 条，应为 {rows} 条，请重建检索索引"]


def repair(session: Session, indexed: Table) -> None:
    """Make the index anew from the rows of `indexed`; nothing is to be done on PostgreSQL."""
    if session.get_bind().dialect.name == "sqlite":
        name = f"{indexed.name}{SUFFIX}"
        fts = table(name, column(name))
        session.execute(fts.insert().values({name: text("'rebuild'")}))
