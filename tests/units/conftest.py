import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hwrisk import clock
from hwrisk.db.base import Base
from hwrisk.db.session import Database, make_engine
from hwrisk.parks.seeding import seed as seed_parks
from hwrisk.regions.seeding import seed as seed_regions
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import IdentityKind, Unit, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit
from tests.postgres import start_postgres

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SYSTEM = Viewer.system()


@pytest.fixture(autouse=True)
def _still_clock() -> Iterator[None]:
    clock.pin(NOW)
    yield
    clock.pin(None)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.db)])
def engine(request) -> Iterator[Engine]:
    """Give an engine with all tables, regions and parks, but no unit."""
    server = start_postgres() if request.param == "postgresql" else None
    engine = make_engine(server.create_database("units") if server else "sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        seed_regions(session)
        seed_parks(session)
        session.commit()
    yield engine
    engine.dispose()
    if server:
        server.stop()


@pytest.fixture
def database(engine) -> Iterator[Database]:
    """Seeded regions and parks; whatever a test does is rolled back, commits included."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield Database.bound_to(connection)
        transaction.rollback()


@pytest.fixture
def session(database) -> Iterator[Session]:
    with database.new_session() as session:
        yield session


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
