"""Templates: they compile, they keep to the policy of the pages, and they call what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    r"\|\s*safe\b": "text is escaped, never declared safe",
    r"\bstyle\s*=": "the policy forbids inline style",
    r"<style\b": "the policy forbids inline style",
    r"\son[a-z]+\s*=\s*[\"']": "the policy forbids inline handlers",
    r"hx-on": "htmx must not evaluate code",
    r"javascript:": "the policy forbids script addresses",
    r"(?:src|href|action)\s*=\s*[\"']https?://": "no page asks another machine for anything",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_a_template_keeps_to_the_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [why for pattern, why in FORBIDDEN.items() if re.search(pattern, text)]
    assert found == []
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "scripts come from files alone"


def test_every_template_compiles(app: Flask) -> None:
    for path in TEMPLATES:
        app.jinja_env.get_template(str(path.relative_to(ROOT / "templates")))


def test_every_template_is_html() -> None:
    # .j2 and .txt are not autoescaped.
    strays = [p for p in (ROOT / "templates").rglob("*") if p.is_file() and p.suffix != ".html"]
    assert strays == []
