from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest

from hwrisk import config
from hwrisk.audit import models as audit_models  # noqa: F401 - its table
from hwrisk.db.session import Database
from hwrisk.reporting import ReportRequest
from hwrisk.reporting.pdf import fonts, weasy
from hwrisk.reporting.report import Column, Sheet, Stamp
from hwrisk.security import Viewer
from tests.own_databases import own_database, own_postgres, own_url  # noqa: F401 - fixtures

MADE_AT = datetime(2026, 11, 23, 1, 2, tzinfo=UTC)
AS_OF = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HWRISK_HOME", str(folder))
    config.settings.cache_clear()
    fonts.faces.cache_clear()
    yield folder
    config.settings.cache_clear()
    fonts.faces.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _no_child_left() -> Iterator[None]:
    yield
    weasy.end_worker()


@pytest.fixture
def database(own_database) -> Database:  # noqa: F811 - the fixture imported above
    return own_database


@pytest.fixture
def request_of_system() -> ReportRequest:
    return ReportRequest(user=Viewer.system(), as_of=AS_OF)


@pytest.fixture
def make_sheet() -> Callable[..., Sheet]:
    def make(columns: tuple[Column, ...], rows, **changes) -> Sheet:
        values = {
            "title": "危险废物贮存台账",
            "head": ("范围：全市　　筛选：无", "统计截止日：2026-11-23"),
            "notes": ("核对用，以国家（省）危险废物信息管理系统为准",),
            "columns": columns,
            "rows": rows,
            "expected": len(rows),
            "stamp": Stamp.new(),
            "made_at": MADE_AT,
            "made_by": "固废科 演示-张三",
        }
        return Sheet(**(values | changes))

    return make
