"""The whole site while its database is locked, read-only or full: 503 in Chinese, nothing half-saved, pages read."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text
from werkzeug.test import TestResponse

from hwrisk import app as application
from hwrisk.db.session import Database
from hwrisk.ledger.storage.models import StorageBatch, StorageFacility
from hwrisk.security import Role
from hwrisk.units.models import Unit
from tests.command_line import CommandLine
from tests.conftest import make_settings
from tests.people import signed_in_client

LOCK_TIMEOUT_S = 0.3
WORTH_A_LOOK = frozenset({"web_session", "login_attempt"})
"""Tables that note who looked in; left out of what must not change."""
PROGRAM = (
    "import sys; from pathlib import Path; from tests.conftest import make_settings; "
    "from hwrisk.db.session import Database\n"
    "with Database.open(make_settings(Path(sys.argv[1]))).unit_of_work() as session:\n"
    "    session.connection(); print('held', flush=True); sys.stdin.readline()"
)
UNIT_LIST = "单位名称,统一社会信用代码,管辖单位\n连云港试验化工有限公司,91320700MA1N23456R,徐圩新区\n".encode(
    "utf-8-sig"
)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return the tables and files that differ."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Site:
    """The application over a database file of its own, with people signed in."""

    app: Flask
    database: Database
    home: Path
    people: dict[Role, FlaskClient]
    ids: dict[str, str]

    def post(self, role: Role, address: str, data: dict[str, Any]) -> TestResponse:
        return self.people[role].post(
            address.format(**self.ids), data=data, content_type="multipart/form-data", follow_redirects=False
        )

    def content(self) -> dict[str, str]:
        """Return a hash of every table and every file."""
        raw = sqlite3.connect(self.home / "hwrisk.db")
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            name: hashlib.sha256(
                "\n".join(sorted(map(repr, raw.execute(f"SELECT * FROM {name}")))).encode()
            ).hexdigest()
            for name in names
            if name not in WORTH_A_LOOK
        }
        raw.close()
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and not path.name.startswith("hwrisk.db") and "logs" not in path.parts:
                found[str(path.relative_to(self.home))] = digest(path.read_bytes())
        return found


@pytest.fixture
def site(demo: CommandLine) -> Iterator[Site]:
    config = make_settings(demo.home, lock_timeout_s=LOCK_TIMEOUT_S)
    database = Database.open(config)
    made = application.create_app(config, database=database)
    made.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    people = {role: signed_in_client(made, database, role) for role in (Role.CITY, Role.SECADMIN, Role.SYSADMIN)}
    with database.session() as session:
        batch, unit, facility = session.execute(
            select(StorageBatch, Unit, StorageFacility)
            .join(Unit, Unit.id == StorageBatch.unit_id)
            .join(StorageFacility, StorageFacility.unit_id == Unit.id)
            .where(StorageBatch.remaining > 0)
            .order_by(StorageBatch.id)
        ).first() or pytest.fail("the demonstration has no stock")
        ids = {"unit": str(unit.public_id), "batch": str(batch.public_id), "facility": facility.code}
    # Everything a first request loads is loaded before time is taken; logs are not printed, which takes longer still.
    with structlog.testing.capture_logs():
        assert people[Role.CITY].get("/").status_code == 200
        yield Site(made, database, demo.home, people, ids)
    database.dispose()


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Another process is writing, and takes its time."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(site.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.communicate("\n", timeout=20)
        assert process.returncode == 0


@contextmanager
def locked_by_a_stranger(site: Site) -> Iterator[None]:
    """A program that knows nothing of our lock holds the database's own."""
    raw = sqlite3.connect(site.home / "hwrisk.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    yield
    raw.execute("ROLLBACK")
    raw.close()


@contextmanager
def every_connection(site: Site, change: Callable[[Any], None]) -> Iterator[None]:
    """Let every new connection be changed."""

    def on_connect(connection: Any, _record: Any) -> None:
        change(connection)

    site.database.dispose()
    event.listen(site.database.engine, "connect", on_connect)
    yield
    event.remove(site.database.engine, "connect", on_connect)
    site.database.dispose()


def read_only(site: Site) -> AbstractContextManager[None]:
    """The file cannot be written."""
    return every_connection(site, lambda connection: connection.execute("PRAGMA query_only=ON"))


def full(site: Site) -> AbstractContextManager[None]:
    """The disk has no room for another page; what fits into the pages there are would still be saved."""

    def no_more_pages(connection: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")

    with sqlite3.connect(site.home / "hwrisk.db") as raw:
        raw.execute("VACUUM")
    raw.close()
    return every_connection(site, no_more_pages)


Trouble = Callable[[Site], AbstractContextManager[None]]
UNIT = {
    "name": "演示试验单位", "office_code": "LYG-XW", "role": "generator", "status": "operating", "reason": "登记",
    "identity_kind": "individual", "identity_no": "YANSHI001", "identity_reason": "测试", "valid_from": "2026-11-01",
    "class_set": "", "admin_code": "", "park": "",
}  # fmt: skip
WRITES: dict[str, tuple[Role, str, Callable[[Site], dict[str, Any]]]] = {
    "register a unit": (Role.CITY, "/units/new", lambda _site: UNIT),
    "record in the ledger": (
        Role.CITY, "/ledger/units/{unit}/new/stored_in",
        lambda site: {
            "occurred_on": "2026-11-20", "waste_code": "900-041-49", "waste_name": "沾染包装物", "quantity": "1.5",
            "facility_id": site.ids["facility"], "predecessor_no": "",
        },
    ),
    "plan a disposal": (
        Role.CITY, "/storage/batches/{batch}/plan", lambda _site: {"reason": "检修", "planned_on": "2026-12-30"},
    ),
    "register a facility": (
        Role.CITY, "/storage/units/{unit}/facilities/new",
        lambda _site: {"code": "TS009", "name": "新库", "kind": "warehouse", "valid_from": "2026-11-01"},
    ),
    "confirm a ledger": (
        Role.CITY, "/ledger/units/{unit}/confirm",
        lambda _site: {"covers_from": "2026-01-01", "last_day": "2026-11-22"},
    ),
    "upload a list": (
        Role.CITY, "/imports/units", lambda _site: {"file": (io.BytesIO(UNIT_LIST), "单位名录.csv")},
    ),
    "export a report": (Role.CITY, "/exports/units", lambda _site: {"format": "xlsx"}),
    "recompute the rate": (Role.CITY, "/indicators/recompute", lambda _site: {}),
    "keep a draft": (Role.CITY, "/drafts/units.new", lambda _site: {"name": "演示"}),
    "save a filter": (
        Role.CITY, "/saved-filters/", lambda _site: {"endpoint": "units.index", "name": "我的", "arg.text": "演示"},
    ),
    "make an account": (
        Role.SECADMIN, "/accounts/new",
        lambda _site: {"username": "yanshi-new", "display_name": "演示-张三", "role": "city", "department": "演示"},
    ),
    "run a job": (Role.SYSADMIN, "/jobs/search-index/run", lambda _site: {}),
    "sign in": (Role.CITY, "/login", lambda _site: {"username": "yanshi-shiju", "password": "whatever-1234"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_without_trouble_it_is_saved(site: Site, name: str) -> None:
    """The other tests prove something only if these requests do write."""
    role, address, data = WRITES[name]
    before = site.content()
    answer = site.post(role, address, data(site))
    assert answer.status_code in ((200, 422) if name == "sign in" else (200, 302, 303)), answer.text[-3000:]
    assert name == "sign in" or site.content() != before, answer.text[-3000:]


@pytest.mark.parametrize("trouble", [locked, locked_by_a_stranger, read_only])
def test_a_writer_is_told_and_nothing_is_kept(site: Site, trouble: Trouble) -> None:
    before = site.content()
    with trouble(site):
        for name, (role, address, data) in WRITES.items():
            started = time.monotonic()
            answer = site.post(role, address, data(site))
            took = time.monotonic() - started
            assert answer.status_code == 503, (name, answer.status_code, answer.text[-2000:])
            assert "未保存" in answer.text, name
            assert answer.headers["Retry-After"] == "60"
            assert took < 10 * LOCK_TIMEOUT_S + 2, (name, took)
    assert site.content() == before
    role, address, data = WRITES["register a unit"]
    assert site.post(role, address, data(site)).status_code == 302


def test_a_full_disk_keeps_nothing_half_saved(site: Site) -> None:
    """What still fits is saved whole; what does not is refused, and leaves nothing."""
    refused = []
    with full(site):
        for name, (role, address, data) in WRITES.items():
            before = site.content()
            answer = site.post(role, address, data(site))
            assert answer.status_code != 500, (name, answer.text[-2000:])
            if answer.status_code == 503:
                refused.append(name)
                assert "磁盘" in answer.text
                # That somebody asked for a job is an act of its own, and stands in the trail before the job begins.
                left = {"audit_entry"} if name == "run a job" else set()
                assert changed(before, site.content()) <= left, name
    assert refused
    site.database.dispose()
    with site.database.session() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []


@pytest.mark.parametrize("trouble", [locked, read_only, full])
def test_pages_are_still_read(site: Site, trouble: Trouble) -> None:
    """A page never waits for the write lock, and never fails because nobody could note that it was seen."""
    addresses = [
        rule.rule
        for rule in site.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "static"
    ]
    assert len(addresses) > 20
    with trouble(site):
        for role, client in site.people.items():
            for address in addresses:
                started = time.monotonic()
                answer = client.get(address)
                assert answer.status_code in (200, 302, 403), (role, address, answer.status_code)
                assert time.monotonic() - started < 5, address


def test_a_database_that_is_gone_is_said(site: Site) -> None:
    site.database.dispose()
    (site.home / "hwrisk.db").rename(site.home / "elsewhere.db")
    (site.home / "hwrisk.db").mkdir()
    answer = site.people[Role.CITY].get("/units/")
    assert answer.status_code == 503
    assert "数据库" in answer.text
    (site.home / "hwrisk.db").rmdir()
    (site.home / "elsewhere.db").rename(site.home / "hwrisk.db")
    site.database.dispose()
    assert site.people[Role.CITY].get("/units/").status_code == 200


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_beside_the_database(site: Site, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def no_room(*_arguments: object, **_more: object) -> None:
        raise OSError(number, os.strerror(number))

    before = site.content()
    monkeypatch.setattr("hwrisk.imports.spool.shutil.copyfile", no_room)
    answer = site.post(*WRITES["upload a list"][:2], WRITES["upload a list"][2](site))
    assert answer.status_code == 503
    assert "磁盘" in answer.text
    assert site.content() == before
