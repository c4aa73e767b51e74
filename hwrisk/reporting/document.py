"""Single documents (letters, files, cards) from HTML to PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hwrisk.reporting.pages import render_page
from hwrisk.reporting.pdf.fonts import Substitute, missing_note
from hwrisk.reporting.pdf.weasy import TIME_LIMIT_S, Heartbeat, render_html, why_unavailable
from hwrisk.resources import resource_dir

__all__ = ["Document", "render_document", "render_report_page", "why_unavailable"]


class Document(NamedTuple):
    """A finished document: number of pages, and plain Chinese warnings."""

    pages: int
    warnings: tuple[str, ...]


def render_document(
    html: str,
    out: Path,
    *,
    css: Sequence[str] = (),
    folder: str = "",
    time_limit_s: float = TIME_LIMIT_S,
    heartbeat: Heartbeat | None = None,
) -> Document:
    """Write a whole HTML page as a PDF to `out` and return its number of pages.

    `css` are texts of style sheets on top of the page's own; `folder` is the folder of `reports/` that relative
    addresses start from. Nothing outside `reports/`, the static files and `data:` is opened. Families HW Sans and HW
    Serif are always there; begin a stack with the licensed names (仿宋_GB2312, FangSong) where the law of form asks.

    Raises:
        PdfUnavailable: pango is missing on this machine; offer the print page instead.
        PdfFailed: too slow, too large, or the page cannot be set.
    """
    filled = Substitute()
    rendered = render_html(filled(html), out, css=css, folder=folder, time_limit_s=time_limit_s, heartbeat=heartbeat)
    warnings = [f"版式资源未能使用：{complaint}" for complaint in rendered.complaints]
    if filled.lacking:
        warnings.append(missing_note(filled.lacking))
    return Document(rendered.pages, tuple(warnings))


def render_report_page(folder: str, out: Path, *, heartbeat: Heartbeat | None = None, **values: Any) -> Document:
    """Fill `reports/<folder>/page.html` with plain `values`, set it with its `print.css`, and write it to `out`."""
    sheet = resource_dir("reports") / folder / "print.css"
    css = [sheet.read_text(encoding="utf-8")] if sheet.is_file() else []
    html = render_page(f"{folder}/page.html", **values)
    return render_document(html, out, css=css, folder=folder, heartbeat=heartbeat)
