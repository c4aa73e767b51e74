"""The park register and what was published about the parks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hwrisk.db.types import Labelled
from hwrisk.errors import NotFound
from hwrisk.parks.models import Park, PublishedFact
from hwrisk.parks.scope import visible_parks
from hwrisk.security.viewer import Viewer


class Topic(Labelled):
    """What a published figure is about (公开数据的类别)."""

    PARK = "park", "园区数据"
    RESOURCE = "resource", "应急资源"
    FACILITY = "facility", "处置和收集设施"
    WASTE = "waste", "废物数量"


class ParkRow(NamedTuple):
    """A park with the number of figures published about it, and how many of them contradict another."""

    park: Park
    facts: int
    conflicting: int


class Conflict(NamedTuple):
    """Figures that contradict one another, side by side as published."""

    group: str
    facts: tuple[PublishedFact, ...]


def parks(session: Session, *, user: Viewer) -> list[ParkRow]:
    """Return the parks in sight of `user`, by code."""
    facts = (
        select(
            PublishedFact.park_code,
            func.count().label("facts"),
            func.count(func.nullif(PublishedFact.conflict_group, "")).label("conflicting"),
        )
        .group_by(PublishedFact.park_code)
        .subquery()
    )
    rows = session.execute(
        select(Park, func.coalesce(facts.c.facts, 0), func.coalesce(facts.c.conflicting, 0))
        .outerjoin(facts, facts.c.park_code == Park.code)
        .where(visible_parks(user))
        .order_by(Park.code)
    )
    return [ParkRow(*row) for row in rows]


def get_park(session: Session, public_id: UUID, *, user: Viewer) -> Park:
    """Return the park with this public id.

    Raises:
        NotFound: there is none, or it is out of sight of `user`.
    """
    park = session.scalars(select(Park).where(Park.public_id == public_id, visible_parks(user))).one_or_none()
    if park is None:
        raise NotFound
    return park


def park_names(session: Session) -> dict[int, str]:
    """Return the name of every park, by id."""
    return dict(session.execute(select(Park.id, Park.name)).all())


def park_choices(session: Session) -> dict[str, int]:
    """Return the id of every park by each of its names (name, code and aliases), for forms and imports."""
    found: dict[str, int] = {}
    for park in session.scalars(select(Park).order_by(Park.code)):
        names = (park.name, park.code, *park.aliases.split(";"))
        found |= {name: park.id for name in names if name and name not in found}
    return found


def facts_of(session: Session, park: Park) -> Sequence[PublishedFact]:
    """Return what was published about one park, by topic and in the order of the sources."""
    return session.scalars(
        select(PublishedFact)
        .where(PublishedFact.park_code == park.code)
        .order_by(PublishedFact.topic, PublishedFact.ref)
    ).all()


def published_facts(
    session: Session, *, topic: Topic | None = None, text: str | None = None, conflicting: bool = False
) -> Sequence[PublishedFact]:
    """Return published figures of the whole city, by topic and in the order of the sources.

    Args:
        text: words that must all occur in subject, place, attribute or note.
        conflicting: only figures that contradict another.
    """
    statement = select(PublishedFact).order_by(PublishedFact.topic, PublishedFact.ref)
    if topic is not None:
        statement = statement.where(PublishedFact.topic == topic.value)
    if conflicting:
        statement = statement.where(PublishedFact.conflict_group != "")
    columns = (PublishedFact.subject, PublishedFact.location, PublishedFact.attribute, PublishedFact.note)
    for word in (text or "").split():
        statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return session.scalars(statement).all()


def conflicts(facts: Sequence[PublishedFact]) -> list[Conflict]:
    """Return the groups of contradicting figures among `facts`, each with at least two."""
    marked = sorted((fact for fact in facts if fact.conflict_group), key=lambda fact: (fact.conflict_group, fact.ref))
    groups = [Conflict(group, tuple(rows)) for group, rows in groupby(marked, key=lambda fact: fact.conflict_group)]
    return [group for group in groups if len(group.facts) > 1]


def topic_counts(session: Session) -> Mapping[Topic, int]:
    """Return how many figures of each topic were published, every topic present."""
    counted = dict(session.execute(select(PublishedFact.topic, func.count()).group_by(PublishedFact.topic)).all())
    return {topic: counted.get(topic.value, 0) for topic in Topic}
