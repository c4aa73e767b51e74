"""Benchmarks of exports, each beside its peer in the same run and with the same content (`hwrisk bench reporting`)."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from hwrisk.clock import LOCAL_ZONE
from hwrisk.errors import HwriskError
from hwrisk.reporting.frame import NUMBER_FORMATS, head_texts
from hwrisk.reporting.pdf.errors import PdfUnavailable
from hwrisk.reporting.pdf.ledger import write_document_pdf
from hwrisk.reporting.pdf.table import write_table_pdf
from hwrisk.reporting.report import CHECKING_NOTE, Column, Sheet, Stamp, Written
from hwrisk.reporting.values import shown
from hwrisk.reporting.xlsx import write_xlsx
from hwrisk.resources import late

PDF_ROWS, XLSX_ROWS = 5_000, 100_000
PEER_XLSX_ROWS = 20_000
"""openpyxl streams, so its time grows as the rows do and may be scaled."""
PEER_PDF_ROWS = 300
"""WeasyPrint sets only so many rows here; its time is scaled by rows, which favours it: it grows faster than that."""
RUNS = 3
_DAY, _NOW = date(2026, 11, 23), datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Row = tuple[Any, ...]

_PDF_COLUMNS = (
    ("序号", "int", 6), ("单位名称", "text", 26), ("废物代码", "code", 11), ("废物名称", "text", 16),
    ("贮存量（吨）", "tonnes", 12), ("入库日期", "day", 11), ("到期日", "day", 11), ("超期天数", "int", 8),
    ("管辖单位", "text", 12), ("状态", "text", 14), ("批次号", "code", 17), ("备注", "text", 12),
)  # fmt: skip
_MORE_COLUMNS = (("登记时间", "instant", 17), ("处置率", "percent", 10), ("统一社会信用代码", "code", 20))


def run_benchmarks(rows: int | None = None) -> Iterator[str]:
    """Give one line per benchmark: medians in seconds, and how much slower the peer is.

    Raises:
        HwriskError: the two files of a benchmark do not hold the same.
    """
    with tempfile.TemporaryDirectory(prefix="hwrisk-bench-") as name:
        yield _bench_pdf(rows or PDF_ROWS, Path(name))
        yield _bench_xlsx(rows or XLSX_ROWS, Path(name))


def sample_sheet(rows: int, *, wide: bool = False) -> Sheet:
    """Return a storage ledger of invented rows: 12 columns, or 15 when `wide`."""
    named = _PDF_COLUMNS + (_MORE_COLUMNS if wide else ())
    columns = tuple(Column(f"c{i}", t, _item(i), kind=k, width=w) for i, (t, k, w) in enumerate(named))  # type: ignore[arg-type]  # the kinds above are kinds of columns
    return Sheet(
        title="危险废物贮存台账",
        head=("范围：全市　　筛选：无", f"统计截止日：{_DAY}　　共 {rows:,} 条"),
        notes=(CHECKING_NOTE,),
        columns=columns,
        rows=sample_rows(rows, len(columns)),
        expected=rows,
        stamp=Stamp.new(),
        made_at=_NOW,
        made_by="系统",
    )


def sample_rows(rows: int, columns: int) -> list[Row]:
    """Return invented rows of a storage ledger; the same at every call."""
    names = ("废矿物油", "蒸馏残渣", "废活性炭", "含铬污泥", "废酸液")
    places = ("东海县", "灌云县", "灌南县", "赣榆区", "徐圩新区")
    made = []
    for n in range(rows):
        entered = _DAY - timedelta(days=n % 700)
        late_days = n % 700 - 365
        row = (
            n + 1, f"演示{n % 900}号化工有限公司", f"900-{n % 50:03d}-{n % 49 + 1:02d}", names[n % 5],
            Decimal(n % 99_991 + 1).scaleb(-4) * 7, entered, entered + timedelta(days=365) if n % 11 else None,
            max(late_days, 0), places[n % 5], "▲ 超管理期限" if late_days > 0 else "● 正常", f"LYG-2026-{n:06d}",
            f"=复核{n % 40}" if n % 9 == 0 else "", _NOW - timedelta(minutes=n % 5_000),
            Decimal(n % 10_001).scaleb(-4), f"9132070{n % 10_000:04d}DEMO00",
        )  # fmt: skip
        made.append(row[:columns])
    return made


def write_by_openpyxl(sheet: Sheet, path: Path) -> Written:
    """Write the same cells with openpyxl's write-only mode, formats and borders shared, as its fastest users do."""
    book = late("openpyxl").Workbook(write_only=True)
    page = book.create_sheet("台账")
    make = late("openpyxl.cell").WriteOnlyCell
    for line in (sheet.title, *head_texts(sheet)):
        page.append([line])
    page.append([column.title for column in sheet.columns])
    styles = [_style_of(make(page), column) for column in sheet.columns]
    count = 0
    for row in sheet.rows:
        count += 1
        cells = []
        for column, style in zip(sheet.columns, styles, strict=True):
            cell = make(page, value=_for_openpyxl(column.read(row)))
            cell._style = style
            if isinstance(cell.value, str):
                cell.data_type = "s"
            cells.append(cell)
        page.append(cells)
    book.save(path)
    return Written(count)


def _style_of(cell: Any, column: Column) -> Any:
    styles = late("openpyxl.styles")
    side = styles.Side(style="thin", color="98A2B3")
    cell.number_format = NUMBER_FORMATS[column.kind]
    cell.border = styles.Border(left=side, right=side, top=side, bottom=side)
    return cell._style


def _item(position: int) -> Callable[[Row], Any]:
    return lambda row: row[position]


def _for_openpyxl(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(LOCAL_ZONE).replace(tzinfo=None)
    return value


def _bench_pdf(rows: int, folder: Path) -> str:
    peer_rows = min(rows, PEER_PDF_ROWS)
    ours, peer, check = folder / "ours.pdf", folder / "peer.pdf", folder / "check.pdf"
    mine = _median(lambda: write_table_pdf(sample_sheet(rows), ours))
    what = f"台账 PDF {rows:,} 行 × 12 列：{mine:.2f} 秒，{ours.stat().st_size / 1e6:.1f} MB"
    try:
        write_document_pdf(sample_sheet(1), peer)
    except PdfUnavailable as missing:
        return f"{what}；未与 WeasyPrint 比较（{missing.message}）"
    theirs = _median(lambda: write_document_pdf(sample_sheet(peer_rows), peer))
    write_table_pdf(sample_sheet(peer_rows), check)
    said = _same_pdf(sample_sheet(peer_rows), (check, peer))
    whole = theirs * rows / peer_rows
    scaled = _scaled(rows, peer_rows, theirs)
    return f"{what}；WeasyPrint 单表 {whole:.1f} 秒{scaled}，慢 {whole / mine:.0f} 倍；{said}"


def _bench_xlsx(rows: int, folder: Path) -> str:
    peer_rows = min(rows, PEER_XLSX_ROWS)
    ours, peer, check = folder / "ours.xlsx", folder / "peer.xlsx", folder / "check.xlsx"
    uses_lxml = late("openpyxl.xml").LXML
    mine = _median(lambda: write_xlsx(sample_sheet(rows, wide=True), ours))
    theirs = _median(lambda: write_by_openpyxl(sample_sheet(peer_rows, wide=True), peer))
    write_xlsx(sample_sheet(peer_rows, wide=True), check)
    _same_workbook((check, peer))
    whole = theirs * rows / peer_rows
    return (
        f"Excel {rows:,} 行 × 15 列：{mine:.2f} 秒，{ours.stat().st_size / 1e6:.1f} MB；"
        f"openpyxl 只写模式（{'有' if uses_lxml else '无'} lxml）{whole:.1f} 秒{_scaled(rows, peer_rows, theirs)}，"
        f"慢 {whole / mine:.1f} 倍；内容逐格一致"
    )


def _scaled(rows: int, peer_rows: int, seconds: float) -> str:
    return "" if rows == peer_rows else f"（实测 {peer_rows:,} 行 {seconds:.2f} 秒，按行数折算）"


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _same_pdf(sheet: Sheet, paths: Sequence[Path]) -> str:
    try:
        pypdf = late("pypdf")
    except ImportError:
        return "未装 pypdf，未比对内容"
    wanted = ["".join(shown(c.read(row), c) for c in sheet.columns).replace(" ", "") for row in sheet.rows]
    for path in paths:
        pages = pypdf.PdfReader(path).pages
        text = "".join("".join(page.extract_text().split()) for page in pages)
        if missing := [line for line in wanted if line not in text]:
            raise HwriskError(f"测速文件 {path.name} 内容不全，缺 {len(missing)} 行，如“{missing[0]}”")
    return "内容逐行一致"


def _same_workbook(paths: tuple[Path, Path]) -> None:
    calamine = late("python_calamine")
    books = [calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0) for path in paths]
    for number, pair in enumerate(zip(*(book.iter_rows() for book in books), strict=True), start=1):
        # The lines of the head are stretched over all columns in one and stand alone in the other, and the stamps
        # are two: they are compared by the tests, here the data are.
        if number > 8 and pair[0] != pair[1]:
            raise HwriskError(f"测速文件第 {number} 行不一致：{pair[0]} 与 {pair[1]}")
    for path in paths:
        with ZipFile(path) as package:
            if package.testzip() is not None:
                raise HwriskError(f"测速文件 {path.name} 损坏")
