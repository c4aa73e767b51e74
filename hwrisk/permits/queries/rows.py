"""How licences are shown: rows of lists and exports, and the words for their state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from hwrisk.db.types import Labelled
from hwrisk.permits.models import HolderPlace, LicenceKind, TermAct
from hwrisk.permits.rules import LoadState, Term


class RenewalState(Labelled):
    """Where a licence stands on a day (证照状态)."""

    VALID = "valid", "有效"
    DUE_SOON = "due_soon", "换证申请将到期"
    DUE_PASSED = "due_passed", "换证申请已逾期"
    FILED = "filed", "已申请换证"
    EXPIRED = "expired", "已过期"
    REVOKED = "revoked", "已注销或吊销"
    FUTURE = "future", "尚未生效"

    @property
    def kind(self) -> str:
        """How it is drawn: bad, warn, good or note."""
        return _DRAWN[self]


_DRAWN = {
    RenewalState.VALID: "good", RenewalState.DUE_SOON: "warn", RenewalState.DUE_PASSED: "bad",
    RenewalState.FILED: "note", RenewalState.EXPIRED: "bad", RenewalState.REVOKED: "bad", RenewalState.FUTURE: "note",
}  # fmt: skip


class LicenceRow(NamedTuple):
    """A licence as lists and exports show it on a day; quantities in tonnes."""

    id: int
    public_id: UUID
    licence_no: str
    holder: str
    unit_id: int | None
    unit_public_id: UUID | None
    unit_no: str
    office_name: str
    """Supervising office, 待定 where no source states it, empty outside the city."""
    place: HolderPlace
    kind: LicenceKind
    act: TermAct
    authority: str
    issued_on: date
    valid_from: date
    expires_on: date
    revoked_on: date | None
    term: Term
    renewal_due_on: date
    filed_on: date | None
    state: RenewalState
    received: Decimal
    """Received from 1 January to the day."""
    load: LoadState

    @property
    def is_unstated(self) -> bool:
        """Whether the holder states nothing here, so that nothing received is not known, not 0."""
        return self.unit_id is None and not self.received

    @property
    def quantity(self) -> Decimal:
        """Licensed tonnes a year."""
        return self.term.quantity

    @property
    def methods(self) -> str:
        """Methods of all lines, e.g. D10、R1."""
        return "、".join(sorted({code for line in self.term.lines for code in line.methods}))

    @property
    def categories(self) -> str:
        """Categories of all lines."""
        return "、".join(sorted({category for line in self.term.lines for category in line.categories}))

    @property
    def where(self) -> str:
        """Office in the city, or the place outside it."""
        return self.office_name if self.place is HolderPlace.CITY else self.place.label

    @property
    def validity(self) -> str:
        """First and last lawful day."""
        return f"{self.valid_from:%Y-%m-%d} 至 {self.expires_on:%Y-%m-%d}"
