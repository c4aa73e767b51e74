"""Lines of text in a given width, as operators of a PDF page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hwrisk.reporting.pdf.fonts import EM, Faces, drawable

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:%+-]*|.", re.DOTALL)
_NOT_FIRST = frozenset("，。、；：？！）》】」』〉”’…—％%,.;:?!)]}〕")
_NOT_LAST = frozenset("（《【「『〈“‘([{〔")


class Typesetter:
    """Measures and breaks text, and remembers which characters were used."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.used: set[str] = set()
        self._advances = _Advances(faces)
        self._codes = _Codes(faces)

    def width(self, text: str) -> int:
        """Return the width of `text` in thousandths of the font size."""
        return sum(map(self._advances.__getitem__, text))

    def lines(self, text: str, room: float) -> list[str]:
        """Break `text` into lines of at most `room` thousandths of the font size.

        Chinese breaks between any two characters, but not before closing nor after opening punctuation; words and
        numbers stay whole where they fit. An empty text is one empty line.
        """
        text = drawable(text)
        self.used.update(text)
        if "\n" not in text and self.width(text) <= room:
            return [text]
        return [line for paragraph in text.split("\n") for line in self._broken(paragraph, room)]

    def _broken(self, text: str, room: float) -> Iterator[str]:
        line: list[str] = []
        filled = 0
        for token in self._tokens(text, room):
            width = self.width(token)
            if line and filled + width > room:
                kept = _pulled_down(line, token)
                yield "".join(line)
                line = kept
                filled = self.width("".join(line))
            line.append(token)
            filled += width
        yield "".join(line)

    def _tokens(self, text: str, room: float) -> Iterator[str]:
        for token in _TOKEN.findall(text):
            if self.width(token) <= room:
                yield token
            else:
                yield from token

    def show(self, text: str, size: float) -> str:
        """Return the operators that show `text` from the present position, with font 0 set at `size`."""
        codes = "".join(map(self._codes.__getitem__, text))
        if self._codes.elsewhere.isdisjoint(text):
            return f"<{codes}>Tj"
        parts: list[str] = []
        place = 0
        for char in text:
            if (font := self.faces.glyph(char).font) != place:
                parts.append(f"/F{font} {size:g} Tf")
                place = font
            parts.append(f"<{self._codes[char]}>Tj")
        if place:
            parts.append(f"/F0 {size:g} Tf")
        return " ".join(parts)


class _Advances(dict[str, int]):
    def __init__(self, faces: Faces) -> None:
        super().__init__()
        self._faces = faces

    def __missing__(self, char: str) -> int:
        advance = self[char] = self._faces.glyph(char).advance
        return advance


class _Codes(dict[str, str]):
    """Two-byte glyph numbers in hexadecimal, by character."""

    def __init__(self, faces: Faces) -> None:
        super().__init__()
        self._faces = faces
        self.elsewhere: set[str] = set()
        """Characters met so far that the first font does not have."""

    def __missing__(self, char: str) -> str:
        glyph = self._faces.glyph(char)
        if glyph.font:
            self.elsewhere.add(char)
        code = self[char] = f"{glyph.gid:04X}"
        return code


def _pulled_down(line: list[str], token: str) -> list[str]:
    """Take from the end of `line` what may not stand there before `token` and return it."""
    kept: list[str] = []
    while len(line) > 1 and (line[-1] in _NOT_LAST or (kept or [token])[0] in _NOT_FIRST):
        kept.insert(0, line.pop())
    return kept


def ems(points: float, size: float) -> float:
    """Return a length in points as thousandths of the font size."""
    return points / size * EM
