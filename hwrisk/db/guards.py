"""Places where an embedded database must not lie."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from hwrisk.config import Settings
from hwrisk.errors import SetupError

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "glusterfs", "ceph"}
)
MOUNTS = Path("/proc/mounts")


def file_system_of(path: Path, mounts: Path | None = None) -> str:
    """Return the kind of file system `path` lies on, or an empty string where that cannot be told."""
    mounts = mounts or MOUNTS
    if not mounts.is_file():
        return ""
    resolved, best, kind = path.resolve(), "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        match line.split(" "):
            case [_, mounted_at, found, *_]:
                # The kernel writes blanks in names as octal.
                point = mounted_at.replace("\\040", " ")
                if resolved.is_relative_to(point) and len(point) >= len(best):
                    best, kind = point, found
    return kind


def refuse_unsafe_place(settings: Settings, mounts: Path | None = None) -> None:
    """Refuse SQLite on a network file system, whose locks lose data.

    Raises:
        SetupError: the data folder or the database file lies on one.
    """
    if not settings.is_sqlite:
        return
    database = make_url(settings.database_url).database
    for place in (settings.home, Path(database or settings.home)):
        if (kind := file_system_of(place, mounts)) in NETWORK_FILE_SYSTEMS:
            raise SetupError(
                f"{place} 在网络文件系统（{kind}）上，SQLite 会损坏数据；"
                "请用环境变量 HWRISK_HOME 改到本机磁盘，或改用 PostgreSQL"
            )
