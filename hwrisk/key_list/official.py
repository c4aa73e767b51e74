"""The key list as an official document (公布版式): title, notice, table on A4 across, date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hwrisk.clock import local
from hwrisk.reporting import Column, Making, Sheet, Written
from hwrisk.reporting.document import render_report_page
from hwrisk.reporting.pdf.errors import PdfFailed, PdfUnavailable
from hwrisk.reporting.pdf.qr import qr_data_uri
from hwrisk.reporting.pdf.table import write_table_pdf
from hwrisk.reporting.values import NUMBERS, clean, shown

FOLDER = "key_list"
DOCUMENT_ROWS = 600
"""A longer list is set by the table writer, which takes a second where the document takes half a minute."""
NOTES = ("重点监管单位按 HJ 1259—2022 4.2 认定，以公布的公告为准",)


def write_official_pdf(
    path: Path,
    making: Making,
    *,
    columns: Sequence[Column],
    rows: Sequence[Any],
    head: Sequence[str],
    filters: str,
    totals: Mapping[str, Any],
    is_draft: bool,
    remark: str = "",
) -> Written:
    """Write a version as a document; as a plain table where it is long or the machine lacks what documents need."""
    if len(rows) > DOCUMENT_ROWS:
        return _as_table(path, making, columns=columns, rows=rows, head=head, totals=totals)
    try:
        document = render_report_page(
            FOLDER,
            path,
            heartbeat=_heartbeat(making),
            **_values(
                making, columns, rows, head=head, filters=filters, totals=totals, is_draft=is_draft, remark=remark
            ),
        )
    except (PdfUnavailable, PdfFailed):
        return _as_table(path, making, columns=columns, rows=rows, head=head, totals=totals)
    return Written(len(rows), document.warnings)


def _values(
    making: Making,
    columns: Sequence[Column],
    rows: Sequence[Any],
    *,
    head: Sequence[str],
    filters: str,
    totals: Mapping[str, Any],
    is_draft: bool,
    remark: str = "",
) -> dict[str, Any]:
    return {
        "title": clean(making.title),
        "head": [clean(line) for line in head],
        "filters": clean(filters),
        "columns": [{"title": c.title, "key": c.key, "align": _align(c.kind)} for c in columns],
        "rows": [[shown(column.read(row), column) for column in columns] for row in rows],
        "totals": ["" if totals.get(c.key) is None else shown(totals[c.key], c) for c in columns],
        "is_draft": is_draft,
        "remark": clean(remark),
        "note": NOTES[0],
        "code": making.stamp.spaced_code,
        "keywords": making.stamp.text,
        "author": clean(making.made_by),
        "made_at": making.made_at.isoformat(),
        "made_text": f"{local(making.made_at):%Y-%m-%d %H:%M}",
        "cutoff_text": f"{local(making.cutoff_at):%Y-%m-%d %H:%M}",
        "qr": qr_data_uri(making.stamp.text),
    }


def _as_table(
    path: Path,
    making: Making,
    *,
    columns: Sequence[Column],
    rows: Sequence[Any],
    head: Sequence[str],
    totals: Mapping[str, Any],
) -> Written:
    sheet = Sheet(
        title=making.title,
        head=(*head, f"共 {len(rows):,} 家　　数据截至：{local(making.cutoff_at):%Y-%m-%d %H:%M}"),
        notes=NOTES,
        columns=tuple(columns),
        rows=rows,
        expected=len(rows),
        stamp=making.stamp,
        made_at=making.made_at,
        made_by=making.made_by,
        totals=totals,
    )
    return write_table_pdf(sheet, path, progress=making.progress)


def _align(kind: str) -> str:
    return "right" if kind in NUMBERS else "left" if kind == "text" else "center"


def _heartbeat(making: Making) -> Callable[[], Any] | None:
    progress = making.progress
    return (lambda: progress(0, 0, "正在排版 PDF")) if progress else None
