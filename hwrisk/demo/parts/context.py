"""What the makers of the demonstration are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy.orm import Session

from hwrisk.security import Viewer


@dataclass(frozen=True, kw_only=True)
class DemoContext:
    """The city that stands already, and the day it is made for."""

    session: Session
    as_of: date
    at: datetime
    """Instant everything is recorded at."""
    random: Random
    """The same sequence every time, one for each part."""
    unit_ids: Sequence[int]
    """Invented units, in the order they were made."""
    parks: Mapping[str, int]
    """Ids of the parks by code."""
    viewer: Viewer


@dataclass(frozen=True)
class Part:
    """What a room adds (演示数据分项); `build` returns how many rows it made."""

    name: str
    build: Callable[[DemoContext], int]
