"""CSV files: their encoding, their delimiter, their rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from itertools import islice

from hwrisk.errors import BadFile
from hwrisk.imports.limits import HEAD_ROWS, Limits

DELIMITERS = (",", "\t", ";", "|")
_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')


def decode(content: bytes) -> str:
    """Return the text of a CSV file: UTF-8 with or without mark, UTF-16 with mark, or GB18030 (which holds GBK).

    Raises:
        BadFile: none of these encodings, or not text at all.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(content, "utf-16")
    if b"\0" in content:
        raise BadFile("CSV 文件中有二进制内容，不是文本文件")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(content, "gb18030")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as failure:
        raise BadFile("CSV 文件的编码无法识别，请另存为“CSV UTF-8（逗号分隔）”后再导入") from failure


def delimiter_of(text: str) -> str:
    """Return the delimiter that splits most of the first rows alike, and widest; a comma when none does."""
    if hint := _HINT.match(text):
        return hint[1]
    head = "".join(islice(io.StringIO(text, newline=""), 3 * HEAD_ROWS))

    def evenness(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)]
        except csv.Error:
            return 0, 0
        # A comma inside the text of a few rows must not outdo the tab between the columns of all.
        return max(((count, width) for width, count in Counter(widths).items() if width > 1), default=(0, 0))

    return max(DELIMITERS, key=evenness)


def read_csv(content: bytes, limits: Limits) -> list[list[str]]:
    """Return the rows of a CSV file, row 1 first; a value written ="007" to keep its zeros loses that dress.

    Raises:
        BadFile: not readable as text, broken quoting, or more rows or columns than are taken.
    """
    text = decode(content)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    try:
        for row in reader:
            rows.append([_undressed(value) for value in row])
            if len(rows) > limits.rows + HEAD_ROWS:
                raise BadFile(f"行数过多，最多 {limits.rows} 行，请分成几个文件导入")
            if len(row) > limits.columns:
                raise BadFile(f"第 {len(rows)} 行有 {len(row)} 列，最多 {limits.columns} 列，请核对分隔符和引号")
    except csv.Error as failure:
        place = f"第 {len(rows) + 1} 行（文本第 {reader.line_num} 行）"
        raise BadFile(f"{place}的引号或换行不成对，读不下去，请在表格软件中打开后重新另存") from failure
    if rows and _HINT.match(text):
        rows[0] = []
    return rows


def _undressed(value: str) -> str:
    if value.startswith('="') and (found := _KEPT_AS_TEXT.fullmatch(value)):
        return found[1]
    return value
