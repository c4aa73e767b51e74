"""tools/run, tools/demo and tools/test: what they call, in which order, and what they keep away from the tests."""

import http.server
import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager

import pytest

from tests.packaging.machine import BASE_PYTHON, ROOT, Machine

SCRIPTS = sorted(path for path in (ROOT / "tools").iterdir() if path.suffix in {"", ".sh"} and path.is_file())


@pytest.fixture
def machine(tmp_path):
    """A machine whose set-up is done: every tool only writes down that it was called."""
    machine = Machine(tmp_path)
    machine.command("setup.sh", f"echo \"setup $*\" >>'{machine.log}'", folder=machine.root / "tools")
    for name in ("ruff", "mypy", "lint-imports", "hwrisk"):
        machine.logged(name, folder=machine.root / ".venv/bin")
    machine.logged("pytest", shows=" [${HWRISK_HOME-}]", folder=machine.root / ".venv/bin")
    (machine.root / ".venv/bin/python").symlink_to(BASE_PYTHON)
    return machine


@pytest.fixture
def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


@contextmanager
def page_served(html, *, status=200):
    """Serve one page on a port of this machine, and give that port."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
@pytest.mark.parametrize("shell", [name for name in ("sh", "dash", "bash") if shutil.which(name)])
def test_every_script_is_well_formed(script, shell):
    assert subprocess.run([shell, "-n", script], check=False, capture_output=True).stderr == b""


def test_run_sets_up_then_starts_the_demo(machine, free_port):
    assert machine.sh("tools/run", "--port", str(free_port)).returncode == 0
    assert machine.calls() == ["setup runtime", f"hwrisk up --demo --port {free_port}"]


@pytest.mark.parametrize("status", [200, 503])
def test_a_second_start_says_where_the_first_one_runs(machine, status):
    with page_served("<h1>危险废物与化工园区环境风险管理系统</h1>", status=status) as port:
        done = machine.sh("tools/run", f"--port={port}")
    assert (done.returncode, done.stdout) == (0, f"系统已在运行：http://127.0.0.1:{port} ，无需再次启动。\n")
    assert machine.calls() == ["setup runtime"]


def test_a_port_taken_by_another_program_is_one_sentence(machine):
    with page_served("something else") as port:
        done = machine.sh("tools/run", "--port", str(port))
    assert done.returncode == 2
    assert done.stdout.startswith(f"端口 {port} 已被其他程序占用")
    assert len(done.stdout.splitlines()) == 1
    assert machine.calls() == ["setup runtime"]


def test_a_port_that_answers_nothing_is_taken_too(machine):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        done = machine.sh("tools/run", "--port", str(server.getsockname()[1]))
    assert done.returncode == 2


def test_demo_serves_nothing(machine):
    assert machine.sh("tools/demo").returncode == 0
    assert machine.calls() == ["setup runtime", "hwrisk up --demo --no-serve"]


def test_ci_calls_make_test_and_nothing_else():
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == ["set -e", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "make test"]
    assert os.access(ROOT / ".ci/run", os.X_OK)


class TestTest:
    CHECKS = ("setup dev", "ruff format --check .", "ruff check .", "mypy ", "lint-imports --no-logo")

    def test_checks_then_the_whole_suite_with_the_browser(self, machine):
        machine.command("chromium", "exit 0")
        done = machine.sh("tools/test")
        assert done.returncode == 0
        assert tuple(machine.calls()) == (*self.CHECKS, "pytest -n 2 --durations=15 []")
        assert done.stdout.splitlines()[-1] == f"浏览器测试：已运行（{machine.bin}/chromium）"

    def test_no_browser_is_a_failure(self, machine):
        done = machine.sh("tools/test")
        assert done.returncode == 2
        assert "未找到浏览器" in done.stderr
        assert tuple(machine.calls()) == self.CHECKS

    def test_a_command_that_is_no_browser_is_not_taken(self, machine):
        machine.command("chromium-browser", "echo 'requires the snap'; exit 1")
        assert machine.sh("tools/test").returncode == 2

    def test_no_browser_by_choice_is_said_in_the_last_line(self, machine):
        done = machine.sh("tools/test", HWRISK_NO_BROWSER="1")
        assert done.returncode == 0
        assert machine.calls()[-1] == "pytest -n 2 --durations=15 -m not browser []"
        assert done.stdout.splitlines()[-1] == "浏览器测试：未运行（HWRISK_NO_BROWSER=1）"

    def test_a_failing_check_stops_it(self, machine):
        machine.logged("mypy", answer=1, folder=machine.root / ".venv/bin")
        assert machine.sh("tools/test", HWRISK_NO_BROWSER="1").returncode == 1
        assert tuple(machine.calls()) == self.CHECKS[:4]

    def test_failing_tests_fail_it_and_the_last_line_still_comes(self, machine):
        machine.logged("pytest", answer=1, folder=machine.root / ".venv/bin")
        done = machine.sh("tools/test", HWRISK_NO_BROWSER="1")
        assert done.returncode == 1
        assert done.stdout.splitlines()[-1].startswith("浏览器测试：")

    def test_the_quick_part_runs_no_tests(self, machine):
        assert machine.sh("tools/test", "--quick").returncode == 0
        assert tuple(machine.calls()) == self.CHECKS

    def test_trust_asks_for_many_more_cases(self, machine):
        machine.sh("tools/test", "--trust", HWRISK_NO_BROWSER="1")
        assert "--hypothesis-profile=trust" in machine.calls()[-1]

    def test_the_settings_of_an_installation_do_not_reach_the_tests(self, machine):
        machine.sh(
            "tools/test", HWRISK_NO_BROWSER="1", HWRISK_HOME="/srv/real", HWRISK_DATABASE_URL="postgresql://real"
        )
        assert machine.calls()[-1].endswith(" []")
