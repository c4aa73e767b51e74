import dataclasses
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from hwrisk.app import create_app
from hwrisk.db.session import Database
from hwrisk.search import SearchEntry
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import IdentityKind, Unit, UnitSource, UnitStatus, UnitVersion
from hwrisk.units.operations import UnitChange, register_unit
from tests.conftest import make_settings
from tests.people import signed_in_client

SYSTEM = Viewer.system()


@pytest.fixture
def database(database: Database) -> Database:
    """The seeded database without any unit."""
    with database.unit_of_work() as session:
        for table in (UnitSource, UnitVersion, Unit):
            session.execute(delete(table))
        session.execute(delete(SearchEntry).where(SearchEntry.kind == "unit"))
    return database


@pytest.fixture
def make_unit(session):
    """Register a unit; a test names what it is about."""

    def make(name: str = "连云港试验化工有限公司", **changes: Any) -> Unit:
        facts = {key: changes.pop(key) for key in list(changes) if key in REGISTERED}
        state: UnitChange = {"name": name, "status": UnitStatus.OPERATING, "office_code": "LYG-XW", **changes}
        given = {
            "identity_kind": IdentityKind.UNKNOWN, "identity_no": None, "identity_reason": "试验",
            "valid_from": date(2020, 1, 1), "actor": SYSTEM, "recorded_at": datetime(2026, 1, 5, tzinfo=UTC),
        } | facts  # fmt: skip
        return register_unit(session, state=state, **given)

    return make


REGISTERED = {
    "identity_kind", "identity_no", "identity_reason", "valid_from", "recorded_at", "is_supervised", "started_on",
    "source", "note", "is_demo", "industry_code", "reason",
}  # fmt: skip


@pytest.fixture
def viewer():
    """A viewer with the given grants, of a county office unless said otherwise."""

    def make(**fields: Any) -> Viewer:
        return dataclasses.replace(SYSTEM, **{"is_city_wide": False, "role": Role.COUNTY} | fields)

    return make


@pytest.fixture
def app(database, tmp_path) -> Flask:
    """The whole application over the test's transaction; forms need no token."""
    made = create_app(make_settings(tmp_path), database=database)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture
def sign_in(app, database):
    """Return a client of a fresh account with the given role and grants."""

    def signed_in(role: Role = Role.CITY, *grants: Any) -> FlaskClient:
        return signed_in_client(app, database, role, grants)

    return signed_in
