"""Benchmark: reading a workbook of 100,000 rows by this service, against openpyxl in the same run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hwrisk.imports.cells import Cell
from hwrisk.imports.limits import Limits
from hwrisk.imports.reading import read_workbook
from hwrisk.imports.sheets import openpyxl

ROWS = 100_000
COLUMNS = 15
_FIRST_DAY = date(2025, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds of the two ways to read the same file; the rows were found equal."""

    rows: int
    ours_s: float
    """Checks of the package, the isolated process and the way back, all together."""
    openpyxl_s: float

    @property
    def factor(self) -> float:
        """Return how many times faster this service is."""
        return self.openpyxl_s / self.ours_s


def bench_reading(*, rows: int = ROWS) -> Timing:
    """Write a ledger of `rows` rows and 15 columns, read it both ways, and return the times.

    Raises:
        AssertionError: the two ways do not give the same values.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        _write(path, rows)
        begun = time.perf_counter()
        ours = read_workbook(path, path.name, limits=Limits(rows=rows)).sheets[0].rows
        ours_s = time.perf_counter() - begun
        begun = time.perf_counter()
        peer = _by_openpyxl(path)
        openpyxl_s = time.perf_counter() - begun
    if len(ours) != len(peer) or any(_plain(mine) != _plain(theirs) for mine, theirs in zip(ours, peer, strict=True)):
        raise AssertionError("the two readers differ")
    return Timing(rows=rows, ours_s=ours_s, openpyxl_s=openpyxl_s)


def run_benchmarks(rows: int | None = None) -> Iterator[str]:
    """Give one line: seconds of this service and of openpyxl for the same workbook, and the factor between them."""
    timing = bench_reading(rows=rows or ROWS)
    yield (
        f"读取工作簿 {timing.rows:,} 行 × {COLUMNS} 列：本系统 {timing.ours_s:.2f} 秒，"
        f"openpyxl {timing.openpyxl_s:.2f} 秒，快 {timing.factor:.1f} 倍（内容一致）"
    )


def _write(path: Path, rows: int) -> None:
    book = openpyxl().Workbook(write_only=True)
    sheet = book.create_sheet("入库记录")
    sheet.append([f"第{number}列" for number in range(COLUMNS)])
    for number in range(rows):
        day = _FIRST_DAY + timedelta(days=number % 600)
        texts = [f"HWRK{number:08d}", f"演示企业{number % 900}", f"900-{number % 300:03d}-{number % 50 + 1:02d}"]
        figures = [number / 16, number % 7, number * 0.25, number % 2 == 0, None]
        words = [f"备注{number % 5000}", "在库", "吨袋", "演示-张三", f"{number % 97}号库", ""]
        sheet.append([*texts, day, *figures, *words])
    book.save(path)


def _by_openpyxl(path: Path) -> list[list[Any]]:
    book = openpyxl().load_workbook(path, read_only=True, data_only=True)
    sheet = book.worksheets[0]
    # What the file says of its own size may be a lie.
    sheet.reset_dimensions()
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    book.close()
    return rows


def _plain(row: list[Any] | list[Cell]) -> list[Any]:
    values = [value.date() if isinstance(value, datetime) else value for value in row]
    blank = ["" if value is None else value for value in values]
    return [*blank, *([""] * (COLUMNS - len(blank)))]
