"""Every page of every role, in a real browser: it opens, keeps to the policy, and axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from hwrisk.app import create_app
from hwrisk.config import read_settings
from hwrisk.security import Role, permissions_of
from hwrisk.web.access import required_permissions
from tests.browser.conftest import PHONE, Site, Watched

AXE = Axe()
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f-]*~[^/]*|\d{3}-\d{3}-\d{2}")
NO_PAGE = re.compile(r"^/(static|exports/files|attachments|healthz|session|search/suggest)|/(template|errors)$")
MOST_PAGES = 80
TAG = re.compile(r"<([a-z][a-z0-9]*)((?:\s[^<>]*)?)>")
LOOK = re.compile(r'\s(?:class|type|role)="([^"]*)"')
HREF = re.compile(r'<a\s[^<>]*href="(/[^"?#]*)')
ROLES = (
    "city", "county", "park", "operator", "enterprise", "inspector", "command", "duty", "leader",
    "sysadmin", "secadmin", "audadmin",
)  # fmt: skip


@pytest.fixture(scope="module")
def seen() -> set[tuple[str, str]]:
    """Pages that axe has looked at, as address pattern and shape: another role's same page is not looked at again."""
    return set()


def _plain_routes(site: Site, role: str) -> list[str]:
    app = create_app(read_settings({"HWRISK_HOME": str(site.home)}))
    held = permissions_of(Role(role))
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.arguments
        and "GET" in (rule.methods or set())
        and (required_permissions(app, rule.endpoint) or frozenset()) <= held
    )


def _shape(html: str) -> str:
    """Return what kinds of elements a page is made of: two pages of one shape give axe the same to look at."""
    return ",".join(sorted({f"{tag} {' '.join(LOOK.findall(rest))}" for tag, rest in TAG.findall(html)}))


def _violations(watched: Watched) -> list[str]:
    results: dict[str, Any] = AXE.run(watched.page, options=WCAG).response
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in results["violations"]]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(
    role: str, site: Site, open_page: Callable[..., Watched], seen: set[tuple[str, str]]
) -> None:
    watched = open_page()
    watched.sign_in(role)
    waiting: list[str] = _plain_routes(site, role)
    wrong: list[tuple[str, str | int]] = []
    done: set[str] = set()
    while waiting and len(done) < MOST_PAGES:
        path = waiting.pop(0)
        pattern = ID.sub("*", path)
        if pattern in done or NO_PAGE.search(path):
            continue
        done.add(pattern)
        answer = watched.page.request.get(site.url + path)
        if answer.status >= 400:
            wrong.append((path, answer.status))
            continue
        if "html" not in answer.headers.get("content-type", ""):
            continue
        html = answer.text()
        waiting.extend(dict.fromkeys(HREF.findall(html)))
        # What another role was shown in the same shape was opened and looked at there.
        shape = (pattern, _shape(html))
        if shape not in seen:
            seen.add(shape)
            watched.page.goto(site.url + path, wait_until="load")
            wrong.extend((path, found) for found in _violations(watched))
    assert wrong == []
    assert done


@pytest.mark.parametrize("role", ["city", "park", "operator", "enterprise", "command"])
def test_no_page_scrolls_sideways_on_a_phone(role: str, site: Site, open_page: Callable[..., Watched]) -> None:
    watched = open_page(PHONE)
    watched.sign_in(role)
    wide = []
    for path in _plain_routes(site, role):
        if NO_PAGE.search(path):
            continue
        watched.page.goto(site.url + path, wait_until="load")
        width = watched.page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide.append((path, width))
    assert wide == []
