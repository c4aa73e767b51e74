"""The fast table writer: a ledger of any length as a PDF, one content stream a page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from hwrisk.reporting.frame import head_texts
from hwrisk.reporting.memo import Remembered
from hwrisk.reporting.pdf import page as measures
from hwrisk.reporting.pdf.file import PdfFile
from hwrisk.reporting.pdf.fonts import Faces, faces, missing_note
from hwrisk.reporting.pdf.page import Page, plan
from hwrisk.reporting.pdf.qr import qr_operators
from hwrisk.reporting.pdf.typeset import Typesetter, ems
from hwrisk.reporting.report import Column, Progress, Sheet, Written
from hwrisk.reporting.values import NUMBERS, clean, shown
from hwrisk.reporting.xlsx import total_values

BATCH = 250
NO_ROWS = "（本范围内没有记录）"
FRESH_RULES = 2
"""Lines across a page that has nothing but its column heads."""
_KEPT = (str, date, datetime, Decimal, type(None))
_ASCENT = 0.88
_BOLD, _NORMAL = "2 Tr 0.2 w", "0 Tr"


class Line(NamedTuple):
    """One line of a cell as operators; the height on the page is put between the two parts."""

    before: str
    after: str


Cell = tuple[Line, ...]


def write_table_pdf(
    sheet: Sheet, path: Path, *, progress: Progress | None = None, fonts: Faces | None = None
) -> Written:
    """Write `sheet` as a PDF to `path`, which is replaced only when the file is whole."""
    typesetter = Typesetter(fonts or faces())
    layout = plan(sheet.columns, orientation=sheet.orientation, paper=sheet.paper)
    pages = _Pages(sheet, layout, typesetter)
    rows = pages.fill(progress)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as output:
            pages.finish(output)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    lacking = typesetter.faces.lacking("".join(sorted(typesetter.used)))
    return Written(rows, (missing_note(lacking),) if lacking else ())


class _Pages:
    def __init__(self, sheet: Sheet, layout: Page, typesetter: Typesetter) -> None:
        self.sheet, self.layout, self.typesetter = sheet, layout, typesetter
        self.file = PdfFile(layout.width, layout.height)
        self.file.describe(
            title=sheet.title, author=sheet.made_by, keywords=sheet.stamp.text, made_at=sheet.made_at
        )  # fmt: skip
        self.line = layout.size * measures.LINE
        self.edges = _edges(layout)
        self.heads = [self._cell(c.title, i, "center") for i, c in enumerate(sheet.columns)]
        self.body_top = 0.0
        self.y = 0.0
        self.texts: list[str] = []
        self.rules: list[float] = []
        self.before: list[str] = []

    def fill(self, progress: Progress | None) -> int:
        """Set all rows and return how many there were."""
        columns = self.sheet.columns
        readers = [column.read for column in columns]
        cells = [Remembered(self._maker(c, i), _KEPT).__getitem__ for i, c in enumerate(columns)]
        both = list(zip(cells, readers, strict=True))
        self._open_first()
        done = 0
        for row in self.sheet.rows:
            self._add([cell(read(row)) for cell, read in both])
            done += 1
            if progress and not done % BATCH:
                progress(done, max(done, self.sheet.expected), "正在排版 PDF")
        if self.sheet.totals is not None:
            self._add_total()
        if not done:
            self._say_none()
        self._close()
        if progress:
            progress(done, done, "PDF 已排好")
        return done

    def finish(self, output: Any) -> None:
        """Write the file, now that the number of pages and the characters are known."""
        count = self.file.page_count
        footers = [self._footer(number, count) for number in range(1, count + 1)]
        used: dict[int, str] = {}
        for char in sorted(self.typesetter.used):
            glyph = self.typesetter.faces.glyph(char)
            used[glyph.font] = used.get(glyph.font, "") + glyph.char
        self.file.finish(output, footers=footers, fonts=used, faces=self.typesetter.faces)

    def _maker(self, column: Column, position: int) -> Any:
        align = "right" if column.kind in NUMBERS else "left" if column.kind == "text" else "center"
        return lambda value: self._cell(shown(value, column), position, align)

    def _cell(self, text: str, position: int, align: str) -> Cell:
        if not text:
            return ()
        size, width = self.layout.size, self.layout.widths[position]
        room = width - 2 * measures.PADDING
        made = []
        for line in self.typesetter.lines(text, ems(room, size)):
            spare = room - self.typesetter.width(line) * size / 1000
            shift = {"left": 0.0, "center": spare / 2, "right": spare}[align]
            x = self.edges[position] + measures.PADDING + shift
            made.append(Line(f"1 0 0 1 {x:.2f} ", f" Tm {self.typesetter.show(line, size)}"))
        return tuple(made)

    def _open_first(self) -> None:
        layout = self.layout
        top = layout.height - layout.top
        side = measures.QR_MM * measures.MM
        left = layout.width - layout.side - side
        self.before = [qr_operators(self.sheet.stamp.text, left=left, bottom=top - side + 8, side=side)]
        self.y = top
        self._paragraph(clean(self.sheet.title), measures.TITLE_SIZE, room=layout.inner - 2 * side, centred=True)
        self.y -= 4
        for text in head_texts(self.sheet):
            self._paragraph(text, measures.HEAD_SIZE, room=layout.inner - side - 8)
        self.y = min(self.y - 4, top - side + 4)
        self._head()

    def _open_next(self) -> None:
        self._close()
        self.y = self.layout.height - self.layout.top + 10
        self._paragraph(f"{clean(self.sheet.title)}（续）", measures.FOOT_SIZE, room=self.layout.inner)
        self.y = self.layout.height - self.layout.top - 2
        self._head()

    def _paragraph(self, text: str, size: float, *, room: float, centred: bool = False) -> None:
        parts = [f"/F0 {size:g} Tf"]
        for line in self.typesetter.lines(text, ems(room, size)):
            self.y -= size * measures.LINE
            spare = self.layout.inner - self.typesetter.width(line) * size / 1000
            x = self.layout.side + (spare / 2 if centred else 0)
            baseline = self.y + size * (measures.LINE - 1) / 2 + size * (1 - _ASCENT)
            parts.append(f"1 0 0 1 {x:.2f} {baseline:.2f} Tm {self.typesetter.show(line, size)}")
        if centred:
            parts = [_BOLD, *parts, _NORMAL]
        self.texts.extend(parts)

    def _head(self) -> None:
        self.body_top = self.y
        self.rules = [self.y]
        self.texts.extend((f"/F0 {self.layout.size:g} Tf", _BOLD))
        self._shade(self._height(self.heads))
        self._draw(self.heads)
        self.texts.append(_NORMAL)

    def _shade(self, height: float) -> None:
        self.before.append(
            f"{_rgb(measures.GROUND)} rg {self.layout.side:.2f} {self.y - height:.2f} {self.layout.inner:.2f} "
            f"{height:.2f} re f"
        )

    def _height(self, cells: Sequence[Cell]) -> float:
        return max(1, *map(len, cells)) * self.line + 2 * measures.PADDING

    def _add(self, cells: list[Cell]) -> None:
        while True:
            most = int((self.y - self.layout.bottom - 2 * measures.PADDING) // self.line)
            needed = max(1, *map(len, cells))
            if needed <= most:
                self._draw(cells)
                return
            is_fresh = len(self.rules) == FRESH_RULES
            is_taller = needed * self.line > self.layout.height - self.layout.top - self.layout.bottom
            if is_fresh or (is_taller and most > 0):
                # Taller than a page: what fits is set here, the rest goes on overleaf.
                most = max(most, 1)
                self._draw([cell[:most] for cell in cells])
                cells = [cell[most:] for cell in cells]
            self._open_next()

    def _draw(self, cells: Sequence[Cell]) -> None:
        needed = max(1, *map(len, cells))
        size = self.layout.size
        first = self.y - measures.PADDING - (self.line - size) / 2 - _ASCENT * size
        if needed == 1:
            at = f"{first:.2f}"
            self.texts.extend([line.before + at + line.after for cell in cells for line in cell])
        else:
            for cell in cells:
                y = first - (needed - len(cell)) * self.line / 2
                for line in cell:
                    self.texts.append(f"{line.before}{y:.2f}{line.after}")
                    y -= self.line
        self.y -= needed * self.line + 2 * measures.PADDING
        self.rules.append(self.y)

    def _add_total(self) -> None:
        values = total_values(self.sheet.columns, self.sheet.totals or {})
        made = [
            self._maker(column, i)(value) if value is not None else ()
            for i, (column, value) in enumerate(zip(self.sheet.columns, values, strict=True))
        ]
        if self.y - self._height(made) < self.layout.bottom:
            self._open_next()
        self._shade(self._height(made))
        self.texts.append(_BOLD)
        self._draw(made)
        self.texts.append(_NORMAL)

    def _say_none(self) -> None:
        self._paragraph(NO_ROWS, self.layout.size, room=self.layout.inner, centred=True)

    def _close(self) -> None:
        content = [*self.before, f"{_rgb(measures.INK)} rg {_rgb(measures.INK)} RG BT", *self.texts, "ET", self._grid()]
        self.file.add_page("\n".join(content))
        self.texts, self.before = [], []

    def _grid(self) -> str:
        left, right = self.edges[0], self.edges[-1]
        lines = [f"{left:.2f} {y:.2f} m {right:.2f} {y:.2f} l" for y in self.rules]
        lines += [f"{x:.2f} {self.body_top:.2f} m {x:.2f} {self.rules[-1]:.2f} l" for x in self.edges]
        return f"{_rgb(measures.GRID)} RG 0.5 w " + " ".join(lines) + " S"

    def _footer(self, number: int, count: int) -> str:
        size, y = measures.FOOT_SIZE, self.layout.bottom - 20
        note = clean(self.sheet.notes[0]) if self.sheet.notes else ""
        parts = (note, f"第 {number} 页 共 {count} 页", f"核验码 {self.sheet.stamp.spaced_code}")
        shows = []
        for text, share in zip(parts, (0.0, 0.5, 1.0), strict=True):
            line = self.typesetter.lines(text, float("inf"))[0]
            x = self.layout.side + (self.layout.inner - self.typesetter.width(line) * size / 1000) * share
            shows.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm {self.typesetter.show(line, size)}")
        return f"{_rgb(measures.INK)} rg BT /F0 {size:g} Tf " + " ".join(shows) + " ET"


def _edges(layout: Page) -> list[float]:
    edges = [layout.side]
    for width in layout.widths:
        edges.append(edges[-1] + width)
    return edges


def _rgb(colour: tuple[int, int, int]) -> str:
    return " ".join(f"{part / 255:.3f}" for part in colour)
