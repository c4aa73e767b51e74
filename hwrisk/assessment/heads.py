"""What is said of an assessment beside its items, whether it comes from a form, a file or the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from hwrisk.assessment.models import Level, Rating, Subject
from hwrisk.security.roles import Role


class Person(NamedTuple):
    """Who assessed, with the number of the law-enforcement card (执法证号); empty for a self-assessment."""

    name: str
    badge_no: str = ""


class Entry(NamedTuple):
    """The result of one item."""

    rating: Rating
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a sheet (评估表表头)."""

    year: int
    level: Level
    subject: Subject
    organiser: str
    assessed_on: date
    people: tuple[Person, ...] = ()
    accidents: int = 0
    has_major_accident: bool = False
    comment: str = ""
    rectify_by: date | None = None


LEVELS_OF: dict[Role, tuple[Level, ...]] = {
    Role.CITY: tuple(Level),
    Role.COUNTY: (Level.SELF, Level.COUNTY),
    Role.INSPECTOR: (Level.COUNTY, Level.CITY),
    Role.HELPER: (Level.COUNTY, Level.CITY),
    Role.ENTERPRISE: (Level.SELF,),
    Role.PROVIDER: (Level.SELF,),
}
"""Levels whose assessments a role enters; a helper drafts only. The city also enters what the province found."""
