"""The screenshots of the manual: each picture a chapter shows is taken here, from the page it speaks of.

They are written to `MANUAL_PICTURES` when that is set (`make manual`), and thrown away otherwise: a page that changed
so much that its picture cannot be taken fails here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hwrisk.web.manual import PICTURE, picture_names
from tests.browser.conftest import Watched
from tests.browser.manual_pictures import PICTURES, Picture

Open = Callable[..., Watched]
LOWEST = 150
"""Pixels below which a picture shows nothing."""


def test_every_picture_of_a_chapter_can_be_taken() -> None:
    assert picture_names() == set(PICTURES)
    assert all(PICTURE.match(name) for name in PICTURES)


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_picture(open_page: Open, tmp_path: Path, name: str) -> None:
    picture: Picture = PICTURES[name]
    watched = open_page(picture.viewport)
    if picture.role:
        watched.sign_in(picture.role)
    watched.go(picture.path)
    picture.act(watched.page)
    watched.page.wait_for_load_state("networkidle")
    folder = Path(os.environ.get("MANUAL_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    shown = watched.page.locator(picture.part).first
    box = shown.bounding_box()
    assert box is not None
    height = min(box["height"] + picture.more, picture.tallest)
    watched.page.screenshot(
        path=folder / name,
        clip={"x": box["x"], "y": box["y"], "width": box["width"], "height": height},
        full_page=True,
        animations="disabled",
    )
    assert shown.inner_text().strip()
    assert height > LOWEST, "hardly anything is to be seen"
