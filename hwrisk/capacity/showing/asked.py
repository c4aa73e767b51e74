"""What of a run is asked for, and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

from hwrisk.db.types import Labelled

PENDING = "待定"


class Level(Labelled):
    """How far the balance is broken down (汇总层次)."""

    CATEGORY = "category", "按废物类别"
    CODE = "code", "按废物代码"
    METHOD = "method", "按类别和处置方式"
    OFFICE = "office", "按管辖单位"
    FULL = "full", "按类别、方式和管辖单位"


@dataclass(frozen=True)
class View:
    """What of a run is asked for; `offices` narrows to those in sight, None for the whole city."""

    level: Level = Level.CATEGORY
    category: str | None = None
    method: str | None = None
    office: str | None = None
    offices: frozenset[str] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the rows are the categories of the whole city, of which alone gap and surplus are known."""
        return self.level is Level.CATEGORY and self.office is None and self.method is None and self.offices is None


def is_asked(category: str, office: str, asked: View) -> bool:
    """Tell whether something of a category and an office is asked for."""
    if asked.category is not None and category != asked.category:
        return False
    if asked.office is not None and office != asked.office:
        return False
    return asked.offices is None or office in asked.offices
