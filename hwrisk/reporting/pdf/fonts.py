"""Faces, glyphs and advances, looked up once per process and character."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from hwrisk.reporting.pdf.font_files import chain
from hwrisk.resources import late

EM = 1000
"""Widths are in thousandths of the font size."""
MISSING = "〓"
"""Stands for a character that no font has, as printers have always done."""
# Joiners, marks of direction, variation selectors: they have no shape of their own.
_SHAPELESS = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef]"
)


@dataclass(frozen=True, eq=False)
class Face:
    """One font file, opened once."""

    path: Path
    face: Any
    font: Any

    @property
    def is_cff(self) -> bool:
        """Whether the outlines are CFF (else TrueType)."""
        return "CFF " in self.face.table_tags


class Glyph(NamedTuple):
    """How one character is drawn: place of its font in the chain, glyph number, advance in thousandths."""

    font: int
    gid: int
    advance: int
    char: str
    """The character that is really drawn: 〓 for one that no font has."""


@lru_cache(maxsize=8)
def open_face(path: Path) -> Face:
    """Return the face of a font file; of a collection the first one."""
    harfbuzz = late("uharfbuzz")
    face = harfbuzz.Face(harfbuzz.Blob.from_file_path(str(path)))
    return Face(path, face, harfbuzz.Font(face))


class Faces:
    """The chain of fonts, with every glyph looked up once."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = tuple(paths)
        self._glyphs: dict[str, Glyph] = {}

    def glyph(self, char: str) -> Glyph:
        """Return the glyph of `char`, from the first font that has it; 〓 where none has."""
        known = self._glyphs.get(char)
        if known is None:
            known = self._glyphs[char] = self._find(char) or self.glyph(MISSING if char != MISSING else "?")
        return known

    def _find(self, char: str) -> Glyph | None:
        for place, path in enumerate(self.paths):
            face = open_face(path)
            gid = face.font.get_nominal_glyph(ord(char))
            if gid:
                advance = face.font.get_glyph_h_advance(gid) * EM / face.face.upem
                return Glyph(place, gid, round(advance), char)
        return None

    def lacking(self, text: str) -> str:
        """Return the characters of `text` that no font has, each once, in order."""
        return "".join(c for c in dict.fromkeys(text) if self.glyph(c).char != c)


@lru_cache(maxsize=1)
def faces() -> Faces:
    """Return the fonts of this process."""
    return Faces(chain())


def drawable(text: str) -> str:
    """Return `text` without characters that have no shape of their own; a tab becomes a space."""
    if "\t" in text:
        text = text.replace("\t", " ")
    return text if text.isascii() else _SHAPELESS.sub("", text)


def missing_note(lacking: Iterable[str]) -> str:
    """Return the sentence that names characters printed as 〓."""
    named = "、".join(f"U+{ord(char):04X}" for char in lacking)
    return f"有字体缺字，已以“{MISSING}”代替：{named}；可将含该字的字体放入数据目录的 fonts 文件夹后重新导出"


class Substitute:
    """Puts 〓 for characters that no font has, and remembers which they were."""

    def __init__(self) -> None:
        self.lacking: dict[str, None] = {}

    def __call__(self, text: str) -> str:
        """Return `text` with only characters that can be drawn."""
        text = drawable(text)
        if text.isascii():
            return text
        lacking = faces().lacking(text.replace("\n", ""))
        self.lacking.update(dict.fromkeys(lacking))
        return text.translate(dict.fromkeys(map(ord, lacking), MISSING)) if lacking else text
