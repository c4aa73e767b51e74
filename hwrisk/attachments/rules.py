"""What a file is, told by its content, and what it may be called."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hwrisk.errors import BadFile

HEAD_BYTES = 4096
TAIL_BYTES = 65_557
"""An end-of-directory record with the longest comment a zip file may have."""
MAX_DIRECTORY_BYTES = 2 * 1024 * 1024
"""A larger list of members is no document: reading it would take hundreds of megabytes."""
MAX_NAME = 120
DEFAULT_STEM = "附件"

ALLOWED_TEXT = "可上传：PDF、OFD、图片（JPG、PNG、WEBP、HEIC、TIFF）、Word、Excel、PPT、WPS 文档、DWG、MP4、TXT、CSV"


@dataclass(frozen=True)
class MediaType:
    """A kind of file that is taken (允许的文件类型)."""

    name: str
    """Media type as it is sent with the file."""
    suffixes: tuple[str, ...]
    """Endings its name may have; the first is given where the name has another."""
    may_show: bool = False
    """Whether a browser may show it in the page's place; others are saved."""


PDF = MediaType("application/pdf", (".pdf",), may_show=True)
JPEG = MediaType("image/jpeg", (".jpg", ".jpeg"), may_show=True)
PNG = MediaType("image/png", (".png",), may_show=True)
WEBP = MediaType("image/webp", (".webp",), may_show=True)
TIFF = MediaType("image/tiff", (".tif", ".tiff"))
HEIC = MediaType("image/heic", (".heic", ".heif"))
MP4 = MediaType("video/mp4", (".mp4", ".m4v"))
DWG = MediaType("image/vnd.dwg", (".dwg",))
TEXT = MediaType("text/plain", (".txt", ".csv"))
OFD = MediaType("application/ofd", (".ofd",))
OLE = MediaType("application/x-ole-storage", (".doc", ".xls", ".ppt", ".wps", ".et", ".dps"))
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = MediaType(f"{_OFFICE}.wordprocessingml.document", (".docx",))
XLSX = MediaType(f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",))
PPTX = MediaType(f"{_OFFICE}.presentationml.presentation", (".pptx",))

MEDIA_TYPES = (PDF, JPEG, PNG, WEBP, TIFF, HEIC, MP4, DWG, TEXT, OFD, OLE, DOCX, XLSX, PPTX)

_SIGNATURES = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"AC10", DWG),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
)
_BRANDS = {
    b"heic": HEIC, b"heix": HEIC, b"mif1": HEIC, b"hevc": HEIC, b"isom": MP4, b"iso2": MP4, b"mp41": MP4, b"mp42": MP4,
    b"avc1": MP4, b"M4V ": MP4,
}  # fmt: skip
_PACKAGES = (("OFD.xml", OFD), ("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX))
_FORBIDDEN_SIGNS = '<>:"|?*'
_LIVE_TEXT = (b"<", b"#!", b"%!")


def media_type_of(path: Path) -> MediaType:
    """Return what the file at `path` is by its content.

    Raises:
        BadFile: it is of no kind that is taken, damaged, or carries macros.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise BadFile("附件是空文件，请检查后重新上传")
    for signature, media in _SIGNATURES:
        if head.startswith(signature):
            return media
    if head[4:8] == b"ftyp" and (media_or_none := _BRANDS.get(head[8:12])):
        return media_or_none
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK\x03\x04"):
        return _package_type(path)
    if _is_plain_text(path, head):
        return TEXT
    raise BadFile(f"不支持这种文件。{ALLOWED_TEXT}")


def _package_type(path: Path) -> MediaType:
    names = _member_names(path)
    if any(PurePosixPath(name).name.lower() == "vbaproject.bin" for name in names):
        raise BadFile("文件带有宏，为安全起见不予接收，请另存为不带宏的文件后重新上传")
    for marker, media in _PACKAGES:
        if marker in names:
            return media
    raise BadFile("不接收压缩包，请解压后逐个上传")


def _member_names(path: Path) -> set[str]:
    damaged = BadFile("文件已损坏，无法识别，请重新导出或扫描后上传")
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - TAIL_BYTES))
        tail = file.read()
    sizes = [
        struct.unpack_from("<L", tail, place + 12)[0]
        for place in _places(tail, b"PK\x05\x06")
        if place + 16 <= len(tail)
    ]
    # Whichever record the reader takes for the last one, its list of members is short enough to be read.
    if not sizes or max(sizes) > MAX_DIRECTORY_BYTES:
        raise damaged
    try:
        with zipfile.ZipFile(path) as package:
            return set(package.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error) as failure:
        raise damaged from failure


def _places(data: bytes, mark: bytes) -> list[int]:
    found, place = [], data.find(mark)
    while place >= 0:
        found.append(place)
        place = data.find(mark, place + 1)
    return found


def _is_plain_text(path: Path, head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_LIVE_TEXT):
        # Pages, drawings and scripts are text too, but a browser or a shell would run them.
        return False
    data = path.read_bytes()
    if any(byte < 0x20 and byte not in b"\t\r\n\f" for byte in set(data)):
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def clean_name(name: str, media: MediaType) -> str:
    """Return `name` as it is kept: no folders, no invisible signs, not too long, ending as its content demands."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = " ".join("".join(map(_kept_sign, last)).split()).strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    ending = f".{suffix.lower()}" if dot else ""
    if ending in media.suffixes:
        kept = stem
    else:
        # The name says something else than the content: what it is stands last, where systems look.
        ending = media.suffixes[0]
    return (kept.strip(". ")[:MAX_NAME] or DEFAULT_STEM) + ending


def _kept_sign(sign: str) -> str:
    if sign in _FORBIDDEN_SIGNS:
        return "_"
    # Controls, and signs that turn the reading direction so that exe.pdf shows for fdp.exe.
    if unicodedata.category(sign).startswith("C"):
        return ""
    return sign
