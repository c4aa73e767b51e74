"""How far a fact, a figure or a clause has been checked (可信程度)."""

from __future__ import annotations

from hwrisk.db.types import Labelled


class Trust(Labelled):
    """Trust mark of reference data; whatever is not verified carries 待核 where it decides something."""

    VERIFIED = "verified", "已核"
    SECOND_HAND = "second_hand", "二手"
    DERIVED = "derived", "推算"
    UNVERIFIED = "unverified", "待核"

    @property
    def is_verified(self) -> bool:
        """Whether it was read in the official text."""
        return self is Trust.VERIFIED

    @property
    def suffix(self) -> str:
        """What stands behind a figure or clause on a page or export; empty when verified."""
        if self is Trust.VERIFIED:
            return ""
        return "（待核）" if self is Trust.UNVERIFIED else f"（{self.label}，待核）"
