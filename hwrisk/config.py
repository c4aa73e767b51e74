"""Settings: one frozen dataclass, read from the environment once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from filelock import FileLock

from hwrisk.errors import SetupError
from hwrisk.resources import checkout_dir

MIB = 1024 * 1024
SECRET_BYTES = 32
MIN_SECRET_LENGTH = 16
MOST_DIGITS = 9
LOG_LEVELS = ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set from outside; each field is the variable HWRISK_<NAME>."""

    home: Path
    """Folder of the database, attachments, exports, backups, logs and secrets (HWRISK_HOME)."""
    database_url: str
    """Database address (HWRISK_DATABASE_URL); by default one SQLite file in `home`."""
    secret_key: str = field(repr=False)
    """Key that signs cookies (HWRISK_SECRET_KEY); made and kept in `home` on one machine, required with PostgreSQL."""
    secure_cookies: bool = False
    """Send cookies over HTTPS only (HWRISK_SECURE_COOKIES=1); set it behind TLS."""
    trusted_proxies: int = 0
    """How many reverse proxies in front may be believed for the client's address (HWRISK_TRUSTED_PROXIES)."""
    session_hours: int = 12
    """Hours after which an unused sign-in ends (HWRISK_SESSION_HOURS)."""
    upload_mib: int = 30
    """Largest upload in MiB (HWRISK_UPLOAD_MIB)."""
    lock_timeout_s: float = 10.0
    """Seconds a writer waits for the write lock of SQLite before it says busy (HWRISK_LOCK_TIMEOUT_S)."""
    inline_task_rows: int = 2000
    """Exports up to this many rows are made at once, larger ones by the task worker (HWRISK_INLINE_TASK_ROWS)."""
    log_level: str = "INFO"
    """Least level that is logged (HWRISK_LOG_LEVEL)."""
    child_memory_mib: int = 1500
    """Memory limit of the child processes that read uploads and render PDFs (HWRISK_CHILD_MEMORY_MIB)."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def exports_dir(self) -> Path:
        """Folder of produced files."""
        return self.home / "exports"

    @property
    def attachments_dir(self) -> Path:
        """Folder of attachments, by SHA-256."""
        return self.home / "attachments"

    @property
    def log_dir(self) -> Path:
        """Folder of the log files."""
        return self.home / "logs"


def default_home(environ: Mapping[str, str]) -> Path:
    """Return HWRISK_HOME, else `var/` of the checkout, else a system or user folder; never the working directory."""
    if given := environ.get("HWRISK_HOME"):
        return Path(given).expanduser().resolve()
    if checkout := checkout_dir():
        return checkout / "var"
    if os.geteuid() == 0:
        return Path("/var/lib/hwrisk")
    return Path.home() / ".local/share/hwrisk"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from `environ`.

    Raises:
        SetupError: a value has the wrong form, or PostgreSQL is used without HWRISK_SECRET_KEY.
    """
    home = default_home(environ)
    url = _database_url(environ, home)
    return Settings(
        home=home,
        database_url=url,
        secret_key=_secret(environ, home, is_sqlite=url.startswith("sqlite")),
        secure_cookies=_one_of(environ, "HWRISK_SECURE_COOKIES", ("0", "1")) == "1",
        trusted_proxies=_whole(environ, "HWRISK_TRUSTED_PROXIES", 0),
        session_hours=_whole(environ, "HWRISK_SESSION_HOURS", 12, least=1),
        upload_mib=_whole(environ, "HWRISK_UPLOAD_MIB", 30, least=1),
        lock_timeout_s=float(_whole(environ, "HWRISK_LOCK_TIMEOUT_S", 10)),
        inline_task_rows=_whole(environ, "HWRISK_INLINE_TASK_ROWS", 2000),
        log_level=_one_of(environ, "HWRISK_LOG_LEVEL", LOG_LEVELS),
        child_memory_mib=_whole(environ, "HWRISK_CHILD_MEMORY_MIB", 1500, least=1),
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read from the environment at the first call."""
    return read_settings(os.environ)


def _database_url(environ: Mapping[str, str], home: Path) -> str:
    given = environ.get("HWRISK_DATABASE_URL", "").strip()
    if not given:
        return f"sqlite:///{home / 'hwrisk.db'}"
    if given.startswith("postgresql://"):
        given = "postgresql+psycopg://" + given.removeprefix("postgresql://")
    if not given.startswith(("sqlite:///", "postgresql+psycopg://")):
        # What stands there may hold a password: it is not repeated.
        raise SetupError("环境变量 HWRISK_DATABASE_URL 应以 sqlite:/// 或 postgresql:// 开头，请改正后重新启动")
    return given


def _one_of(environ: Mapping[str, str], name: str, allowed: Sequence[str]) -> str:
    """Return the value of `name`, by default the first allowed one."""
    text = environ.get(name, "").strip().upper() or allowed[0]
    if text not in allowed:
        raise SetupError(f"环境变量 {name} 只能是 {'、'.join(allowed)}，现为“{text}”，请改正后重新启动")
    return text


def _whole(environ: Mapping[str, str], name: str, default: int, *, least: int = 0) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) >= least):
        raise SetupError(f"环境变量 {name} 应为不小于 {least} 的整数，现为“{text}”，请改正后重新启动")
    return int(text)


def _secret(environ: Mapping[str, str], home: Path, *, is_sqlite: bool) -> str:
    given = environ.get("HWRISK_SECRET_KEY", "")
    if given:
        if len(given) < MIN_SECRET_LENGTH:
            raise SetupError(f"环境变量 HWRISK_SECRET_KEY 太短，至少 {MIN_SECRET_LENGTH} 个字符")
        return given
    if not is_sqlite:
        # Several machines share one PostgreSQL: a key made on each would sign everybody out at every request.
        raise SetupError("使用 PostgreSQL 时必须设置环境变量 HWRISK_SECRET_KEY（各进程相同），未设置不予启动")
    return _kept_secret(home / "secrets" / "secret_key")


def _kept_secret(path: Path) -> str:
    try:
        kept = _read_or_make_secret(path)
    except OSError as failure:
        raise SetupError(
            f"密钥文件 {path} 无法读写（{failure.strerror}），请检查数据目录（HWRISK_HOME）的权限"
        ) from failure
    if len(kept) < MIN_SECRET_LENGTH:
        raise SetupError(f"密钥文件 {path} 内容不完整，请删除后重新启动，系统会重新生成（已登录的人员需重新登录）")
    return kept


def _read_or_make_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Web and scheduler start together: whoever comes second must not read a key that is half written.
    with FileLock(path.with_name("lock")):
        if path.is_file():
            return path.read_text(encoding="ascii").strip()
        made = secrets.token_hex(SECRET_BYTES)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(made)
        return made
