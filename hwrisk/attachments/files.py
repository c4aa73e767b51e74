"""Files on disk, by the SHA-256 of their content, outside the web root."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from filelock import FileLock

from hwrisk.attachments.rules import MEDIA_TYPES, MediaType, clean_name, media_type_of
from hwrisk.errors import BadFile, DatabaseBusy

CHUNK = 256 * 1024
MIB = 1024 * 1024
INCOMING = "incoming"
LOCK_SECONDS = 10.0
NOT_WRITABLE = "附件目录暂不可写（磁盘已满、只读或无权限），文件未保存，请联系系统管理员后重试"


class StoredFile(NamedTuple):
    """A file that lies in the store and belongs to nothing yet; what is attached to nothing is swept after a day."""

    sha256: str
    size: int
    media: MediaType
    file_name: str


def store(
    stream: BinaryIO,
    *,
    file_name: str,
    directory: Path,
    max_bytes: int,
    allowed: tuple[MediaType, ...] = MEDIA_TYPES,
) -> StoredFile:
    """Store the content of `stream` under its SHA-256 and return what it is; the same content is kept once.

    Called before the unit of work, so that no transaction waits for an upload. The file appears whole or not at all.

    Raises:
        BadFile: empty, too large, damaged, or not of an allowed kind; nothing is kept.
        DatabaseBusy: the folder cannot be written.
    """
    with _writing(), _temporary(directory) as temporary:
        sha256, size = _receive(stream, temporary, max_bytes)
        media = media_type_of(temporary)
        if media not in allowed:
            endings = "、".join(media.suffixes[0] for media in allowed)
            raise BadFile(f"这里只接收 {endings} 文件，请转换后重新上传")
        _put(temporary, place_of(directory, sha256), size)
    return StoredFile(sha256, size, media, clean_name(file_name, media))


def place_of(directory: Path, sha256: str) -> Path:
    """Return where the content with this SHA-256 lies."""
    return directory / sha256[:2] / sha256


def lock_of(directory: Path) -> FileLock:
    """Return the lock under which files appear and vanish, so that none is swept while it is stored again."""
    return FileLock(str(directory / ".lock"), timeout=LOCK_SECONDS)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of the file at `path`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise DatabaseBusy(NOT_WRITABLE) from failure


@contextlib.contextmanager
def _temporary(directory: Path) -> Iterator[Path]:
    folder = directory / INCOMING
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / secrets.token_hex(16)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _receive(stream: BinaryIO, path: Path, max_bytes: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise BadFile(f"附件超过 {max_bytes // MIB} MB 的上限，请压缩图片或拆分后重新上传")
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _put(temporary: Path, place: Path, size: int) -> None:
    place.parent.mkdir(exist_ok=True, mode=0o700)
    with lock_of(place.parent.parent):
        if place.is_file() and place.stat().st_size == size:
            # Young again: the sweep leaves it alone until its new row is there.
            os.utime(place)
            return
        temporary.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
