"""Who may open what: every route × method × role, and two tenants who must not see each other's rows.

The rows come from the map of addresses: a new route with an address argument that has no example here fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from hwrisk.db.session import Database
from hwrisk.security import Permission, Role, permissions_of
from hwrisk.web.access import required_permissions
from hwrisk.web.sessions import TOKEN
from tests.architecture import own
from tests.architecture.world import TENANT_ROLES, World, make_world
from tests.people import make_account

Arguments = Callable[[World], dict[str, Any]]
OWN: dict[str, Arguments] = {
    "attachments.download": lambda w: {"public_id": w.rows["attachment"].public_id},
    "exports.download": lambda w: {"public_id": w.rows["export"].public_id},
    "imports.accept_batch": lambda w: {"public_id": w.rows["import"].public_id},
    "imports.discard_batch": lambda w: {"public_id": w.rows["import"].public_id},
    "imports.errors": lambda w: {"public_id": w.rows["import"].public_id},
    "imports.preview": lambda w: {"public_id": w.rows["import"].public_id},
    "imports.recheck_batch": lambda w: {"public_id": w.rows["import"].public_id},
    "notices.read": lambda w: {"public_id": w.rows["notice"].public_id},
    "saved_filters.forget": lambda w: {"public_id": w.rows["filter"].public_id},
    "tasks.cancel": lambda w: {"public_id": w.rows["task"].public_id},
    "tasks.show": lambda w: {"public_id": w.rows["task"].public_id},
    "indicators.changes": lambda w: {"public_id": w.rows["value"].public_id},
    "indicators.value": lambda w: {"ref": str(w.rows["value"].public_id)},
    "parks.show": lambda w: {"public_id": w.ours.park.public_id},
    "storage.batch": lambda w: {"public_id": w.ours.batch.public_id},
    "storage.change_facility": lambda w: {"public_id": w.rows["facility"].public_id},
    "storage.circumstance": lambda w: {"public_id": w.ours.batch.public_id},
    "storage.decide": lambda w: {"public_id": w.rows["extension"].public_id},
    "storage.extension": lambda w: {"public_id": w.ours.batch.public_id},
    "storage.facilities": lambda w: {"public_id": w.ours.unit.public_id},
    "storage.merge": lambda w: {"public_id": w.ours.batch.public_id},
    "storage.plan": lambda w: {"public_id": w.ours.batch.public_id},
    "storage.register_facility": lambda w: {"public_id": w.ours.unit.public_id},
    "ledger.adjust": lambda w: {"public_id": w.ours.out.public_id},
    "ledger.cancel": lambda w: {"public_id": w.ours.out.public_id},
    "ledger.choose_kind": lambda w: {"public_id": w.ours.unit.public_id},
    "ledger.confirm": lambda w: {"public_id": w.ours.unit.public_id},
    "ledger.confirm_stream": lambda w: {"public_id": w.rows["waste"].public_id},
    "ledger.create": lambda w: {"public_id": w.ours.unit.public_id, "kind": "generated"},
    "ledger.entry": lambda w: {"public_id": w.ours.out.public_id},
    "units.edit": lambda w: {"public_id": w.ours.unit.public_id},
    "units.facts": lambda w: {"public_id": w.ours.unit.public_id},
    "units.show": lambda w: {"public_id": w.ours.unit.public_id},
    "units.supervise": lambda w: {"public_id": w.ours.unit.public_id},
    "accounts.show": lambda w: {"public_id": w.ours.accounts[Role.ENTERPRISE].public_id},
    "accounts.reset": lambda w: {"public_id": w.ours.accounts[Role.COUNTY].public_id},
    "accounts.disable": lambda w: {"public_id": w.ours.accounts[Role.COUNTY].public_id},
    "accounts.enable": lambda w: {"public_id": w.ours.accounts[Role.COUNTY].public_id},
    "accounts.unlock": lambda w: {"public_id": w.ours.accounts[Role.COUNTY].public_id},
    "accounts.grant": lambda w: {"public_id": w.ours.accounts[Role.COUNTY].public_id},
    "accounts.revoke": lambda w: {
        "public_id": w.ours.accounts[Role.COUNTY].public_id, "grant_id": w.rows["grant"].id,
    },
}  # fmt: skip
"""Routes to a row of the first tenant: a stranger of the second gets 404."""
OPEN: dict[str, Arguments] = {
    "catalogue.show": lambda _: {"code": "900-041-49"},
    "rulepacks.show": lambda w: {"public_id": w.rows["pack"].public_id},
    "rulepacks.activate": lambda w: {"public_id": w.rows["pack"].public_id},
    "drafts.drop": lambda _: {"form_key": "units.new"},
    "drafts.keep": lambda _: {"form_key": "units.new"},
    "exports.create": lambda _: {"report_id": "units"},
    "imports.template": lambda _: {"kind": "units"},
    "imports.upload": lambda _: {"kind": "units"},
    "jobs.run": lambda _: {"name": "overdue-disposal-rate"},
    "jobs.show": lambda _: {"name": "overdue-disposal-rate"},
    "static": lambda _: {"filename": "hwrisk.css"},
}
"""Routes whose argument is no row of a tenant."""
for _module in own.modules():
    OWN |= _module.OWN
    OPEN |= _module.OPEN


class Probe(NamedTuple):
    """One route and method, with an address that exists."""

    endpoint: str
    method: str
    path: str
    needed: frozenset[Permission]
    is_own: bool


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


def probes(app: Flask, world: World) -> Iterator[Probe]:
    """Yield every route and method of `app` with an address that exists in `world`."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            yield from _of_rule(app, rule, adapter, world)


def _of_rule(app: Flask, rule: Rule, adapter: Any, world: World) -> Iterator[Probe]:
    arguments: dict[str, Any] = {}
    if rule.arguments:
        example = OWN.get(rule.endpoint) or OPEN.get(rule.endpoint)
        assert example is not None, f"{rule.endpoint} has no example in the matrix"
        arguments = example(world)
    needed = required_permissions(app, rule.endpoint)
    assert needed is not None, f"{rule.endpoint} names no permission"
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        path = adapter.build(rule.endpoint, arguments, method=method)
        yield Probe(rule.endpoint, method, path, needed, rule.endpoint in OWN)


def client_of(app: Flask, token: str | None) -> FlaskClient:
    """Return a client signed in by `token`, or one nobody has signed in with."""
    client = app.test_client()
    if token is not None:
        with client.session_transaction() as cookie:
            cookie[TOKEN] = token
    return client


def _status(app: Flask, token: str | None, probe: Probe) -> int:
    with client_of(app, token).open(probe.path, method=probe.method) as answer:
        return answer.status_code


def test_nobody_gets_in_without_signing_in(app: Flask, world: World) -> None:
    wrong = []
    for probe in probes(app, world):
        answer = client_of(app, None).open(probe.path, method=probe.method)
        answer.close()
        is_public = probe.needed == {Permission.PUBLIC}
        sent_away = answer.status_code in {302, 303} and "/login" in answer.headers.get("Location", "")
        if is_public == sent_away and not (is_public and probe.endpoint == "signin.logout"):
            wrong.append((probe.endpoint, probe.method, answer.status_code))
    assert wrong == []


def test_a_role_without_the_permission_is_refused(app: Flask, database: Database, world: World) -> None:
    every = list(probes(app, world))
    wrong = []
    for role in Role:
        _, token = make_account(database, role, world.ours.grants(role))
        held = permissions_of(role)
        for probe in every:
            if not probe.needed - {Permission.PUBLIC} <= held:
                status = _status(app, token, probe)
                if status != 403:
                    wrong.append((role.value, probe.endpoint, probe.method, status))
    assert wrong == []


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_role_with_the_permission_is_let_in(app: Flask, database: Database, world: World, role: Role) -> None:
    held = permissions_of(role)
    _, token = make_account(database, role, world.ours.grants(role))
    wrong = []
    for probe in probes(app, world):
        if probe.method != "GET" or not probe.needed - {Permission.PUBLIC} <= held:
            continue
        status = _status(app, token, probe)
        # A row may be out of sight (404), its file gone (410), without faults to list (422); a kind of import may
        # be another role's (404). Never forbidden, never an error.
        allowed = {200, 302, 303}
        allowed |= {404, 410, 422} if probe.is_own else {404} if "imports." in probe.endpoint else set()
        if status not in allowed:
            wrong.append((probe.endpoint, status))
    assert wrong == []


def test_an_empty_form_is_answered_in_plain_words(app: Flask, database: Database, world: World) -> None:
    wrong = []
    for role in (Role.CITY, Role.COUNTY, Role.ENTERPRISE, Role.SECADMIN):
        held = permissions_of(role)
        for probe in probes(app, world):
            if probe.method != "POST" or not probe.needed - {Permission.PUBLIC} <= held:
                continue
            _, token = make_account(database, role, world.ours.grants(role))
            status = _status(app, token, probe)
            if status >= 500 or status == 403:
                wrong.append((role.value, probe.endpoint, status))
    assert wrong == []


@pytest.mark.parametrize("role", TENANT_ROLES, ids=lambda role: role.value)
def test_the_other_tenant_sees_nothing_of_it(app: Flask, world: World, role: Role) -> None:
    wrong = []
    for probe in probes(app, world):
        if probe.is_own and probe.needed - {Permission.PUBLIC} <= permissions_of(role):
            status = _status(app, world.theirs.tokens[role], probe)
            if status != 404:
                wrong.append((probe.endpoint, probe.method, status))
    assert wrong == []


@pytest.mark.parametrize("role", TENANT_ROLES, ids=lambda role: role.value)
def test_no_page_names_a_row_of_the_other_tenant(app: Flask, world: World, role: Role) -> None:
    wrong = []
    for probe in probes(app, world):
        if probe.method != "GET" or probe.is_own or not probe.needed - {Permission.PUBLIC} <= permissions_of(role):
            continue
        with client_of(app, world.theirs.tokens[role]).get(probe.path) as answer:
            body = answer.get_data()
        if "演示1号化工".encode() in body:
            wrong.append(probe.endpoint)
    assert wrong == []
