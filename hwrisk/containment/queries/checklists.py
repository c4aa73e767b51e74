"""How far the parks are with the completion check list, and the coverage rate of the key parks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.containment.models import ChecklistMark, MarkState
from hwrisk.containment.scope import whole_parks
from hwrisk.containment.settings import Checklist, ChecklistItem, KeyPark, checklist_on
from hwrisk.db.history import in_force
from hwrisk.parks.models import Park
from hwrisk.security.viewer import Viewer


class ItemProgress(NamedTuple):
    """One item with what was last recorded of it; None: nothing was."""

    item: ChecklistItem
    mark: ChecklistMark | None

    @property
    def state(self) -> MarkState:
        """How far it is."""
        return self.mark.state if self.mark else MarkState.NOT_KNOWN


class ParkProgress(NamedTuple):
    """A park on the check list."""

    park: Park
    key: KeyPark | None
    """What the plan says of it, or None where it is no key park."""
    items: tuple[ItemProgress, ...]

    @property
    def done(self) -> int:
        """How many items are done."""
        return sum(1 for row in self.items if row.state is MarkState.DONE)

    @property
    def is_complete(self) -> bool:
        """Whether all items are done."""
        return self.done == len(self.items)


class Coverage(NamedTuple):
    """Coverage of the key parks by the three-tier defence (重点园区三级防控覆盖率)."""

    parks: tuple[ParkProgress, ...]
    """The key parks in sight, in the order of the plan."""
    checklist: Checklist

    @property
    def done(self) -> int:
        """Key parks with every item done."""
        return sum(1 for row in self.parks if row.is_complete)

    @property
    def share(self) -> Fraction | None:
        """Done of all key parks in sight, or None where there is none."""
        return Fraction(self.done, len(self.parks)) if self.parks else None

    @property
    def is_met(self) -> bool:
        """Whether the target is reached."""
        return self.share is not None and self.share >= self.checklist.target


def coverage(session: Session, *, user: Viewer, as_of: date) -> Coverage:
    """Return the coverage of the key parks in sight on a day; three statements.

    Raises:
        NotFound: no check list is in force on that day.
    """
    checklist = checklist_on(session, as_of)
    codes = [park.code for park in checklist.parks]
    parks = session.scalars(select(Park).where(Park.code.in_(codes), whole_parks(user))).all()
    ordered = sorted(parks, key=lambda park: codes.index(park.code))
    return Coverage(tuple(_progress(session, ordered, checklist, as_of)), checklist)


def park_progress(session: Session, park: Park, *, as_of: date) -> ParkProgress:
    """Return how far one park is; the caller has made sure that it is in sight."""
    return _progress(session, [park], checklist_on(session, as_of), as_of)[0]


def item_history(session: Session, park_id: int, item_key: str) -> Sequence[ChecklistMark]:
    """Return everything ever recorded of one item of a park, latest first, superseded rows too."""
    return session.scalars(
        select(ChecklistMark)
        .where(ChecklistMark.park_id == park_id, ChecklistMark.item_key == item_key)
        .order_by(ChecklistMark.valid_from.desc(), ChecklistMark.id.desc())
    ).all()


def _progress(session: Session, parks: Sequence[Park], checklist: Checklist, as_of: date) -> list[ParkProgress]:
    marks = session.scalars(
        select(ChecklistMark).where(
            ChecklistMark.park_id.in_([park.id for park in parks]), in_force(ChecklistMark, as_of)
        )
    )
    known = {(mark.park_id, mark.item_key): mark for mark in marks}
    keys = {park.code: park for park in checklist.parks}
    return [
        ParkProgress(
            park, keys.get(park.code), tuple(ItemProgress(i, known.get((park.id, i.key))) for i in checklist.items)
        )
        for park in parks
    ]
