"""What the journeys have in common: files fetched and read back, addresses that must not open, rows of the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import normalize

from openpyxl import load_workbook
from playwright.sync_api import Locator, Page
from pypdf import PdfReader
from sqlalchemy import Select

from tests.browser.conftest import Site, Watched

Open = Callable[..., Watched]
NOT_FOUND = 404


def from_menu(page: Page, name: str) -> None:
    """Follow an entry of the menu, unfolding its group first."""
    menu = page.locator("#menu")
    entry = menu.locator("li a").filter(has_text=name).first
    folded = menu.locator("details:not([open])").filter(has=page.locator("li a", has_text=name))
    if folded.count():
        folded.first.locator("summary").click()
    entry.click()
    page.wait_for_load_state("load")


def download(page: Page, button: Locator, path: Path) -> Path:
    """Press a button that gives a file, and return where it was saved; a short report is made at once."""
    with page.expect_download(timeout=90_000) as fetched:
        button.click()
    fetched.value.save_as(path)
    return path


def pdf_text(path: Path) -> str:
    """Return the words of a PDF without blanks; some fonts give signs back as radicals."""
    text = "".join(paper.extract_text() for paper in PdfReader(path).pages)
    return re.sub(r"\s", "", normalize("NFKC", text))


def sheet_text(path: Path) -> str:
    """Return every cell of the first sheet of a workbook, row by row."""
    rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return "\n".join("|".join("" if cell is None else str(cell) for cell in row) for row in rows)


def statuses(watched: Watched, paths: list[str]) -> dict[str, int]:
    """Return the status of each address for whoever is signed in."""
    return {path: watched.page.request.get(watched.site.url + path).status for path in paths}


def post(watched: Watched, path: str, **fields: str) -> int:
    """Return the status of a form sent by hand to an address, with the token of the page that is open."""
    token = watched.page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    answer = watched.page.request.post(watched.site.url + path, form={"csrf_token": token, **fields})
    return answer.status


def expected(watched: Watched, *codes: int) -> None:
    """Forget what the browser noted on its console of answers that were meant to come."""
    watched.problems[:] = [p for p in watched.problems if not any(str(code) in p for code in codes)]


def one(site: Site, statement: Select[*tuple[Any, ...]]) -> Any:
    """Return the first row of a statement on the site's database; there must be one."""
    with site.database.session() as session:
        row = session.execute(statement.limit(1)).first()
    assert row is not None, statement
    return row
