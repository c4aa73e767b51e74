"""A short ledger as a document: the sheet of the table writer, set by WeasyPrint from `reports/ledger/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hwrisk.reporting.frame import head_texts
from hwrisk.reporting.pages import render_page
from hwrisk.reporting.pdf import page as measures
from hwrisk.reporting.pdf.fonts import Substitute, missing_note
from hwrisk.reporting.pdf.page import Page, plan
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.reporting.pdf.table import NO_ROWS
from hwrisk.reporting.pdf.weasy import render_html
from hwrisk.reporting.report import Progress, Sheet, Written
from hwrisk.reporting.values import NUMBERS, clean, shown
from hwrisk.reporting.xlsx import total_values
from hwrisk.resources import resource_dir

FOLDER = "ledger"


def write_document_pdf(sheet: Sheet, path: Path, *, progress: Progress | None = None) -> Written:
    """Write `sheet` as a PDF to `path` by WeasyPrint; it looks as the table writer's.

    Raises:
        PdfUnavailable: pango is missing on this machine.
        PdfFailed: too slow or too large.
    """
    filled = Substitute()
    rows = [
        [filled(shown(column.read(row), column)) for column in sheet.columns] for row in sheet.rows
    ]  # fmt: skip
    layout = plan(sheet.columns, orientation=sheet.orientation, paper=sheet.paper)
    html = render_page(
        f"{FOLDER}/page.html",
        title=filled(clean(sheet.title)),
        head=[filled(text) for text in head_texts(sheet)],
        columns=[{"title": filled(clean(c.title)), "align": _align(c.kind)} for c in sheet.columns],
        rows=rows,
        totals=_totals(sheet, filled),
        no_rows=NO_ROWS,
        note=filled(clean(sheet.notes[0])) if sheet.notes else "",
        code=sheet.stamp.spaced_code,
        keywords=sheet.stamp.text,
        author=filled(clean(sheet.made_by)),
        made_at=sheet.made_at.isoformat(),
        qr=qr_data_uri(sheet.stamp.text),
    )
    css = [(resource_dir("reports") / FOLDER / "print.css").read_text(encoding="utf-8"), _measures_css(layout)]
    render_html(html, path, css=css, folder=FOLDER, heartbeat=_heartbeat(progress, len(rows)))
    if progress:
        progress(len(rows), len(rows), "PDF 已排好")
    return Written(len(rows), (missing_note(filled.lacking),) if filled.lacking else ())


def _align(kind: str) -> str:
    return "right" if kind in NUMBERS else "left" if kind == "text" else "center"


def _totals(sheet: Sheet, filled: Callable[[str], str]) -> list[str]:
    if sheet.totals is None:
        return []
    values = total_values(sheet.columns, sheet.totals)
    return ["" if v is None else filled(shown(v, c)) for c, v in zip(sheet.columns, values, strict=True)]


def _measures_css(layout: Page) -> str:
    # Sizes depend on the columns; as a sheet of its own no page needs a style attribute.
    widths = "".join(f"col.c{i} {{ width: {width:.3f}pt }}\n" for i, width in enumerate(layout.widths))
    return (
        f"@page {{ size: {layout.width:.3f}pt {layout.height:.3f}pt; "
        f"margin: {layout.top:.3f}pt {layout.side:.3f}pt {layout.bottom:.3f}pt }}\n"
        f"table.ledger {{ font-size: {layout.size}pt; width: {layout.inner:.3f}pt }}\n"
        f".qr {{ width: {measures.QR_MM}mm }}\n{widths}"
    )


def _heartbeat(progress: Progress | None, rows: int) -> Callable[[], Any] | None:
    return (lambda: progress(0, rows, "正在排版 PDF")) if progress else None
