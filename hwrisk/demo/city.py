"""The invented city: the special cases, the ordinary units, and who takes their waste; the same for the same day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.chunks import chunked
from hwrisk.demo.bulk import confirm_ledgers, post_all
from hwrisk.demo.flow import Journal, Place, ordinary
from hwrisk.demo.loads import Traffic
from hwrisk.demo.mending import correct_some, record_changes, record_plans
from hwrisk.demo.overdue import Planned, overdue
from hwrisk.demo.plan import Site, sites
from hwrisk.demo.receivers import Facility, by_stage, facilities, receiving
from hwrisk.demo.registering import Registrar
from hwrisk.demo.seats import build_cases
from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.parks.models import Park

UNITS_AT_ONCE = 250
Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, how much there is."""


def silent(_what: str, _done: int, _all: int) -> None:
    """Tell nobody."""


class City(NamedTuple):
    """What was made."""

    units: int
    records: int


def build_city(session: Session, *, hand: Hand, scale: float = 1.0, progress: Progress = silent) -> City:
    """Make the units and their ledgers at `scale` (1: about 1,200 units and 60,000 records)."""
    planned, takers = list(sites(scale, hand.as_of)), facilities(scale)
    total = len(planned) + len(takers)
    progress("特例单位", 0, total)
    records = build_cases(session, hand=hand)
    traffic = Traffic([taker.receiver for taker in takers])
    registrar = Registrar(session, hand, {park.code: park.id for park in session.scalars(select(Park))})
    done = 0
    for chunk in chunked(planned, UNITS_AT_ONCE):
        records += _build_sites(session, chunk, registrar, traffic, hand)
        done += len(chunk)
        progress("单位和台账", done, total)
    records += _build_takers(session, takers, registrar, traffic, hand)
    progress("单位和台账", total, total)
    return City(total, records)


def begins_on(as_of: date) -> date:
    """Return the day the ordinary ledgers begin: New Year of the year before, so that a whole year is there."""
    return date(as_of.year - 1, 1, 1)


def _build_sites(session: Session, chunk: Sequence[Site], registrar: Registrar, traffic: Traffic, hand: Hand) -> int:
    places = registrar.register_sites(chunk, begins=begins_on(hand.as_of))
    plans: list[tuple[int, Planned]] = []

    def ledgers() -> Iterator[list[Draft]]:
        for site, place in zip(chunk, places, strict=True):
            journal = Journal(place, traffic, site.random("ledger"))
            if site.arrears is not None:
                found = overdue(journal, site.arrears, hand.as_of)
                plans.extend((place.unit_id, plan) for plan in found)
            if site.arrears is None or not site.arrears.is_closed:
                ordinary(journal, site)
            yield journal.in_order()

    records = post_all(session, ledgers(), hand=hand)
    record_plans(session, plans, hand=hand)
    pairs = list(zip(chunk, places, strict=True))
    records += correct_some(session, pairs, hand=hand)
    record_changes(session, pairs, hand=hand)
    said = [(place.unit_id, place.begins) for site, place in pairs if not site.is_silent]
    confirm_ledgers(session, said, hand=hand)
    return records


def _build_takers(
    session: Session, takers: Sequence[Facility], registrar: Registrar, traffic: Traffic, hand: Hand
) -> int:
    ordered = by_stage(takers)
    places: list[Place] = registrar.register_takers(ordered, begins=begins_on(hand.as_of))

    def ledgers() -> Iterator[list[Draft]]:
        for taker, place in zip(ordered, places, strict=True):
            journal = Journal(place, traffic, taker.random())
            receiving(taker, journal)
            yield journal.in_order()

    records = post_all(session, ledgers(), hand=hand)
    confirm_ledgers(session, [(place.unit_id, place.begins) for place in places], hand=hand)
    return records
