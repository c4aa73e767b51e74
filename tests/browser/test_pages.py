"""Every page of every role, in a real browser: it opens, keeps to the policy, and axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

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
SHAPE = """() => [...new Set([...document.querySelectorAll('body *')].map(
    e => `${e.parentElement.tagName}>${e.tagName}.${e.className.baseVal ?? e.className}${e.getAttribute('type') ?? ''}`
))].sort().join()"""
ROLES = ("city", "county", "park", "enterprise", "command", "leader", "sysadmin", "secadmin", "audadmin")


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


def _links(watched: Watched) -> list[str]:
    hrefs = watched.page.eval_on_selector_all("a[href]", "links => links.map(l => l.href)")
    parts = [urlsplit(href) for href in hrefs if href.startswith(watched.site.url + "/")]
    return list(dict.fromkeys(part.path for part in parts))


def _violations(watched: Watched) -> list[str]:
    results: dict[str, Any] = AXE.run(watched.page, options=WCAG).response
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in results["violations"]]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(
    role: str, site: Site, open_page: Callable[..., Watched], seen: set[tuple[str, str]]
) -> None:
    watched = open_page()
    watched.sign_in(role)
    waiting, done, wrong = _plain_routes(site, role), set(), []
    while waiting and len(done) < MOST_PAGES:
        path = waiting.pop(0)
        pattern = ID.sub("*", path)
        if pattern in done or NO_PAGE.search(path):
            continue
        done.add(pattern)
        answer = watched.page.goto(site.url + path, wait_until="load")
        if answer is None or answer.status >= 400:
            wrong.append((path, answer.status if answer else "no answer"))
            continue
        waiting.extend(_links(watched))
        shape = (pattern, watched.page.evaluate(SHAPE))
        if shape not in seen:
            seen.add(shape)
            wrong.extend((path, found) for found in _violations(watched))
    assert wrong == []
    assert done


@pytest.mark.parametrize("role", ["city", "enterprise", "command"])
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
