from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from hwrisk.db.base import Base
from hwrisk.db.session import make_engine


@pytest.fixture
def session() -> Iterator[Session]:
    engine = make_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()
