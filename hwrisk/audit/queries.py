"""Reading the audit trail, and proving that it was not tampered with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.audit.models import GENESIS, AuditEntry
from hwrisk.audit.rules import entry_hash
from hwrisk.clock import local

DEFAULT_LIMIT = 50
_BATCH = 2000
_COLUMNS = [column for column in AuditEntry.__table__.columns if column.key != "entry_hash"]


class Head(NamedTuple):
    """The end of the chain at some instant: kept outside the database, it proves that no tail was cut off."""

    place: int
    entry_hash: str


def entries(
    session: Session,
    *,
    kind: str | None = None,
    object_id: object = None,
    actor: int | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_id: int | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Sequence[AuditEntry]:
    """Return at most `limit` entries, newest first; None leaves a condition out.

    `since` <= at < `until`; `actor` is the id of an account; `before_id` is the last id of the page before.
    """
    found = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if kind is not None:
        found = found.where(AuditEntry.kind == kind)
    if object_id is not None:
        found = found.where(AuditEntry.object_id == str(object_id))
    if actor is not None:
        found = found.where(AuditEntry.actor_id == actor)
    if action is not None:
        found = found.where(AuditEntry.action == action)
    if since is not None:
        found = found.where(AuditEntry.at >= since)
    if until is not None:
        found = found.where(AuditEntry.at < until)
    if before_id is not None:
        found = found.where(AuditEntry.id < before_id)
    return session.scalars(found).all()


def head(session: Session) -> Head | None:
    """Return the last entry's place and hash, or None while there is no entry; backups and exports keep it."""
    row = session.execute(select(AuditEntry.id, AuditEntry.entry_hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    return Head(*row) if row else None


def verify_chain(session: Session, *, kept_head: Head | None = None) -> list[str]:
    """Return one Chinese sentence naming the first broken entry, or an empty list when the chain is whole.

    The chain alone cannot show that its newest entries were cut off; `kept_head`, kept elsewhere, can.
    """
    place, previous = 0, GENESIS
    try:
        for row in _rows(session):
            place += 1
            if fault := _fault(row, place, previous, kept_head):
                return [f"审计链在第 {place} 条处断开：{fault}"]
            previous = row["entry_hash"]
    except ValueError:
        return [f"审计链在第 {place + 1} 条处断开：内容无法读取，可能被改动"]
    if kept_head and place < kept_head.place:
        return [f"审计链在第 {place + 1} 条处断开：留存的链尾为第 {kept_head.place} 条，库中只有 {place} 条"]
    return []


def _fault(row: dict[str, Any], place: int, previous: str, kept_head: Head | None) -> str | None:
    if row["id"] != place:
        return f"该条缺失，其后为第 {row['id']} 条"
    if row["previous_hash"] != previous:
        return f"{_named(row)}与上一条不衔接"
    if entry_hash({column.key: row[column.key] for column in _COLUMNS}) != row["entry_hash"]:
        return f"{_named(row)}内容与校验值不符，可能被改动"
    if kept_head and place == kept_head.place and row["entry_hash"] != kept_head.entry_hash:
        return "与留存的链尾校验值不符，此前的链可能被整体重写"
    return None


def _rows(session: Session) -> Iterator[dict[str, Any]]:
    # Page by page: an open cursor over the whole table would hold up checkpoints on SQLite.
    last, size = 0, _BATCH
    while True:
        page = select(AuditEntry.__table__).where(AuditEntry.id > last).order_by(AuditEntry.id).limit(size)
        try:
            rows = session.execute(page).mappings().all()
        except ValueError:
            # An instant or a summary that cannot even be read: walk up to it one by one, so that it can be named.
            if size == 1:
                raise
            size = 1
            continue
        yield from (dict(row) for row in rows)
        if len(rows) < size:
            return
        last = rows[-1]["id"]


def _named(row: dict[str, Any]) -> str:
    return f"{local(row['at']):%Y-%m-%d %H:%M:%S} {row['actor_label']} {row['action']} "
