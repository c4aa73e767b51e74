"""The files of the project, as a commit would hold them."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "var", "dist", "build", "__pycache__", "node_modules"}


def project_files() -> list[Path]:
    """Return the files of the project, relative to its folder: by git, or without it by leaving out what is made."""
    if (ROOT / ".git").exists() and (git := shutil.which("git")):
        listed = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        if listed.returncode == 0:
            names = listed.stdout.decode("utf-8").split("\0")
            return [Path(name) for name in names if name and (ROOT / name).is_file()]
    files = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [path for path in files if not NOT_OURS & set(path.parts) and not path.parts[0].endswith("_cache")]
