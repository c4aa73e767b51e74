"""Files that must be refused, each made in code, with a word of the sentence that refuses it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

from tests.imports.sample_kind import GOOD, HEAD

MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def workbook(change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "入库记录"
    page.append(HEAD)
    page.append(GOOD)
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rezipped(
    *,
    replace: dict[str, Callable[[bytes], bytes]] | None = None,
    extra: list[tuple[str, bytes]] | None = None,
    drop: tuple[str, ...] = (),
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as source, zipfile.ZipFile(out, "w", method) as target:
        for info in source.infolist():
            if info.filename in drop:
                continue
            content = source.read(info)
            target.writestr(info.filename, (replace or {}).get(info.filename, lambda b: b)(content))
        for name, content in extra or []:
            target.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def _typed(old: bytes, new: bytes) -> bytes:
    return rezipped(replace={"[Content_Types].xml": lambda content: content.replace(old, new)})


def _encrypted_flag() -> bytes:
    content = bytearray(workbook())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def _local_name_differs() -> bytes:
    content = bytearray(workbook())
    at = content.find(b"xl/workbook.xml")
    content[at : at + 15] = b"xl/workbooq.xml"
    return bytes(content)


def _lying_size() -> bytes:
    """The directory states one byte for a sheet that unpacks to more."""
    content = bytearray(workbook())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", content, at + 28)[0]
        if content[at + 46 : at + 46 + length] == b"xl/worksheets/sheet1.xml":
            struct.pack_into("<I", content, at + 24, 1)
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def _sheet(old: bytes, new: bytes) -> bytes:
    return rezipped(replace={"xl/worksheets/sheet1.xml": lambda content: content.replace(old, new)})


def _very_hidden(book: openpyxl.Workbook) -> None:
    book.create_sheet("秘密").sheet_state = "veryHidden"


def _far_cell(book: openpyxl.Workbook) -> None:
    book["入库记录"]["XFD1048576"] = 1


def _wide(book: openpyxl.Workbook) -> None:
    book["入库记录"].cell(5, 260, "x")


def _long(book: openpyxl.Workbook) -> None:
    book["入库记录"].cell(200_000, 1, "x")


def _many_sheets(book: openpyxl.Workbook) -> None:
    for number in range(70):
        book.create_sheet(f"s{number}")


def _only_hidden(book: openpyxl.Workbook) -> None:
    book.create_sheet("空")
    book["入库记录"].sheet_state = "hidden"
    book.active = 1


MERGED_WIDE = (
    b'<row r="9000"><c r="A9000"><v>1</v></c></row></sheetData>'
    b'<mergeCells count="1"><mergeCell ref="A3:GR8999"/></mergeCells>'
)
BOMB = bytes(40 * 1024 * 1024)
CSV = ",".join(HEAD)

HOSTILE: list[tuple[str, str, bytes, str]] = [
    ("empty", "a.xlsx", b"", "0 字节"),
    ("png", "a.xlsx", PNG, "PNG"),
    ("png in front", "a.xlsx", PNG + workbook(), "PNG"),
    ("jpeg", "a.xlsx", b"\xff\xd8\xff\xe0" + bytes(20), "JPEG"),
    ("pdf", "a.xlsx", b"%PDF-1.7\n", "PDF"),
    ("rar", "a.xlsx", b"Rar!\x1a\x07\x00", "RAR"),
    ("program", "a.xlsx", b"MZ" + bytes(60), "可执行"),
    ("html", "a.xlsx", b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
    ("xml 2003", "a.xlsx", b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "网页或 XML"),
    ("noise", "a.xlsx", b"\x01\x02\x03 nothing", "不是 Excel"),
    ("old xls", "a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版"),
    (
        "encrypted", "a.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "打开密码",
    ),
    ("named xlsm", "a.xlsm", workbook(), "宏"),
    ("named xls", "a.xls", workbook(), "xls"),
    ("named zip", "a.zip", workbook(), "压缩包"),
    ("named exe", "a.exe", workbook(), "只接受"),
    ("no suffix", "文件", workbook(), "无扩展名"),
    ("xlsm renamed", "a.xlsx", _typed(MAIN, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "宏"),
    ("xlsb renamed", "a.xlsx", _typed(MAIN, b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "xlsb"),
    ("template", "a.xlsx", _typed(b"spreadsheetml.sheet.main", b"spreadsheetml.template.main"), "模板"),
    ("word", "a.xlsx", _typed(b"spreadsheetml.sheet.main", b"wordprocessingml.document.main"), "Word"),
    ("no main part", "a.xlsx", _typed(MAIN, b"application/xml"), "内容类型"),
    ("macro part", "a.xlsx", rezipped(extra=[("xl/vbaProject.bin", b"x")]), "宏程序"),
    ("external link", "a.xlsx", rezipped(extra=[("xl/externalLinks/externalLink1.xml", b"<x/>")]), "外部链接"),
    ("connection", "a.xlsx", rezipped(extra=[("xl/connections.xml", b"<x/>")]), "数据连接"),
    ("embedded", "a.xlsx", rezipped(extra=[("xl/embeddings/oleObject1.bin", b"x")]), "OLE"),
    ("activex", "a.xlsx", rezipped(extra=[("xl/activeX/activeX1.xml", b"<x/>")]), "ActiveX"),
    ("bomb", "a.xlsx", rezipped(extra=[("xl/media/a.bin", BOMB)]), "压缩比"),
    ("20,000 members", "a.xlsx", rezipped(extra=[(f"xl/x{n}.xml", b"") for n in range(3_000)]), "个文件"),
    ("path outside", "a.xlsx", rezipped(extra=[("../../etc/x", b"x")]), "越界路径"),
    ("absolute path", "a.xlsx", rezipped(extra=[("/etc/x", b"x")]), "越界路径"),
    ("backslash", "a.xlsx", rezipped(extra=[("xl\\x.xml", b"x")]), "越界路径"),
    ("control in name", "a.xlsx", rezipped(extra=[("xl/a\x07.xml", b"x")]), "控制字符"),
    ("two sheet1", "a.xlsx", rezipped(extra=[("xl/worksheets/Sheet1.xml", b"<x/>")]), "同名"),
    ("plain zip", "a.xlsx", rezipped(drop=("[Content_Types].xml",)), "普通压缩包"),
    ("ods", "a.xlsx", rezipped(drop=("[Content_Types].xml",), extra=[("mimetype", b"x")]), "OpenDocument"),
    ("bzip2", "a.xlsx", rezipped(method=zipfile.ZIP_BZIP2), "压缩方法"),
    ("zip encryption", "a.xlsx", _encrypted_flag(), "加密"),
    ("names differ", "a.xlsx", _local_name_differs(), "损坏"),
    ("cut in half", "a.xlsx", workbook()[: len(workbook()) // 2], "损坏"),
    ("tail", "a.xlsx", workbook()[:-2] + struct.pack("<H", 4) + b"tail", "末尾"),
    ("two directories", "a.xlsx", workbook()[:-2] + struct.pack("<H", 26) + b"PK\x05\x06" + bytes(22), "目录"),
    ("zip in front", "a.xlsx", b"PK\x03\x04 front" + workbook(), "前面"),
    ("lying size", "a.xlsx", _lying_size(), "损坏"),
    ("no workbook part", "a.xlsx", rezipped(drop=("xl/workbook.xml",)), "损坏"),
    ("broken xml", "a.xlsx", _sheet(b"</sheetData>", b"</sheetDat"), "损坏"),
    ("dtd", "a.xlsx", _sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'), "实体"),
    ("utf-16", "a.xlsx", rezipped(replace={"xl/workbook.xml": lambda c: c.decode().encode("utf-16")}), "编码"),
    ("very hidden", "a.xlsx", workbook(_very_hidden), "深度隐藏"),
    ("far cell", "a.xlsx", workbook(_far_cell), "XFD1048576"),
    ("far column", "a.xlsx", workbook(_wide), "260 列"),
    ("far row", "a.xlsx", workbook(_long), "200000 行"),
    ("too many sheets", "a.xlsx", workbook(_many_sheets), "工作表过多"),
    ("only hidden", "a.xlsx", workbook(_only_hidden), "没有任何内容"),
    ("merged all over", "a.xlsx", _sheet(b"</sheetData>", MERGED_WIDE), "合并单元格过多"),
    ("csv is xlsx", "a.csv", workbook(), "改回 .xlsx"),
    ("csv is pdf", "a.csv", b"%PDF-1.7", "PDF"),
    ("csv is html", "a.csv", b"<!DOCTYPE html><p>", "网页"),
    ("csv binary", "a.csv", CSV.encode() + b"\0\0", "二进制"),
    ("csv no encoding", "a.csv", b"\xff\x80\xff,\x81", "编码"),
    ("csv quote", "a.csv", (CSV + '\n"a"b,1\n').encode(), "第 2 行"),
    ("csv open quote", "a.csv", (CSV + '\n"a,1\n').encode(), "引号"),
    ("csv wide", "a.csv", (CSV + "\n" + "," * 300).encode(), "301 列"),
    ("csv blank", "a.csv", b"\n\n,,\n", "没有任何内容"),
]  # fmt: skip


def write(folder: Path, filename: str, content: bytes) -> Path:
    path = folder / (Path(filename).name or "x")
    path.write_bytes(content)
    return path
