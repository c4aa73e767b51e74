from __future__ import annotations

import pytest

from hwrisk.db.session import Database
from tests.containment.containment_world import World, make_world


@pytest.fixture
def park_world(database: Database) -> World:
    """The small park, written and committed within the test's transaction."""
    with database.unit_of_work() as session:
        return make_world(session)
