"""What a room tells the rule packs: how its test cases are worked out, and whom a new version would touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class CaseRunner:
    """How a room works out the test cases of one pack (试算): `run(parameters, input)` gives the result by name.

    Both arguments are plain JSON values, days as ISO text; the result may hold days, decimals and enums.
    """

    pack_id: str
    run: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]


class CaseResult(NamedTuple):
    """Outcome of one test case; `got` holds the expected names only, `message` is empty when it passed."""

    name: str
    passed: bool
    expected: dict[str, Any]
    got: dict[str, Any]
    message: str


class VerdictChange(NamedTuple):
    """One thing whose verdict a new version would change: what it is called, the verdict before and after."""

    subject: str
    before: str
    after: str


@dataclass(frozen=True)
class VerdictSource:
    """How a room finds what a new version of one pack would change (启用前试算).

    `changes(session, before, after, as_of)` compares two sets of parameters; `before` is None where none is active.
    """

    pack_id: str
    label: str
    changes: Callable[[Session, Mapping[str, Any] | None, Mapping[str, Any], date], Sequence[VerdictChange]]
