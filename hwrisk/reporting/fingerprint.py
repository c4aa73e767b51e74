"""Hashes of files, and the stamp of an export found inside a file."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from hwrisk.reporting.report import Stamp

_STAMP = re.compile(rb"hwrisk-export:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([A-Z2-9]{12})")
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_HEXADECIMAL = re.compile(rb"/Keywords\s*<((?:[0-9A-Fa-f]{2})+)>")
_ABOUT_PART = "docProps/core.xml"
_MOST = 1024 * 1024
"""Bytes looked at of anything packed: a stranger's file may be a bomb."""
_STREAMS = 400


def digest(content: Path | bytes) -> str:
    """Return the SHA-256 of a file or of bytes, in hexadecimal."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp_inside(content: bytes) -> Stamp | None:
    """Return the stamp that a PDF or Excel file carries in its properties, or None."""
    for text in _readable(content):
        if found := _STAMP.search(text) or _STAMP.search(_plain(text)):
            return Stamp(uuid.UUID(found.group(1).decode("ascii")), found.group(2).decode("ascii"))
    return None


def _plain(text: bytes) -> bytes:
    # Another program may write the same string with \055 for a hyphen, in UTF-16, or as hexadecimal digits.
    text = _OCTAL.sub(lambda found: bytes([int(found.group(1), 8)]), text)
    text = _HEXADECIMAL.sub(lambda found: bytes.fromhex(found.group(1).decode("ascii")), text)
    return text.replace(b"\0", b"")


def _readable(content: bytes) -> Iterator[bytes]:
    yield content
    if content.startswith(b"PK"):
        yield from _about_workbook(content)
    elif b"%PDF" in content[:1024]:
        yield from _packed_objects(content)


def _about_workbook(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package, package.open(_ABOUT_PART) as part:
            yield part.read(_MOST)
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error):
        return


def _packed_objects(content: bytes) -> Iterator[bytes]:
    # The properties of a PDF may stand in a packed stream of objects; those carry this type.
    for number, found in enumerate(re.finditer(rb"/ObjStm.{0,200}?stream\r?\n", content, re.DOTALL)):
        if number == _STREAMS:
            return
        try:
            yield zlib.decompressobj().decompress(content[found.end() :], _MOST)
        except zlib.error:
            continue
