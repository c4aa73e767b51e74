"""The manual: every chapter is read on the site, links lead to chapters, and a chapter can hold no script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hwrisk.security import Role
from hwrisk.web import manual


@pytest.fixture
def chapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(manual, "resource_dir", lambda _name: tmp_path)
    return tmp_path


def test_every_chapter_opens_and_names_its_neighbours(sign_in) -> None:
    client = sign_in(Role.ENTERPRISE)
    keys = manual.chapter_keys()
    assert len(keys) >= 8
    for place, key in enumerate(keys):
        page = client.get(f"/help/{key}")
        assert page.status_code == 200
        found = manual.get_chapter(key)
        assert found is not None
        assert f"<h1>{found.title}</h1>" in page.text
        if place + 1 < len(keys):
            assert f"/help/{keys[place + 1]}" in page.text


@pytest.mark.parametrize("name", ["00-" + "a" * 300, "..%2f..%2fpyproject", "01-x%0a", "%00"])
def test_an_odd_name_is_no_chapter_and_no_picture(sign_in, name: str) -> None:
    client = sign_in(Role.ENTERPRISE)
    assert client.get(f"/help/{name}").status_code == 404
    assert client.get(f"/help/pictures/{name}.png").status_code == 404


def test_links_between_chapters_lead_to_chapters() -> None:
    keys = set(manual.chapter_keys())
    for path in manual.resource_dir("manual").glob("*.md"):
        for target in re.findall(r"]\(([^)]+)\.md\)", path.read_text(encoding="utf-8")):
            assert target in keys, (path.name, target)


def test_every_chapter_is_in_the_table_of_contents() -> None:
    contents = (manual.resource_dir("manual") / "README.md").read_text(encoding="utf-8")
    assert [key for key in manual.chapter_keys() if f"({key}.md)" not in contents] == []


def test_html_in_a_chapter_stays_text(chapters: Path) -> None:
    (chapters / "01-a.md").write_text("# 一\n\n<script>alert(1)</script> [x](javascript:alert(1))", encoding="utf-8")
    found = manual.get_chapter("01-a")
    assert found is not None
    html = found.body.__html__()
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_a_picture_that_was_not_made_is_left_out(chapters: Path) -> None:
    (chapters / "01-a.md").write_text("# 一\n\n![图](images/a.png)\n\n![图](images/b.png)", encoding="utf-8")
    (chapters / "images").mkdir()
    (chapters / "images" / "b.png").write_bytes(b"png")
    found, paper = manual.get_chapter("01-a"), manual.get_chapter("01-a", for_paper=True)
    assert found is not None and paper is not None
    assert re.findall(r'src="([^"]+)"', found.body.__html__()) == ["/help/pictures/b.png"]
    assert "data:image/png;base64,cG5n" in paper.body.__html__()
    assert manual.picture_names() == {"a.png", "b.png"}


@pytest.mark.parametrize("path", ["/help/99-nothing", "/help/README", "/help/pictures/x.png", "/help/..%2f..%2fREADME"])
def test_what_is_not_there_is_not_found(sign_in, path: str) -> None:
    assert sign_in(Role.CITY).get(path).status_code == 404
