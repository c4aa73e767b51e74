"""Uploaded files while their import is open: one private file per batch, outside the web root."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from pathlib import Path

from hwrisk.config import settings
from hwrisk.errors import BadFile

CHUNK = 1 << 20


def spool_dir() -> Path:
    """Return the folder of uploaded files, made private when it is not there."""
    folder = settings().home / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def spooled(folder: Path, public_id: uuid.UUID) -> Path:
    """Return the path of the file of a batch; the name given by the user is never part of a path."""
    return folder / f"{public_id.hex}.upload"


def keep(folder: Path, public_id: uuid.UUID, path: Path) -> None:
    """Copy the file at `path` into the spool."""
    target = spooled(folder, public_id)
    target.touch(mode=0o600)
    shutil.copyfile(path, target)


def drop(folder: Path, public_id: uuid.UUID) -> None:
    """Remove the file of a batch, if it is there."""
    spooled(folder, public_id).unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Raises:
        BadFile: the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
    except OSError as failure:
        raise BadFile("文件读不出来，请重新上传") from failure
    return digest.hexdigest()
