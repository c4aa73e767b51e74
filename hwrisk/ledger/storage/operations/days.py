"""Days that people type: neither ahead nor before what they rest on."""

from __future__ import annotations

from datetime import date

from hwrisk.errors import RuleViolation


def check_day(day: date, earliest: date, as_of: date, *, field: str) -> None:
    """Make sure that `day` is neither after `as_of` nor before `earliest`.

    Raises:
        RuleViolation: it is; the sentence stands at `field`.
    """
    if day > as_of:
        raise RuleViolation("日期不得晚于今天，请核对", field=field)
    if day < earliest:
        raise RuleViolation(f"日期不得早于 {earliest:%Y-%m-%d}，请核对", field=field)
