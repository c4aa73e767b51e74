"""A real site in a real browser: the demonstration served by gunicorn, Chromium driven over its own pipe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select

from hwrisk.config import read_settings
from hwrisk.db.session import Database
from hwrisk.security import Viewer
from hwrisk.security.models import Account
from hwrisk.security.operations import set_password
from tests.command_line import SMALL

PASSWORD = "Yanshi-2026-Ceshi!"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 60
PATIENCE_MS = 20_000
"""What a page may take while the other worker keeps the machine busy; a right page is not waited for."""
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here as browser, and keep it on one worker: there is one site."""
    for item in items:
        if Path(str(item.path)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Site:
    """A running demonstration."""

    url: str
    home: Path
    database: Database
    accounts: dict[str, str] = field(default_factory=dict)
    """Role → user name."""
    cookies: dict[str, list[Any]] = field(default_factory=dict)
    """Role → cookies of its first sign-in; checking a password takes long by design."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration on a free port, web and scheduler, with known passwords."""
    home = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "HWRISK_HOME": str(home)}
    command = [sys.executable, "-m", "hwrisk"]
    made = subprocess.run(
        [*command, "demo", "--scale", SMALL], env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    home /= "demo"
    environment["HWRISK_HOME"] = str(home)
    database = Database.open(read_settings(environment))
    accounts = _known_passwords(database)
    port = _free_port()
    children = [
        subprocess.Popen([*command, "serve", "--port", str(port)], env=environment),
        subprocess.Popen([*command, "jobs", "serve"], env=environment),
    ]
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/healthz")
        yield Site(url, home, database, accounts)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=30)
        database.dispose()
        shutil.rmtree(home.parent, ignore_errors=True)


def _known_passwords(database: Database) -> dict[str, str]:
    with database.unit_of_work() as session:
        accounts = session.scalars(select(Account).order_by(Account.id)).all()
        for account in accounts:
            set_password(session, account, PASSWORD, actor=Viewer.system(), at=datetime.now(UTC))
            account.must_change_password = False
        return {account.role.value: account.username for account in reversed(accounts)}


def _free_port() -> int:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < deadline, "the site did not start"
            time.sleep(0.3)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as the machine has it."""
    path = os.environ.get("HWRISK_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no browser: install chromium, or run with HWRISK_NO_BROWSER=1"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, and what went wrong in it."""

    page: Page
    site: Site
    problems: list[str]

    def go(self, path: str) -> None:
        """Open a path of the site."""
        self.page.goto(self.site.url + path, wait_until="load")

    def sign_in(self, role: str) -> None:
        """Sign in as the demonstration's account of a role; later with the cookies of the first time."""
        if role in self.site.cookies:
            self.page.context.add_cookies(self.site.cookies[role])
            self.go("/")
            if "/login" not in self.page.url:
                return
        self.go("/login")
        self.page.get_by_label("用户名").fill(self.site.accounts[role])
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_load_state("load")
        assert "/login" not in self.page.url, self.page.content()
        self.site.cookies[role] = list(self.page.context.cookies())


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Watched]]:
    """Give pages that fail the test on a console error, a page error, or a request that leaves the machine."""
    contexts: list[BrowserContext] = []
    opened: list[Watched] = []

    def open_one(viewport: dict[str, int] | None = None) -> Watched:
        context = browser.new_context(viewport=viewport or DESKTOP, locale="zh-CN", accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        watched = Watched(page, site, [])
        page.on("console", lambda m: watched.problems.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: watched.problems.append(f"error: {e}"))
        page.on("request", lambda r: watched.problems.append(f"left: {r.url}") if _leaves(r.url, site) else None)
        opened.append(watched)
        return watched

    yield open_one
    for context in contexts:
        context.close()
    assert [problem for watched in opened for problem in watched.problems] == []


def _leaves(url: str, site: Site) -> bool:
    return not url.startswith((site.url + "/", "data:", "blob:"))
