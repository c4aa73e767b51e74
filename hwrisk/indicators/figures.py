"""The disposal rate as a figure at the head of a page."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.indicators.models import PeriodKind, ValueState
from hwrisk.indicators.queries import headline
from hwrisk.indicators.readings import Reading
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.formats import tonnes
from hwrisk.web.records import Figure, HomeFigure, State

HOME_LABEL = "超期贮存处置率（本年累计）"


def figure_of(reading: Reading, *, args: dict[str, str] | None = None) -> Figure:
    """Return a value as a figure: the rate with its target, numerator and denominator, or the state in words."""
    made_of = f"{tonnes(reading.numerator)} / {tonnes(reading.denominator)} 吨 · 目标 {reading.target_percent} %"
    if reading.state is not ValueState.VALUE:
        return Figure(value=reading.text, of=made_of, state=_state(reading), unverified=True, args=args or {})
    missing = f" · 含 {reading.unreported_units} 家未报" if reading.unreported_units else ""
    return Figure(
        value=reading.percent or "",
        unit="%",
        of=made_of + missing,
        state=_state(reading),
        share=reading.share,
        target=reading.target,
        # The limit of generators is the bureau's own rule, and who counts as a receiver is not settled either.
        unverified=True,
        args=args or {},
    )


def home_value(session: Session, user: Viewer, as_of: date) -> Figure | None:
    """Return the headline figure for what `user` sees, or None where the person sees no unit."""
    try:
        reading = headline(session, user=user, as_of=as_of, kind=PeriodKind.YEAR_TO_DATE)
    except NotFound:
        return None
    if reading is None:
        return Figure(value="未核算", of="每日 6 时由定时任务核算")
    return figure_of(reading)


HOME_FIGURES = (HomeFigure(HOME_LABEL, home_value, "indicators.index", Permission.INDICATOR_READ),)


def _state(reading: Reading) -> State:
    marks: dict[str, State] = {"bad": "bad", "warn": "warn", "good": "good", "note": "note"}
    return marks[reading.mark]
