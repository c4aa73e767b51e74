"""The limits in force and what they rest on (口径), for the line under a list."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from hwrisk.ledger.storage.rules import PACK_ID
from hwrisk.rulepacks.queries import PackHistory, citations
from hwrisk.rulepacks.trust import Trust


class LimitBasis(NamedTuple):
    """A limit, the clause behind it, and whether either is not verified (待核)."""

    title: str
    text: str
    is_unverified: bool
    counts_in_rate: bool


def limit_bases(session: Session, *, as_of: date) -> list[LimitBasis]:
    """Return the enabled limits of the version in force on `as_of`, in the order they apply.

    Raises:
        NotFound: no version was ever activated.
    """
    cited = citations(session, on=as_of)
    found = []
    for row in PackHistory(session, PACK_ID).on(as_of).parameters["limit"]:
        if not row["enabled"]:
            continue
        clause = cited.get(row["law_subject"])
        is_sure = Trust(row["trust"]).is_verified and clause is not None and clause.trust.is_verified
        found.append(LimitBasis(row["title"], clause.text if clause else "", not is_sure, row["counts_in_rate"]))
    return found
