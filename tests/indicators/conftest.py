import pytest
from indicator_world import World
from sqlalchemy.orm import Session


@pytest.fixture
def world(session: Session) -> World:
    """The seeded city, with one town more, ready for rows of a test."""
    world = World(session)
    world.town()
    return world
