from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from indicator_world import World
from sqlalchemy.orm import Session

import hwrisk.catalogue.models
import hwrisk.indicators.models
import hwrisk.ledger.triggers
import hwrisk.parks.models  # noqa: F401 - tables that others point at
from hwrisk import clock
from hwrisk.db.base import Base
from hwrisk.db.session import make_engine


@pytest.fixture
def session() -> Iterator[Session]:
    engine = make_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def world(session: Session) -> World:
    world = World(session)
    world.regions()
    world.targets()
    return world


@pytest.fixture(autouse=True)
def clock_at_noon() -> Iterator[None]:
    clock.pin(datetime(2026, 11, 23, 4, 0, tzinfo=UTC))
    yield
    clock.pin(None)
