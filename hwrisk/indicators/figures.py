"""The indicators as figures at the head of a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.indicators.compliance.record import COMPLIANCE_RATE
from hwrisk.indicators.indicator import Indicator
from hwrisk.indicators.overdue.record import OVERDUE_RATE
from hwrisk.indicators.queries import headline
from hwrisk.indicators.readings import Reading
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.records import Figure, HomeFigure, State


def figure_of(reading: Reading, *, args: dict[str, str] | None = None) -> Figure:
    """Return a value as a figure: the rate with its target, numerator and denominator, or the state in words."""
    made_of = (
        f"{reading.quantity_shown(reading.numerator)} / {reading.quantity_shown(reading.denominator)} "
        f"{reading.measure} · 目标 {reading.target_percent} %"
    )
    # Rules that are not verified decide in both: limits of generators and receivers here, coverage and target there.
    if reading.percent is None:
        return Figure(value=reading.text, of=made_of, state=_state(reading), unverified=True, args=args or {})
    missing = f" · {reading.missing}" if reading.missing else ""
    return Figure(
        value=reading.percent,
        unit="%",
        of=made_of + missing,
        state=_state(reading),
        share=reading.share,
        target=reading.target,
        unverified=True,
        args=args or {},
    )


def home_figure(indicator: Indicator[Any]) -> Callable[[Session, Viewer, date], Figure | None]:
    """Return the function that draws an indicator's headline figure for what a person sees."""

    def home_value(session: Session, user: Viewer, as_of: date) -> Figure | None:
        try:
            reading = headline(session, indicator, user=user, as_of=as_of, kind=indicator.running[0])
        except NotFound:
            return None
        if reading is None:
            return Figure(value="未核算", of="每日 6 时由定时任务核算")
        return figure_of(reading)

    return home_value


HOME_FIGURES = (
    HomeFigure(
        "超期贮存处置率（本年累计）", home_figure(OVERDUE_RATE), "indicators.overdue", Permission.INDICATOR_READ
    ),
    HomeFigure(
        "规范化管理考核达标率（本年度）",
        home_figure(COMPLIANCE_RATE),
        "indicators.compliance",
        Permission.INDICATOR_READ,
    ),
)


def _state(reading: Reading) -> State:
    marks: dict[str, State] = {"bad": "bad", "warn": "warn", "good": "good", "note": "note"}
    return marks[reading.mark]
