"""What an uploaded file is, judged by its bytes before anything parses it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from hwrisk.errors import BadFile
from hwrisk.imports.limits import MIB, Limits
from hwrisk.imports.package import check_package

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGICS = (
    (b"\x89PNG", "这是 PNG 图片，不是表格"),
    (b"\xff\xd8\xff", "这是 JPEG 图片，不是表格"),
    (b"GIF8", "这是 GIF 图片，不是表格"),
    (b"%PDF", "这是 PDF 文件，不是表格"),
    (b"Rar!", "这是 RAR 压缩包，请解压后上传其中的 .xlsx 文件"),
    (b"7z\xbc\xaf", "这是 7z 压缩包，请解压后上传其中的 .xlsx 文件"),
    (b"\x1f\x8b", "这是 gzip 压缩包，请解压后上传其中的 .xlsx 文件"),
    (b"MZ", "这是可执行程序，不是表格"),
    (b"\x7fELF", "这是可执行程序，不是表格"),
    (b"SQLite format 3", "这是数据库文件，不是表格"),
)
_SAVE_AS = "请用 Excel 或 WPS 另存为“Excel 工作簿（*.xlsx）”后再导入"


class FileKind(Enum):
    """The two kinds of files that are taken."""

    XLSX = "xlsx"
    CSV = "csv"


def check_file(path: Path, filename: str, limits: Limits) -> FileKind:
    """Return the kind of the file at `path`, uploaded as `filename`, when it is safe to hand to a parser.

    Raises:
        BadFile: too large, empty, neither xlsx nor csv, disguised, encrypted, damaged or hostile.
    """
    size = path.stat().st_size
    if size == 0:
        raise BadFile("文件是空的（0 字节）")
    if size > limits.file_bytes:
        raise BadFile(f"文件过大：{size / MIB:.1f} MB，最多 {limits.file_bytes // MIB} MB，请分成几个文件导入")
    with path.open("rb") as file:
        head = file.read(4096)
    suffix = Path(filename).suffix.lower()
    if suffix == ".xlsx":
        return _checked_xlsx(path, head, limits)
    if suffix == ".csv":
        return _checked_csv(head)
    raise BadFile(_suffix_message(suffix))


def _suffix_message(suffix: str) -> str:
    if suffix in {".xlsm", ".xltm", ".xlam", ".xlsb"}:
        return f"不接受可带宏的 {suffix} 文件，{_SAVE_AS}"
    if suffix in {".xls", ".et", ".ods", ".xltx", ".numbers"}:
        return f"不接受 {suffix} 文件，{_SAVE_AS}"
    if suffix in {".zip", ".rar", ".7z", ".gz"}:
        return "不接受压缩包，请解压后逐个上传 .xlsx 或 .csv 文件"
    return f"只接受 .xlsx 和 .csv 文件，现为“{suffix or '无扩展名'}”"


def _checked_xlsx(path: Path, head: bytes, limits: Limits) -> FileKind:
    if head.startswith(_OLE):
        raise BadFile(_ole_message(path))
    if not head.startswith(b"PK\x03\x04"):
        raise BadFile(_known_magic(head) or _text_message(head))
    check_package(path, limits)
    return FileKind.XLSX


def _ole_message(path: Path) -> str:
    # An encrypted workbook is an old-style container holding one stream of this name, in UTF-16.
    with path.open("rb") as file:
        content = file.read()
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "工作簿设了打开密码（已加密），请去掉密码后再导入"
    return f"这是旧版 Excel（.xls）文件，只是改了扩展名；{_SAVE_AS}"


def _known_magic(head: bytes) -> str | None:
    return next((message for magic, message in _MAGICS if head.startswith(magic)), None)


def _text_message(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        return f"这是网页或 XML 文件，只是扩展名为 .xlsx（常见于网站导出）；{_SAVE_AS}"
    return f"文件内容不是 Excel 工作簿，可能已损坏或改过扩展名；{_SAVE_AS}"


def _checked_csv(head: bytes) -> FileKind:
    if head.startswith((b"PK\x03\x04", _OLE)):
        raise BadFile("这是 Excel 工作簿，扩展名却是 .csv，请把扩展名改回 .xlsx")
    if message := _known_magic(head):
        raise BadFile(message)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<html", b"<!doctype", b"<?xml")):
        raise BadFile("这是网页或 XML 文件，不是 CSV 表格")
    return FileKind.CSV
