import pytest

from hwrisk.audit import models
from hwrisk.db.session import make_engine
from tests.own_databases import open_database, own_database, own_postgres, own_url  # noqa: F401 - fixtures


@pytest.fixture
def store(own_database):  # noqa: F811
    """A database that really commits: the chain is made at COMMIT, so a rolled-back one shows nothing."""
    return own_database


@pytest.fixture
def sqlite(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    models.AuditEntry.metadata.create_all(database.engine, tables=[models.AuditEntry.__table__])
    yield database
    database.dispose()


@pytest.fixture
def postgresql(own_postgres):  # noqa: F811
    from hwrisk.db.session import Database

    database = Database(make_engine(own_postgres.create_database("audit_chain", template="tables")))
    yield database
    database.dispose()
    own_postgres.drop_database("audit_chain")
