"""tools/run, tools/demo and tools/test: what they call, in which order, and what they keep away from the tests."""

import os
import shutil
import subprocess

import pytest

from tests.packaging.machine import ROOT, Machine

SCRIPTS = sorted(path for path in (ROOT / "tools").iterdir() if path.suffix in {"", ".sh"} and path.is_file())


@pytest.fixture
def machine(tmp_path):
    """A machine whose set-up is done: every tool only writes down that it was called."""
    machine = Machine(tmp_path)
    machine.command("setup.sh", f"echo \"setup $*\" >>'{machine.log}'", folder=machine.root / "tools")
    for name in ("ruff", "mypy", "lint-imports", "hwrisk"):
        machine.logged(name, folder=machine.root / ".venv/bin")
    machine.logged("pytest", shows=" [${HWRISK_HOME-}]", folder=machine.root / ".venv/bin")
    return machine


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
@pytest.mark.parametrize("shell", [name for name in ("sh", "dash", "bash") if shutil.which(name)])
def test_every_script_is_well_formed(script, shell):
    assert subprocess.run([shell, "-n", script], check=False, capture_output=True).stderr == b""


def test_run_sets_up_then_starts_the_demo(machine):
    assert machine.sh("tools/run", "--port", "8001").returncode == 0
    assert machine.calls() == ["setup runtime", "hwrisk up --demo --port 8001"]


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
