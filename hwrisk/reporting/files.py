"""Files of a thing as a PDF and as an Excel workbook with one sheet a chapter: drawn alike for units and parks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from typing import Any

from hwrisk.clock import local
from hwrisk.reporting.document import render_report_page
from hwrisk.reporting.dossier import Chapter, Dossier, DossierTable, Fact, Section
from hwrisk.reporting.frame import NUMBER_FORMATS
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.reporting.report import CHECKING_NOTE, DEMO_NOTE, Column, Making, Written, stamp_line
from hwrisk.reporting.values import NUMBERS, clean, plain_number, shown
from hwrisk.resources import late

FOLDER = "dossier"
STATE_WORDS = {"bad": "▲", "warn": "◆", "note": "○"}
MAX_SHEET_NAME = 31
MAX_WIDTH = 48
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True, kw_only=True)
class FileDocument:
    """The file of one thing on a day, ready to be drawn (档案)."""

    kind: str
    """What kind of file it is, e.g. 园区三级防控和环境风险一园一档."""
    name: str
    number: str
    as_of: date
    head: tuple[Fact, ...]
    dossier: Dossier
    note: str = CHECKING_NOTE


def write_file_pdf(file: FileDocument, path: Path, making: Making) -> Written:
    """Write the file as a document on A4 upright.

    Raises:
        PdfUnavailable: the machine lacks what documents need.
        PdfFailed: it is too long or too slow.
    """
    document = render_report_page(
        FOLDER,
        path,
        heartbeat=_heartbeat(making),
        title=clean(making.title),
        kind=clean(file.kind) + (DEMO_NOTE if making.is_demo else ""),
        called=clean(file.name),
        number=file.number,
        as_of=f"{file.as_of.year}年{file.as_of.month}月{file.as_of.day}日",
        cutoff=f"{local(making.cutoff_at):%Y-%m-%d %H:%M}",
        made=f"{local(making.made_at):%Y-%m-%d %H:%M}",
        made_at=making.made_at.isoformat(),
        author=clean(making.made_by),
        file_no=str(making.stamp.export_id),
        code=making.stamp.spaced_code,
        keywords=making.stamp.text,
        qr=qr_data_uri(making.stamp.text),
        note=file.note,
        head=[_fact(fact) for fact in file.head],
        alerts=[
            {"mark": STATE_WORDS[alert.state], "state": alert.state, "label": label, "text": alert.text}
            for label, alert in file.dossier.alerts
        ],
        sections=[_section(number, section) for number, section in enumerate(file.dossier.sections, start=1)],
    )  # fmt: skip
    return Written(1, document.warnings)


def write_file_workbook(file: FileDocument, path: Path, making: Making) -> Written:
    """Write the file as a workbook: cover with head and alerts, then one sheet a chapter."""
    openpyxl = late("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    cover = _Sheet(book, "封面")
    cover.title(making.title)
    cutoff = f"{local(making.cutoff_at):%Y-%m-%d %H:%M}"
    for line in (
        f"截至：{file.as_of:%Y-%m-%d}　　数据截至：{cutoff}　　导出人：{making.made_by}",
        f"说明：{file.note}",
        stamp_line(making.stamp),
    ):
        cover.line(line)
    cover.facts([(fact.label, _with_note(fact.value, fact.note)) for fact in file.head])
    cover.heading("警示")
    for item in file.dossier.alerts:
        cover.line(f"{STATE_WORDS[item.alert.state]} {item.label}：{item.alert.text}")
    if not file.dossier.alerts:
        cover.line("没有需要警示的事项")
    for section in file.dossier.sections:
        _chapter_sheet(_Sheet(book, section.label), section.chapter, section.label)
    about = book.properties
    about.title, about.creator, about.identifier = clean(making.title), clean(making.made_by), making.stamp.text
    about.created = about.modified = making.made_at.astimezone(UTC).replace(tzinfo=None)
    book.save(path)
    return Written(1)


def _chapter_sheet(sheet: _Sheet, chapter: Chapter, label: str) -> None:
    sheet.title(label)
    sheet.facts([(fact.label, _with_note(fact.value, fact.note)) for fact in chapter.facts])
    for table in chapter.tables:
        sheet.table(table)
    for note in chapter.notes:
        sheet.line(note)


class _Sheet:
    """One sheet written from top to bottom; text is never taken for a formula."""

    def __init__(self, book: Any, name: str) -> None:
        taken = set(book.sheetnames)
        base = _FORBIDDEN.sub("", clean(name))[:MAX_SHEET_NAME].strip() or "分章"
        free = base if base not in taken else f"{base[:28]}{len(taken)}"
        self._page = book.create_sheet(free)
        self._page.page_setup.paperSize = 9
        self._page.page_setup.fitToWidth, self._page.page_setup.fitToHeight = 1, 0
        self._page.sheet_properties.pageSetUpPr = late("openpyxl.worksheet.properties").PageSetupProperties(
            fitToPage=True
        )
        self._row = 0
        self._styles = late("openpyxl.styles")

    def title(self, text: str) -> None:
        """Write the title of the sheet."""
        self._row += 1
        self._text(1, text, size=16, bold=True)

    def heading(self, text: str) -> None:
        """Write a heading after an empty row."""
        self._row += 2
        self._text(1, text, size=11, bold=True)

    def line(self, text: str) -> None:
        """Write a line of text."""
        self._row += 1
        self._text(1, text)

    def facts(self, pairs: list[tuple[str, str]]) -> None:
        """Write name and value pairs, one a row."""
        for name, value in pairs:
            self._row += 1
            self._text(1, name, bold=True)
            self._text(2, value)

    def table(self, table: DossierTable) -> None:
        """Write a table with its heads; numbers are numbers and days are days."""
        self.heading(table.title)
        self._row += 1
        letters = late("openpyxl.utils").get_column_letter
        for place, column in enumerate(table.columns, start=1):
            cell = self._text(place, column.title, bold=True)
            cell.fill = self._styles.PatternFill("solid", fgColor="EEF2F6")
            width = self._page.column_dimensions[letters(place)]
            width.width = max(width.width or 0, min(column.width, MAX_WIDTH))
        for row in table.rows:
            self._row += 1
            for place, column in enumerate(table.columns, start=1):
                self._value(place, column, column.read(row))
        if not table.rows:
            self.line("没有记录")
        if table.note:
            self.line(table.note)

    def _value(self, place: int, column: Column, value: Any) -> None:
        number = plain_number(value, column) if column.kind in NUMBERS and value is not None else None
        if number is not None:
            cell = self._page.cell(row=self._row, column=place, value=float(number))
            cell.number_format = NUMBER_FORMATS[column.kind]
        elif column.kind == "day" and value is not None:
            cell = self._page.cell(row=self._row, column=place, value=value)
            cell.number_format = NUMBER_FORMATS["day"]
        else:
            self._text(place, shown(value, column))

    def _text(self, place: int, text: str, *, size: int = 10, bold: bool = False) -> Any:
        cell = self._page.cell(row=self._row, column=place, value=clean(text))
        cell.data_type = "s"
        cell.font = self._styles.Font(name="宋体", size=size, bold=bold)
        cell.alignment = self._styles.Alignment(vertical="center", wrap_text=False)
        return cell


def _section(number: int, section: Section) -> dict[str, Any]:
    chapter = section.chapter
    return {
        "number": number,
        "label": section.label,
        "facts": [_fact(fact) for fact in chapter.facts],
        "tables": [_table(table) for table in chapter.tables],
        "notes": [clean(note) for note in chapter.notes],
    }


def _table(table: DossierTable) -> dict[str, Any]:
    return {
        "title": clean(table.title),
        "columns": [{"title": clean(c.title), "align": _align(c.kind)} for c in table.columns],
        "rows": [[shown(column.read(row), column) for column in table.columns] for row in table.rows],
        "note": clean(table.note),
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "label": clean(fact.label),
        "value": clean(fact.value),
        "note": clean(fact.note),
        "unverified": fact.unverified,
    }


def _with_note(value: str, note: str) -> str:
    return f"{value}（{note}）" if note else value


def _align(kind: str) -> str:
    return "right" if kind in NUMBERS else "left" if kind == "text" else "center"


def _heartbeat(making: Making) -> Callable[[], Any] | None:
    progress = making.progress
    return (lambda: progress(0, 1, "正在排版 PDF")) if progress else None
