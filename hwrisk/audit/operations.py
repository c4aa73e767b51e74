"""Writing the audit trail: acts are queued with the session and linked into the chain just before COMMIT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session, SessionTransaction

from hwrisk.audit.models import GENESIS, AuditEntry
from hwrisk.audit.rules import clean, entry_hash, plain
from hwrisk.clock import now
from hwrisk.db.locks import hold_until_commit
from hwrisk.db.session import run_last

_QUEUE = "audit_queue"
_ORIGIN = "audit_origin"
_CHAIN_LOCK = 0x6877_7269_736B_0001
"""Key of the lock under which entries are linked: only one transaction at a time is at the end of the chain."""
SYSTEM = "系统"


class Actor(Protocol):
    """Whoever acts: an account, or the system without one."""

    @property
    def account_id(self) -> int | None:
        """Return the id of the account, or None."""

    @property
    def label(self) -> str:
        """Return department and name."""


@dataclass(frozen=True)
class _Queued:
    fields: dict[str, Any]
    within: tuple[SessionTransaction, ...]
    """The transaction and savepoints the act happened in; it is forgotten when one of them is rolled back."""


def record(
    session: Session,
    viewer: Actor | None,
    action: str,
    kind: str,
    object_id: object,
    *,
    summary: Mapping[str, Any] | None = None,
) -> None:
    """Queue the entry that `viewer` (None: the system) did `action` to the object `kind` `object_id`.

    The entry is written when the unit of work commits, and only then; whoever rolls back leaves no entry.

    Raises:
        ValueError: the object has no id yet; flush first.
        TypeError: the summary holds something that is not plain data.
    """
    if object_id is None:
        raise ValueError("the object has no id yet: flush before recording")
    fields = {
        "at": now(),
        "actor_id": viewer.account_id if viewer else None,
        "actor_label": clean(viewer.label if viewer else SYSTEM)[:120],
        "address": session.info.get(_ORIGIN, ""),
        "action": _short("action", action),
        "kind": _short("kind", kind),
        "object_id": _short("object_id", str(object_id)),
        "summary": plain(summary or {}),
    }
    session.info.setdefault(_QUEUE, []).append(_Queued(fields, _enclosing(session)))


def set_origin(session: Session, address: str) -> None:
    """Note the network address that the acts queued with `session` come from."""
    session.info[_ORIGIN] = clean(address)[:64]


@run_last
def link(session: Session) -> None:
    """Write the queued entries at the end of the chain; called by the unit of work right before COMMIT."""
    queued: list[_Queued] = session.info.pop(_QUEUE, [])
    if not queued:
        return
    # Taken last and kept till COMMIT: taken at the start it would make all writers queue for their whole work.
    hold_until_commit(session, _CHAIN_LOCK)
    last = session.execute(select(AuditEntry.id, AuditEntry.entry_hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    place, previous = last or (0, GENESIS)
    rows = []
    for entry in queued:
        place += 1
        fields = {"id": place, **entry.fields, "previous_hash": previous}
        previous = entry_hash(fields)
        rows.append({**fields, "entry_hash": previous})
    session.execute(insert(AuditEntry), rows)


def _short(name: str, text: str) -> str:
    cleaned = clean(text)
    if len(cleaned) > 64:
        raise ValueError(f"audit {name} is longer than 64 characters: {cleaned[:80]}")
    return cleaned


def _enclosing(session: Session) -> tuple[SessionTransaction, ...]:
    if not session.in_transaction():
        session.begin()
    transaction = session.get_nested_transaction() or session.get_transaction()
    found = []
    while transaction is not None:
        found.append(transaction)
        transaction = transaction.parent
    return tuple(found)


def _forget_rolled_back(session: Session, rolled_back: SessionTransaction) -> None:
    queued: list[_Queued] = session.info.get(_QUEUE, [])
    queued[:] = [entry for entry in queued if all(outer is not rolled_back for outer in entry.within)]


event.listen(Session, "after_soft_rollback", _forget_rolled_back)
