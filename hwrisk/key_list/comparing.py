"""Two versions of the list side by side (清单比较); page and export ask here."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from hwrisk.key_list.models import KeyList
from hwrisk.key_list.queries.entries import listed_lines
from hwrisk.key_list.rules import Difference, DifferenceKind, differences
from hwrisk.security.viewer import Viewer


class Comparison(NamedTuple):
    """What became of every unit of two versions, with how many of each kind."""

    before: KeyList
    after: KeyList
    rows: list[Difference]
    counts: dict[DifferenceKind, int]

    @property
    def in_words(self) -> str:
        """The counts in one line."""
        return "，".join(f"{kind.label} {self.counts[kind]} 家" for kind in DifferenceKind)


def compare_lists(session: Session, before: KeyList, after: KeyList, *, user: Viewer, as_of: date) -> Comparison:
    """Return the differences of the units in sight of `user` on `as_of`; two statements."""
    rows = differences(
        listed_lines(session, before.id, user=user, as_of=as_of),
        listed_lines(session, after.id, user=user, as_of=as_of),
    )
    counted = Counter(row.kind for row in rows)
    return Comparison(before, after, rows, {kind: counted[kind] for kind in DifferenceKind})
