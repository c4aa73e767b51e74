"""Whatever somebody types into an address or a form, the answer is never an error of the system (below 500)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import cycle, islice
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hwrisk.clock import today
from hwrisk.db.session import Database
from hwrisk.errors import HwriskError
from hwrisk.reporting import Report, ReportRequest
from hwrisk.security import Permission, Role, permissions_of, viewer_of
from hwrisk.web.registry import EXTENSION
from tests.architecture.test_matrix import Probe, client_of, probes
from tests.architecture.world import World, make_world
from tests.people import make_account

NAMES = (
    "q", "text", "cursor", "year", "month", "office", "admin", "park", "tier", "kind", "service", "need", "state",
    "grade", "level", "subject", "reason", "first", "after", "before", "base", "run", "units", "pasted", "basis",
    "change", "review", "listed", "alarm", "place", "project_state", "function", "depot", "quantity", "amount",
    "origin", "mode", "shared", "open", "period", "stage", "scope", "method", "category", "next", "cols", "unit",
    "recheck", "screen", "tab", "status", "role", "class", "since", "until", "code", "waste", "stream",
)  # fmt: skip
"""What the addresses of lists and pages carry."""
ODD = (
    "\x00", "9" * 400, "-1", "\"'><script>", "长" * 3000, "nan", "2026-02-30", "0000", "9999", "１２", "1e400", "%%%",
    "W251bGwsbnVsbF0", "W1tdXQ", "9223372036854775808", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "None", "[]", "2026",
)  # fmt: skip
DAYS = ("0001-01-01", "9999-12-31", "2026-02-30", "\x00", "1900-01-01", "1" * 300, "20260101", "２０２６年１月１日")
LATER = {"q": "演示", "year": "2026", "unit": "LYG-2026-000001"}
UPSETTING = {"signin.logout", "jobs.run", "static"}
"""Nothing is learned from these here: one ends the session, one runs for a while, one reads files."""
PUT = re.compile(
    r"<(input|select|textarea)\b[^>]*?\bname=\"([^\"]+)\"[^>]*>(.*?)(?=<(?:input|select|textarea|/form)\b)", re.S
)
OPTION = re.compile(r"<option[^>]*\bvalue=\"([^\"]+)\"")


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def plain_app(app: Flask) -> Flask:
    """The application as it is served: an unexpected error becomes a page with status 500."""
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return app


def _open_to(app: Flask, world: World, role: Role, method: str) -> list[Probe]:
    held = permissions_of(role)
    return [
        probe
        for probe in probes(app, world)
        if probe.method == method and probe.endpoint not in UPSETTING and probe.needed - {Permission.PUBLIC} <= held
    ]


def _signed_in(app: Flask, database: Database, world: World, role: Role) -> FlaskClient:
    _, token = make_account(database, role, world.ours.grants(role))
    return client_of(app, token)


def _addresses(number: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield query arguments for the route of this number: every odd value meets every name on some route."""
    yield {"as_of": DAYS[number % len(DAYS)]}
    for turn in range(count):
        shifted = islice(cycle(ODD), number + turn * 5, number + turn * 5 + len(NAMES))
        yield dict(zip(NAMES, shifted, strict=True))
    yield {name: ["a", "b"] for name in NAMES} | LATER


@pytest.mark.parametrize(("role", "count"), [(Role.CITY, 3), (Role.COUNTY, 1)], ids=["city", "county"])
def test_an_odd_address_is_answered(plain_app: Flask, database: Database, world: World, role: Role, count: int) -> None:
    client = _signed_in(plain_app, database, world, role)
    wrong = []
    for number, probe in enumerate(_open_to(plain_app, world, role, "GET")):
        for query in _addresses(number, count):
            with client.get(probe.path, query_string=query) as answer:
                if answer.status_code >= 500:
                    wrong.append((probe.endpoint, answer.status_code, query))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", [Role.CITY, Role.COUNTY], ids=lambda role: role.value)
def test_an_odd_form_is_answered(plain_app: Flask, database: Database, world: World, role: Role) -> None:
    client = _signed_in(plain_app, database, world, role)
    wrong = []
    for number, probe in enumerate(_open_to(plain_app, world, role, "POST")):
        with client.get(probe.path) as shown:
            page = shown.get_data(as_text=True) if shown.status_code == 200 else ""
        for form in ({}, *_forms(page, number)):
            with client.post(probe.path, data=form) as answer:
                if answer.status_code >= 500:
                    wrong.append((probe.endpoint, answer.status_code, form))
    assert not wrong, "\n".join(map(str, wrong))


def _forms(page: str, number: int) -> Iterator[dict[str, str]]:
    """Yield forms as the page asks for them: all fields odd, and odd texts among choices that are offered."""
    fields = [(tag, unescape(name), inside) for tag, name, inside in PUT.findall(page.partition("<main")[2])]
    odd = islice(cycle(ODD), number, None)
    yield {name: next(odd) for _, name, _ in fields}
    for day in ("2026-11-23", "9999-12-31"):
        yield {name: _nearly_right(tag, name, inside, day, next(odd)) for tag, name, inside in fields}


def _nearly_right(tag: str, name: str, inside: str, day: str, odd: str) -> str:
    if offered := OPTION.findall(inside) if tag == "select" else []:
        return unescape(offered[-1])
    if name.endswith(("_on", "_from", "_until", "_at", "day", "on", "month")):
        return day
    return odd[:30]


def _reports(app: Flask) -> Sequence[Report]:
    found: Sequence[Report] = app.extensions[EXTENSION].reports
    return found


@pytest.mark.parametrize("role", [Role.CITY, Role.COUNTY, Role.ENTERPRISE], ids=lambda role: role.value)
def test_an_odd_request_for_a_report_is_refused_in_words(
    app: Flask, database: Database, world: World, role: Role
) -> None:
    account, _ = make_account(database, role, world.ours.grants(role))
    values = [text.replace("\x00", "") for text in ODD if text != "\x00"]
    wrong = []
    with database.session() as session:
        user = viewer_of(session, account, on=today())
        for number, report in enumerate(each for each in _reports(app) if user.may(each.permission)):
            for turn in range(2):
                shifted = islice(cycle(values), number + turn * 7, None)
                asked = ReportRequest(
                    user=user,
                    as_of=today(),
                    filters=dict(zip(NAMES, shifted, strict=False)) if turn else {},
                    params={each.name: next(shifted) for each in report.parameters},
                )
                wrong += _failures(session, report, asked)
    assert not wrong, "\n".join(map(str, wrong))


def _failures(session: Any, report: Report, asked: ReportRequest) -> list[tuple[str, str, str]]:
    """Return what of a report breaks instead of refusing."""
    parts = ("count", "rows", "summary", "totals", "filter_text", "title_of", "scope_text", "cutoff")
    found = []
    for name in parts:
        part = getattr(report, name)
        try:
            made = part(session, asked) if part is not None else None
            if name == "rows":
                list(made)
        except HwriskError:
            continue
        except Exception as failure:  # whatever it is, somebody would see a page of error
            found.append((report.id, name, f"{type(failure).__name__}: {failure}"))
    return found
