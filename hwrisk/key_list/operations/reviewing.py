"""Checking the lines of a draft: the offices' opinions, the city's decisions, units added by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.db.chunks import chunked
from hwrisk.errors import RuleViolation
from hwrisk.key_list.models import (
    BasisKind,
    Change,
    KeyList,
    KeyListEntry,
    KeyListReview,
    Origin,
    ReviewKind,
    ReviewState,
)
from hwrisk.key_list.operations.proposing import entry_of, require_draft
from hwrisk.key_list.queries.facts import judged_unit
from hwrisk.key_list.queries.lists import list_in_force
from hwrisk.key_list.rules import Judgement
from hwrisk.regions.queries import region_names
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import UnitRow

KIND = "key_list_entry"
MAX_REASON = 500


def review(
    session: Session,
    key_list: KeyList,
    entries: Sequence[KeyListEntry],
    *,
    agrees: bool,
    as_of: date,
    actor: Viewer,
    reason: str = "",
    own_tonnes: Decimal | None = None,
) -> int:
    """Record what an office says of lines in its sight: agreed, or not with reason and its own figure; return how many.

    Lines the city has decided are left as they are. The caller has made sure that the lines are in sight.

    Raises:
        RuleViolation: an objection without reason, no line that may be reviewed, or no draft.
    """
    require_draft(session, key_list)
    if not agrees:
        _require_reason(reason, "有异议的请写明理由")
    _read_again(session, entries)
    open_entries = [entry for entry in entries if entry.review is not ReviewState.DECIDED]
    if not open_entries:
        raise RuleViolation("所选条目没有需要核对的（市局已定的不再核对），请重新选择")
    kind = ReviewKind.AGREE if agrees else ReviewKind.OBJECT
    for entry in open_entries:
        entry.review = ReviewState.AGREED if agrees else ReviewState.OBJECTED
        _say(session, entry, kind, reason, as_of=as_of, actor=actor, own_tonnes=own_tonnes)
    session.flush()
    return len(open_entries)


def decide(
    session: Session, key_list: KeyList, entry: KeyListEntry, *, listed: bool, reason: str, as_of: date, actor: Viewer
) -> None:
    """Decide for the city whether a unit is on the list, with the reason.

    Raises:
        RuleViolation: not the city section, no reason, or no draft.
    """
    require_draft(session, key_list)
    if actor.role is not Role.CITY:
        raise RuleViolation("是否列入由市局固废科决定；有不同意见的请填写异议")
    _read_again(session, [entry])
    _require_reason(reason, "请写明列入或者不列入的理由")
    was_listed = entry.change is not Change.NEW
    entry.is_listed, entry.review = listed, ReviewState.DECIDED
    if listed and entry.basis_kind is BasisKind.NONE:
        entry.basis_kind, entry.basis = BasisKind.DECISION, f"部门认定：{reason.strip()}"[:300]
    if was_listed:
        entry.change = Change.KEPT if listed else Change.LEAVING
    entry.note = reason.strip()[:MAX_REASON]
    kind = ReviewKind.INCLUDE if listed else ReviewKind.STRIKE
    _say(session, entry, kind, reason, as_of=as_of, actor=actor)
    session.flush()


def add_unit(
    session: Session, key_list: KeyList, row: UnitRow, *, reason: str, as_of: date, actor: Viewer
) -> KeyListEntry:
    """Add a unit to a draft by hand: by the city it is listed, by an office it is put before the city.

    Raises:
        RuleViolation: no reason, not in the register, already on the draft, or no draft.
    """
    require_draft(session, key_list)
    _require_reason(reason, "请写明增列的理由")
    if not row.unit.is_supervised:
        raise RuleViolation(f"“{row.name}”尚未纳入监管名录，请先在单位名录中纳入", field="unit")
    standing = session.scalars(
        select(KeyListEntry).where(KeyListEntry.list_id == key_list.id, KeyListEntry.unit_id == row.id)
    ).one_or_none()
    if standing is not None:
        state = "列入" if standing.is_listed else "不列入"
        raise RuleViolation(f"“{row.name}”已在草稿中（{state}），请在该条目上办理", field="unit")
    is_city = actor.role is Role.CITY
    verdict = judged_unit(session, row, on=key_list.judged_on, as_of=as_of)
    before = list_in_force(session, as_of=as_of)
    entry = entry_of(
        key_list, row, _decided(verdict, reason), names=region_names(session, as_of=as_of), origin=Origin.ADDED,
        change=Change.KEPT if _was_listed(session, before, row.id) else Change.NEW, is_listed=is_city,
        review=ReviewState.DECIDED if is_city else ReviewState.OBJECTED, note=reason.strip()[:MAX_REASON],
    )  # fmt: skip
    last = session.scalar(select(func.max(KeyListEntry.seq_no)).where(KeyListEntry.list_id == key_list.id))
    entry.seq_no = (last or 0) + 1
    session.add(entry)
    session.flush()
    _say(session, entry, ReviewKind.ADD, reason, as_of=as_of, actor=actor)
    session.flush()
    return entry


def _read_again(session: Session, entries: Sequence[KeyListEntry]) -> None:
    """Bring lines up to date under the lock of their list: somebody may have decided since they were read."""
    for chunk in chunked(sorted({entry.id for entry in entries})):
        session.scalars(
            select(KeyListEntry).where(KeyListEntry.id.in_(chunk)).execution_options(populate_existing=True)
        ).all()


def _decided(verdict: Judgement, reason: str) -> Judgement:
    if verdict.is_key:
        return verdict
    return verdict._replace(
        basis_kind=BasisKind.DECISION, basis=f"部门认定：{reason.strip()}", clause="HJ 1259—2022 4.2.2"
    )


def _was_listed(session: Session, before: KeyList | None, unit_id: int) -> bool:
    if before is None:
        return False
    found = select(KeyListEntry.id).where(
        KeyListEntry.list_id == before.id, KeyListEntry.unit_id == unit_id, KeyListEntry.is_listed
    )
    return session.scalar(found) is not None


def _say(
    session: Session,
    entry: KeyListEntry,
    kind: ReviewKind,
    reason: str,
    *,
    as_of: date,
    actor: Viewer,
    own_tonnes: Decimal | None = None,
) -> None:
    session.add(
        KeyListReview(
            entry_id=entry.id, kind=kind, given_on=as_of, own_tonnes=own_tonnes, reason=reason.strip()[:MAX_REASON],
            recorded_by=actor.label[:64],
        )
    )  # fmt: skip
    summary = {
        "unit": entry.unit_name,
        "said": kind.label,
        "reason": reason.strip()[:MAX_REASON],
        "own_tonnes": None if own_tonnes is None else str(own_tonnes),
    }
    audit.record(session, actor, f"key_list.{kind.value}", KIND, entry.id, summary=summary)


def _require_reason(reason: str, message: str) -> None:
    if not reason.strip():
        raise RuleViolation(message, field="reason")
    if len(reason.strip()) > MAX_REASON:
        raise RuleViolation(f"理由最多 {MAX_REASON} 个字", field="reason")
