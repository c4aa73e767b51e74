import importlib.util
from pathlib import Path

import pytest

from hwrisk.audit.models import AuditEntry
from hwrisk.db.base import Base
from hwrisk.db.session import Database, make_engine


def _postgres_module():
    # By path: whether the folder above is importable depends on how pytest was called.
    import sys

    path = Path(__file__).parents[1] / "postgres.py"
    spec = importlib.util.spec_from_file_location("postgres_for_audit", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="package")
def postgres_server():
    server = _postgres_module().start_postgres()
    yield server
    server.stop()


def _made(url, lock_path=None):
    engine = make_engine(url)
    Base.metadata.create_all(engine, tables=[AuditEntry.__table__])
    return Database(engine, lock_path=lock_path)


@pytest.fixture
def sqlite(tmp_path):
    database = _made(f"sqlite:///{tmp_path / 'audit.db'}", tmp_path / "audit.lock")
    yield database
    database.dispose()


@pytest.fixture
def postgresql(postgres_server):
    database = _made(postgres_server.create_database("audit_chain"))
    yield database
    database.dispose()
    postgres_server.drop_database("audit_chain")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request):
    """A database of its own that really commits; the chain is made at COMMIT, so a rolled-back one shows nothing."""
    return request.getfixturevalue(request.param)
