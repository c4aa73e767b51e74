"""The wheel carries all the program needs: installed alone in an empty environment, it opens a page."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.packaging.tree import ROOT, project_files

pytestmark = pytest.mark.slow

OPEN_A_PAGE = """
import pathlib, hwrisk
from hwrisk.app import create_app

client = create_app().test_client()
print(pathlib.Path(hwrisk.__file__).parent)
for path in ("/healthz", "/"):
    answer = client.get(path, follow_redirects=True)
    print(path, answer.status_code, answer.request.path)
print(client.get("/", follow_redirects=True).text)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built with the hatchling of this environment: an isolated build would fetch it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The interpreter of an environment that holds the wheel, and sees the dependencies of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    interpreter = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--python", interpreter)
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    site = run(interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    # A folder named in a .pth file has its own .pth files left unread, so the checkout stays out of sight.
    Path(site.strip(), "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return interpreter


def run(*words, cwd, **environ):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HWRISK_", "PYTHON"))}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_carries_every_file_of_the_project(wheel):
    carried = set(zipfile.ZipFile(wheel).namelist())
    for path in project_files():
        if path.parts[0] == "hwrisk":
            assert path.as_posix() in carried
        if path.parts[0] in {"templates", "reports", "seeds", "migrations"}:
            assert f"hwrisk/_bundled/{path.as_posix()}" in carried


def test_it_carries_nothing_else(wheel):
    for name in zipfile.ZipFile(wheel).namelist():
        assert name.startswith("hwrisk"), name
        assert "__pycache__" not in name
        assert not name.endswith((".db", ".log"))


def test_from_an_empty_folder_it_opens_a_page(python, tmp_path):
    empty, home = tmp_path / "empty", tmp_path / "home"
    empty.mkdir()
    command = python.with_name("hwrisk")
    run(command, "db", "upgrade", cwd=empty, HWRISK_HOME=str(home), HOME=str(tmp_path))
    run(command, "seed", cwd=empty, HWRISK_HOME=str(home), HOME=str(tmp_path))
    shown = run(python, "-c", OPEN_A_PAGE, cwd=empty, HWRISK_HOME=str(home), HOME=str(tmp_path))
    # What the server logs stands between the lines that are ours.
    package, *others = [line for line in shown.splitlines() if "[info" not in line]
    health, page, *html = others
    assert package.startswith(str(python.parents[1]))
    assert health == "/healthz 200 /healthz"
    assert page.startswith("/ 200 /")
    assert "登录" in "\n".join(html)
    assert list(empty.iterdir()) == []
