"""National manifest numbers: one may stand on several wastes of one load, never on two loads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.chunks import chunked
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import Draft
from hwrisk.ledger.models import LedgerEntry


class _Load(NamedTuple):
    unit_id: int
    left_on: date
    receiver: str


class Manifests:
    """Which load each number stands for.

    Source: 危险废物转移管理办法 第十六条 (one manifest per vehicle; several kinds of waste may share it).
    """

    def __init__(self, session: Session, drafts: Sequence[Draft]) -> None:
        self._loads: dict[str, _Load] = {}
        cancelling = aliased(LedgerEntry)
        for chunk in chunked(sorted({d.national_no for d in drafts if d.national_no})):
            rows = session.execute(
                select(
                    LedgerEntry.national_no, LedgerEntry.unit_id, LedgerEntry.occurred_on, LedgerEntry.receiver_name
                ).where(
                    LedgerEntry.national_no.in_(chunk),
                    ~select(cancelling.id).where(cancelling.cancels_id == LedgerEntry.id).exists(),
                )
            )
            for number, unit_id, left_on, receiver in rows:
                self._loads[number or ""] = _Load(unit_id, left_on, receiver)

    def claim(self, number: str, draft: Draft) -> None:
        """Keep `number` for the load of `draft`.

        Raises:
            RuleViolation: it stands for another load: another unit, day or receiver.
        """
        load = _Load(draft.unit_id, draft.occurred_on, draft.receiver_name)
        known = self._loads.setdefault(number, load)
        if known != load:
            raise RuleViolation(
                f"国家联单编号 {number} 已用于另一次转移；一车一单，同一编号只能用于同日送往同一接收单位的各种废物",
                field="national_no",
            )
