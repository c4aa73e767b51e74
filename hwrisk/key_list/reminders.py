"""The day by which the list of a year should be published (公布期限), the bureau's own setting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.key_list.queries.facts import rule_pack
from hwrisk.key_list.queries.lists import latest_of_year
from hwrisk.key_list.rules import deadline_of
from hwrisk.notices.records import Due, ReminderSource
from hwrisk.rulepacks.trust import Trust
from hwrisk.security.roles import Role


def leads(session: Session, as_of: date) -> tuple[int, ...]:
    """Return how many days before the deadline people are told."""
    try:
        return tuple(rule_pack(session, on=as_of).parameters["publication"]["remind_days"])
    except NotFound:
        return ()


def due(session: Session, *, as_of: date) -> Iterable[Due]:
    """Return the lists of this year and the next that are not published."""
    try:
        publication = rule_pack(session, on=as_of).parameters
    except NotFound:
        return []
    mark = "" if Trust(publication["publication"]["trust"]).is_verified else "（期限待核）"
    found = []
    for year in (as_of.year, as_of.year + 1):
        on = deadline_of(publication, year)
        if latest_of_year(session, year, as_of=date.max) is None and (on - as_of).days <= max(
            leads(session, as_of), default=0
        ):
            found.append(
                Due(
                    key=f"key-list-{year}-{on.isoformat()}",
                    on=on,
                    title=f"{year}年重点监管单位清单尚未公布{mark}",
                    body=f"应于 {on:%Y-%m-%d} 前公布。",
                    link="/key-list/",
                    to_role=Role.CITY,
                )
            )
    return found


REMINDERS = (ReminderSource(kind="key-list", label="重点监管单位清单公布期限", leads=leads, due=due),)
