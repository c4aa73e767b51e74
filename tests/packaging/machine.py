"""A make-believe machine for the scripts of tools/: a checkout and a PATH that holds only what a test puts there."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
COMMANDS = ("sh", "env", "cat", "dirname", "grep", "rm", "sed", "flock", "mkdir")

# Says what version it is, and makes environments without pip, which takes a tenth of the time.
PYTHON = """case "$2" in *_base_executable*) echo "{version} $0"; exit 0 ;; esac
if [ "$*" = "-m venv .venv" ]; then set -- -m venv --without-pip .venv; fi
exec '{python}' "$@"
"""


class Machine:
    """A folder with a checkout of the scripts, and the commands that can be called there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "危废 系统"
        self.bin = folder / "bin"
        self.log = folder / "calls.log"
        shutil.copytree(ROOT / "tools", self.root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        (self.root / "requirements").mkdir()
        for kind in ("runtime", "dev"):
            self.lock(kind, f"# {kind}\n")
        self.bin.mkdir()
        for name in COMMANDS:
            if path := shutil.which(name):
                (self.bin / name).symlink_to(path)
        self.command("id", "echo 1000")

    def lock(self, kind: str, text: str) -> None:
        (self.root / "requirements" / f"{kind}.lock").write_text(text, encoding="utf-8")

    def command(self, name: str, script: str, *, folder: Path | None = None) -> None:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def logged(self, name: str, *, shows: str = "", answer: int = 0, folder: Path | None = None) -> None:
        """Add a command that writes its arguments (and the shell words `shows`) to the log and exits with `answer`."""
        self.command(name, f"echo \"{name} $*{shows}\" >>'{self.log}'\nexit {answer}", folder=folder)

    def python(self, version: str = "3.11.9", name: str = "python3") -> None:
        self.command(name, PYTHON.format(version=version, python=BASE_PYTHON))

    def sh(self, *words: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the checkout; only PATH, HOME and `environ` are set."""
        return subprocess.run(
            [str(self.bin / "sh"), str(self.root / words[0]), *words[1:]],
            cwd=cwd or self.root.parent,
            env={"PATH": str(self.bin), "HOME": str(self.root.parent), **environ},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
