"""Audit (审计): the append-only, hash-chained record of who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, BigInteger, CheckConstraint, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db.base import Base
from hwrisk.db.types import UtcDateTime

HASH_LENGTH = 64
GENESIS = "0" * HASH_LENGTH
"""What the first entry names as its predecessor."""


class AuditEntry(Base):
    """One act of one person or of the system (审计记录); added, never changed or removed, kept without end.

    Its hash covers its own fields and the hash of the entry before it, so that an altered, removed or inserted entry
    breaks the chain from there on.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        # A chain cannot fork: no two entries follow the same one.
        UniqueConstraint("previous_hash"),
        UniqueConstraint("entry_hash"),
        CheckConstraint("id > 0", name="id_positive"),
        Index("ix_audit_entry_object", "kind", "object_id", "id"),
        Index("ix_audit_entry_actor", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Place in the chain: 1, 2, 3 … without gaps, given while linking."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None]
    """Account that acted, or None for the system or an unknown person; no foreign key, as the entry outlives all."""
    actor_label: Mapped[str] = mapped_column(String(120))
    """Department and name as they were at that instant."""
    address: Mapped[str] = mapped_column(String(64), default="")
    """Network address the act came from, empty for commands and jobs."""
    action: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[str] = mapped_column(String(64))
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the act changed, as plain JSON values; no passwords, tokens or full phone numbers."""
    previous_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    entry_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))


_SQLITE_TRIGGERS = (
    """CREATE TRIGGER trg_audit_entry_no_update BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, '审计记录不可修改'); END""",
    """CREATE TRIGGER trg_audit_entry_no_delete BEFORE DELETE ON audit_entry
    BEGIN SELECT RAISE(ABORT, '审计记录不可删除'); END""",
    # INSERT OR REPLACE removes the old row without firing the delete trigger: only the next place is accepted.
    """CREATE TRIGGER trg_audit_entry_no_replace BEFORE INSERT ON audit_entry
    WHEN NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM audit_entry)
    OR EXISTS (SELECT 1 FROM audit_entry WHERE previous_hash = NEW.previous_hash OR entry_hash = NEW.entry_hash)
    BEGIN SELECT RAISE(ABORT, '审计记录只能接在最后'); END""",
)
_POSTGRESQL_TRIGGERS = (
    """CREATE OR REPLACE FUNCTION fn_audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '审计记录不可修改或删除'; END $body$""",
    """CREATE TRIGGER trg_audit_entry_no_update BEFORE UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION fn_audit_entry_refuse()""",
    """CREATE TRIGGER trg_audit_entry_no_delete BEFORE DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION fn_audit_entry_refuse()""",
    """CREATE TRIGGER trg_audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION fn_audit_entry_refuse()""",
)
for _dialect, _statements in (("sqlite", _SQLITE_TRIGGERS), ("postgresql", _POSTGRESQL_TRIGGERS)):
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        event.listen(AuditEntry.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
