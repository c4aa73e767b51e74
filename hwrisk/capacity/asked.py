"""What a page or export of the balance asks for: which run, how broken down, whose offices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from hwrisk.capacity.models import CapacityRun
from hwrisk.capacity.queries import get_run, latest_base
from hwrisk.capacity.rules import PACK_ID
from hwrisk.capacity.showing import Level, View
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.rulepacks.queries import PackHistory
from hwrisk.security.viewer import Viewer

NONE = "-"
"""Filter value for records without an office or a method."""


def view_of(values: Mapping[str, str], user: Viewer) -> View:
    """Return what the arguments of an address ask for; a county sees its own offices."""
    level = values.get("level", "")
    return View(
        level=Level.of(level) or Level.CATEGORY,
        category=values.get("category") or None,
        method=_plain(values.get("method")),
        office=_plain(values.get("office")),
        offices=None if user.is_city_wide else user.offices,
    )


def stored_run(session: Session, values: Mapping[str, str], *, as_of: date) -> CapacityRun | None:
    """Return the run that arguments name, else the latest base of the year they name, else the latest base of all.

    Raises:
        NotFound: there is no run of that id.
        RuleViolation: the year is not one.
    """
    if values.get("run"):
        try:
            return get_run(session, UUID(values["run"]))
        except ValueError as error:
            raise NotFound from error
    return latest_base(session, as_of=as_of, year=year_of(values))


def year_of(values: Mapping[str, str]) -> int | None:
    """Return the year that arguments name, or None.

    Raises:
        RuleViolation: what stands there is not a year.
    """
    text = str(values.get("year") or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise RuleViolation(f"年度“{text[:10]}”不对，请填四位数字，如 2025", field="year")
    return int(text)


class Marks:
    """Reference values of the rule pack: which methods are landfill, and the share aimed at (待核)."""

    def __init__(self, session: Session, *, as_of: date) -> None:
        given = PackHistory(session, PACK_ID).on(as_of).parameters
        self.landfill_methods: tuple[str, ...] = tuple(given["landfill_methods"])
        self.landfill_percent = int(given["landfill_target_percent"])
        self.landfill_year = int(given["landfill_target_year"])
        self.month_day = int(given["month_day"])


def _plain(text: str | None) -> str | None:
    if not text:
        return None
    return "" if text == NONE else text
