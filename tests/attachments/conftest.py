from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from hwrisk.attachments import models  # noqa: F401 - its tables
from tests.own_databases import own_database, own_postgres, own_url  # noqa: F401 - fixtures


@pytest.fixture
def database(own_database):  # noqa: F811 - the fixture imported above
    return own_database


@pytest.fixture
def session(database) -> Iterator[Session]:
    with database.new_session(write=True) as session:
        yield session
