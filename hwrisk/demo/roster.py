"""The roster of the invented duty post: somebody is on today and in the days that follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import LOCAL_ZONE
from hwrisk.demo.people import CITY_USER
from hwrisk.errors import RuleViolation
from hwrisk.security import Viewer
from hwrisk.security.hashing import new_pin
from hwrisk.security.models import Account, DutyPost, DutyRoster
from hwrisk.security.operations import create_post, put_on_roster, set_pin
from hwrisk.security.queries import account_by_username

POST_USER = "yanshi-zhiban"
POST_NAME = "市局应急值班室（演示）"
DAY_USER, NIGHT_USER = "yanshi-zhihui", CITY_USER
BY_DAY, BY_NIGHT = time(8), time(20)
DAYS = 14
"""Days from today on for which somebody is on."""


class Pin(NamedTuple):
    """A PIN that was just given, and to whom."""

    username: str
    name: str
    pin: str


def make_roster(session: Session, *, as_of: date) -> list[Pin]:
    """Put two invented persons on at the duty post from `as_of` on, and return the PINs they were given just now.

    A later start adds the days that are missing; what somebody entered or cancelled meanwhile stays.
    """
    accounts = {name: account_by_username(session, name) for name in (POST_USER, DAY_USER, NIGHT_USER)}
    device, people = accounts.pop(POST_USER), accounts
    if device is None or not all(people.values()):
        return []
    system = Viewer.system()
    post = session.scalar(select(DutyPost).where(DutyPost.account_id == device.id))
    if post is None:
        post = create_post(session, name=POST_NAME, account=device, actor=system)
    known = set(session.scalars(select(DutyRoster.starts_at).where(DutyRoster.post_id == post.id)))
    for username, begin, end in _shifts(as_of):
        person = people[username]
        if begin in known or person is None:
            continue
        try:
            put_on_roster(session, post, person, starts_at=begin, ends_at=end, actor=system)
        except RuleViolation:
            # Somebody keeps the roster by hand, or disabled the person: theirs stands.
            continue
    return [_given_pin(session, person) for person in people.values() if person is not None and not person.pin_hash]


def _shifts(as_of: date) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield person, begin and end, day and night by turns, from the night that ends on the morning of `as_of`."""
    for number in range(-1, DAYS):
        day = as_of + timedelta(days=number)
        morning, evening = (datetime.combine(day, at, LOCAL_ZONE) for at in (BY_DAY, BY_NIGHT))
        if number >= 0:
            yield DAY_USER, morning, evening
        yield NIGHT_USER, evening, morning + timedelta(days=1)


def _given_pin(session: Session, person: Account) -> Pin:
    pin = new_pin()
    set_pin(session, person, pin, actor=Viewer.system())
    return Pin(person.username, person.label, pin)
