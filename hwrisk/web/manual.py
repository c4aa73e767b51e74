"""The manual (使用手册): chapters in Markdown, read on a page, printed as one PDF."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from hwrisk.resources import resource_dir

NUMBER = re.compile(r"^[0-9]{2}-[a-z0-9-]{1,60}$")
PICTURE = re.compile(r"^[a-z0-9-]{1,60}\.png$")
"""Short enough for every file system: a name too long for one is no chapter and no picture."""
PICTURES = "images"
"""Folder of the screenshots beside the chapters; `make manual` makes them, they are not kept with the text."""
ADDRESS = "/help/"


class Body:
    """Markdown set as HTML; what stands in the text as HTML was escaped by the parser."""

    def __init__(self, html: str) -> None:
        self._html = html

    def __html__(self) -> str:
        """Return the HTML, for templates."""
        return self._html


class Chapter(NamedTuple):
    """One chapter: `key` is its file name without the ending."""

    key: str
    title: str
    sections: tuple[str, ...]
    """Headings of the second level, for the list of contents."""
    body: Body


def chapter_keys() -> list[str]:
    """Return the keys of all chapters in their order."""
    return sorted(path.stem for path in resource_dir("manual").glob("*.md") if NUMBER.match(path.stem))


def get_chapter(key: str, *, for_paper: bool = False) -> Chapter | None:
    """Return a chapter, or None when there is none of this name.

    `for_paper` puts the pictures into the text; otherwise they are addresses of this site. A picture that has not
    been made is left out, with its caption.
    """
    if not NUMBER.match(key):
        return None
    path = resource_dir("manual") / f"{key}.md"
    if not path.is_file():
        return None
    tokens = _parser().parse(path.read_text(encoding="utf-8"))
    _settle(tokens, for_paper=for_paper)
    headings = [(t.tag, tokens[i + 1].content) for i, t in enumerate(tokens) if t.type == "heading_open"]
    title = next((text for tag, text in headings if tag == "h1"), key)
    body = Body(_parser().renderer.render(_below_title(tokens), _parser().options, {}))
    return Chapter(key, title, tuple(text for tag, text in headings if tag == "h2"), body)


def picture_names() -> set[str]:
    """Return the file names of all pictures the chapters show, made or not."""
    names: set[str] = set()
    for key in chapter_keys():
        text = (resource_dir("manual") / f"{key}.md").read_text(encoding="utf-8")
        names |= set(re.findall(rf"!\[[^]]*]\({PICTURES}/([^)]+)\)", text))
    return names


def picture_path(name: str) -> Path | None:
    """Return the file of a picture, or None when it was not made."""
    if not PICTURE.match(name):
        return None
    path = resource_dir("manual") / PICTURES / name
    return path if path.is_file() else None


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Raw HTML is off: a chapter can hold text only.
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _below_title(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens without the chapter's own first heading, which the page shows as its h1."""
    is_titled = bool(tokens) and tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    return list(tokens[3:]) if is_titled else list(tokens)


def _settle(tokens: Sequence[Token], *, for_paper: bool) -> None:
    """Turn links between chapters and pictures into what the page or the paper needs."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                _settle_link(child)
            elif child.type == "image":
                _settle_picture(child, for_paper=for_paper)
        if token.children:
            token.children = [child for child in token.children if not child.meta.get("lacking")]


def _settle_link(link: Token) -> None:
    target = str(link.attrGet("href") or "")
    if target.endswith(".md") and NUMBER.match(target[:-3]):
        link.attrSet("href", f"{ADDRESS}{quote(target[:-3])}")


def _settle_picture(picture: Token, *, for_paper: bool) -> None:
    name = str(picture.attrGet("src") or "").removeprefix(f"{PICTURES}/")
    path = picture_path(name)
    if path is None:
        picture.meta["lacking"] = True
    elif for_paper:
        picture.attrSet("src", "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii"))
    else:
        picture.attrSet("src", f"{ADDRESS}pictures/{quote(name)}")
