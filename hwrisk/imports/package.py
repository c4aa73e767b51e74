"""The inside of an .xlsx package, judged by its directory alone: nothing is unpacked, nothing parsed as XML."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from pathlib import Path

from hwrisk.errors import BadFile
from hwrisk.imports.limits import MIB, Limits

CONTENT_TYPES = "[Content_Types].xml"
_WORKBOOK = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_OTHER_MAINS = (
    (b"ms-excel.sheet.binary", "这是二进制工作簿（.xlsb），请另存为“Excel 工作簿（*.xlsx）”"),
    (b"macroEnabled", "工作簿带有宏（.xlsm 改了扩展名），请另存为不带宏的“Excel 工作簿（*.xlsx）”"),
    (b"spreadsheetml.template.main", "这是 Excel 模板（.xltx），请另存为“Excel 工作簿（*.xlsx）”"),
    (b"wordprocessingml", "这是 Word 文档，不是 Excel 工作簿"),
    (b"presentationml", "这是 PowerPoint 文件，不是 Excel 工作簿"),
)
_REFUSED_PARTS = (
    ("vbaproject.bin", "工作簿中有宏程序（vbaProject.bin），请另存为不带宏的“Excel 工作簿（*.xlsx）”"),
    ("xl/macrosheets/", "工作簿中有宏表，请删除宏表后再导入"),
    ("xl/activex/", "工作簿中有 ActiveX 控件，请删除控件后再导入"),
    ("xl/embeddings/", "工作簿中嵌入了其他文件（OLE 对象），请删除嵌入对象后再导入"),
    ("xl/externallinks/", "工作簿引用了外部文件（外部链接），请在“数据—编辑链接”中断开链接后再导入"),
    ("xl/connections.xml", "工作簿带有外部数据连接，请删除连接后再导入"),
    ("xl/querytables/", "工作簿带有外部数据查询，请删除查询后再导入"),
)
_SMALL = MIB
_MAX_TYPES_BYTES = MIB
_EOCD = b"PK\x05\x06"
_DAMAGED = "文件已损坏，打不开其中的内容；请用 Excel 或 WPS 打开后重新另存为 .xlsx"
_HOSTILE = "文件结构不正常（{}），不予导入；请把数据复制到空白模板后再导入"


def check_package(path: Path, limits: Limits) -> None:
    """Check that `path` is a plain .xlsx package within `limits`.

    Raises:
        BadFile: damaged, too many or too large members, a zip bomb, doubtful or doubled names, macros, links, not xlsx.
    """
    try:
        with zipfile.ZipFile(path) as package:
            _check_directory(package, path, limits)
            _check_names(package)
            _check_parts(package)
            _check_content_types(package)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error) as failure:
        raise BadFile(_DAMAGED) from failure
    except (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, KeyError) as failure:
        raise BadFile(_DAMAGED) from failure


def _check_directory(package: zipfile.ZipFile, path: Path, limits: Limits) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 70_000))
        if file.read().count(_EOCD) != 1:
            # Two directories: what we check and what the reader reads could be two different workbooks.
            raise BadFile(_HOSTILE.format("有两份目录"))
    members = package.infolist()
    if len(members) > limits.members:
        raise BadFile(f"工作簿内含 {len(members)} 个文件，最多 {limits.members} 个，不予导入")
    if not members or min(member.header_offset for member in members) != 0:
        raise BadFile(_HOSTILE.format("前面夹带了别的内容"))
    if package.comment:
        raise BadFile(_HOSTILE.format("末尾夹带了别的内容"))
    for member in members:
        _check_size(member, limits)
        _check_local_header(package, member)
    total = sum(member.file_size for member in members)
    if total > limits.total_bytes:
        raise BadFile(f"工作簿解开后有 {total // MIB} MB，最多 {limits.total_bytes // MIB} MB，请分成几个文件导入")


def _check_size(member: zipfile.ZipInfo, limits: Limits) -> None:
    if member.flag_bits & 0x1:
        raise BadFile("工作簿内的文件已加密，请去掉密码后再导入")
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BadFile(_HOSTILE.format("压缩方法不是 Excel 所用的"))
    if member.file_size > limits.member_bytes:
        size = member.file_size // MIB
        raise BadFile(f"工作簿内有文件解开后达 {size} MB，最多 {limits.member_bytes // MIB} MB，请分成几个文件导入")
    if member.file_size > _SMALL and member.file_size > limits.ratio * max(member.compress_size, 1):
        ratio = member.file_size // max(member.compress_size, 1)
        raise BadFile(f"工作簿的压缩比异常（{ratio} 倍），疑似压缩炸弹，不予导入")


def _check_local_header(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    # `open` compares the name before the data with the name in the directory; readers differ in which they believe.
    with package.open(member) as data:
        if member.file_size:
            data.read(1)


def _check_names(package: zipfile.ZipFile) -> None:
    seen: set[str] = set()
    for member in package.infolist():
        name = member.orig_filename
        if _is_doubtful(name):
            raise BadFile(_HOSTILE.format("内部文件名含有越界路径或控制字符"))
        folded = name.casefold().lstrip("/")
        if folded in seen:
            raise BadFile(_HOSTILE.format("内部有同名文件"))
        seen.add(folded)


def _is_doubtful(name: str) -> bool:
    parts = name.split("/")
    return (
        name.startswith("/") or "\\" in name or ":" in name or ".." in parts or "." in parts or len(name) > 255
        or any(ord(c) < 32 or ord(c) == 127 for c in name)
    )  # fmt: skip


def _check_parts(package: zipfile.ZipFile) -> None:
    names = [name.casefold() for name in package.namelist()]
    if CONTENT_TYPES.casefold() not in names:
        if "mimetype" in names:
            raise BadFile("这是 OpenDocument 文件（.ods），请另存为“Excel 工作簿（*.xlsx）”")
        raise BadFile("这是普通压缩包，不是 Excel 工作簿；请上传其中的 .xlsx 文件")
    for part, message in _REFUSED_PARTS:
        if any(name == part or name.startswith(part) or name.endswith("/" + part) for name in names):
            raise BadFile(message)


def _check_content_types(package: zipfile.ZipFile) -> None:
    info = next(i for i in package.infolist() if i.filename.casefold() == CONTENT_TYPES.casefold())
    if info.file_size > _MAX_TYPES_BYTES:
        raise BadFile(_HOSTILE.format("内容类型表过大"))
    types = package.read(info)
    for mark, message in _OTHER_MAINS:
        if mark in types:
            raise BadFile(message)
    if len(re.findall(re.escape(_WORKBOOK), types)) != 1:
        raise BadFile(_HOSTILE.format("内容类型不是 Excel 工作簿"))
