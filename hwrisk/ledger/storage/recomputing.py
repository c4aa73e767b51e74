"""Working limits out again: after a change of role or of the rule pack, a merging, or a cancelled entry into store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.chunks import chunked
from hwrisk.ledger.drafts import INTO_STORE
from hwrisk.ledger.models import LedgerEntry
from hwrisk.ledger.storage.limits import JudgedLimit, LimitBook, holding_on, limit_book
from hwrisk.ledger.storage.models import FacilityVersion, LotMember, StorageBatch
from hwrisk.ledger.storage.rules import PACK_ID, first_overdue_day, limit_by_key
from hwrisk.rulepacks.records import VerdictChange, VerdictSource
from hwrisk.units.models import UnitVersion

NO_LIMIT = "不适用"
MAX_CHANGES = 500
"""Batches named in a trial run; what is left is counted."""


class Judged(NamedTuple):
    """A batch and its limit as worked out now."""

    batch: StorageBatch
    limit: JudgedLimit

    @property
    def is_changed(self) -> bool:
        """Whether the stored limit says otherwise; the version it was judged by is a note, not a verdict."""
        now, stored = self.limit, self.batch
        return (now.limit_key, now.last_lawful_on, now.overdue_from, now.counts_in_rate) != (
            stored.limit_key,
            stored.last_lawful_on,
            stored.overdue_from,
            stored.counts_in_rate,
        )


def recompute_limits(session: Session, batch_ids: Iterable[int] | None = None) -> int:
    """Judge the batches (None: all) by what is known now, lots included, and return how many changed."""
    changed = 0
    for each in judged(session, batch_ids):
        if each.is_changed:
            for name, value in each.limit._asdict().items():
                setattr(each.batch, name, value)
            changed += 1
    session.flush()
    return changed


def judged(
    session: Session, batch_ids: Iterable[int] | None = None, *, parameters: Mapping[str, Any] | None = None
) -> Iterator[Judged]:
    """Yield every batch (None: all) with its limit as of now; `parameters` tries another version of the pack."""
    book = limit_book(session)
    ids = session.scalars(select(StorageBatch.id).order_by(StorageBatch.id)) if batch_ids is None else sorted(batch_ids)
    for chunk in chunked(ids):
        yield from _judged_chunk(session, book, chunk, parameters)


def _judged_chunk(
    session: Session, book: LimitBook, ids: Sequence[int], parameters: Mapping[str, Any] | None
) -> Iterator[Judged]:
    members = _members(session, ids)
    wanted = set(ids) | {m.batch_id for lot in members.values() for m in lot}
    batches = {row.id: row for row in session.scalars(select(StorageBatch).where(StorageBatch.id.in_(wanted)))}
    units = _histories(session, UnitVersion, UnitVersion.unit_id, {b.unit_id for b in batches.values()})
    facilities = _histories(
        session, FacilityVersion, FacilityVersion.facility_id, {b.facility_id for b in batches.values()}
    )
    own = {
        batch.id: book.judge(
            unit=holding_on(units.get(batch.unit_id, []), batch.entered_on),
            facility=holding_on(facilities.get(batch.facility_id, []), batch.entered_on),
            waste_code=batch.waste_code,
            waste_name=batch.waste_name,
            entered_on=batch.entered_on,
            first_stored_on=batch.first_stored_on,
            parameters=parameters,
        )
        for batch in batches.values()
    }
    for batch_id in ids:
        batch, limit = batches[batch_id], own[batch_id]
        lot = members.get(batch_id)
        if lot and limit.overdue_from is not None:
            joined_on = next(m.joined_on for m in lot if m.batch_id == batch_id)
            mates = [own[m.batch_id].overdue_from for m in lot if m.is_real]
            day = first_overdue_day(limit.last_lawful_on, batch.entered_on, lot=(joined_on, mates))
            limit = limit._replace(overdue_from=day)
        yield Judged(batch, limit)


class _Member(NamedTuple):
    batch_id: int
    joined_on: date
    is_real: bool
    """Whether its entry into store was not cancelled."""


def _members(session: Session, ids: Sequence[int]) -> dict[int, list[_Member]]:
    """Return by batch the members of its lot, itself included."""
    lots: dict[int, list[_Member]] = defaultdict(list)
    of_these = select(LotMember.lot_id).where(LotMember.batch_id.in_(ids))
    entered, cancelling = aliased(LedgerEntry), aliased(LedgerEntry)
    cancelled = (
        select(cancelling.id)
        .join(entered, cancelling.cancels_id == entered.id)
        .where(entered.batch_id == LotMember.batch_id, entered.kind.in_(INTO_STORE))
        .exists()
    )
    rows = session.execute(
        select(LotMember.lot_id, LotMember.batch_id, LotMember.joined_on, cancelled).where(
            LotMember.lot_id.in_(of_these)
        )
    )
    for lot_id, batch_id, joined_on, is_cancelled in rows:
        lots[lot_id].append(_Member(batch_id, joined_on, not is_cancelled))
    return {member.batch_id: lot for lot in lots.values() for member in lot}


def _histories(session: Session, model: Any, column: Any, keys: Iterable[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for chunk in chunked(sorted(keys)):
        rows = session.scalars(
            select(model).where(column.in_(chunk), model.superseded_at.is_(None)).order_by(model.valid_from)
        )
        for row in rows:
            found[getattr(row, column.key)].append(row)
    return found


def limit_changes(
    session: Session, before: Mapping[str, Any] | None, after: Mapping[str, Any], as_of: date
) -> list[VerdictChange]:
    """Return the batches in store on `as_of` whose limit a new version of the storage limits would change."""
    there = session.scalars(
        select(StorageBatch.id).where(StorageBatch.remaining > 0, StorageBatch.entered_on <= as_of)
    ).all()
    changes = [
        VerdictChange(
            f"批次 {each.batch.batch_no}（{each.batch.waste_name or each.batch.waste_code}）",
            _verdict(each.batch.limit_key, each.batch.overdue_from, before or after),
            _verdict(each.limit.limit_key, each.limit.overdue_from, after),
        )
        for each in judged(session, there, parameters=after)
        if each.is_changed
    ]
    if len(changes) > MAX_CHANGES:
        rest = len(changes) - MAX_CHANGES
        changes = [*changes[:MAX_CHANGES], VerdictChange(f"另有 {rest} 个批次", "—", "—")]
    return changes


def _verdict(key: str, overdue_from: date | None, parameters: Mapping[str, Any]) -> str:
    if overdue_from is None:
        return NO_LIMIT
    limit = limit_by_key(parameters, key)
    return f"{limit.title if limit else key}，{overdue_from:%Y-%m-%d} 起超期"


VERDICTS = VerdictSource(PACK_ID, "贮存批次的期限", limit_changes)
