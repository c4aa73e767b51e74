"""tools/setup.sh: which Python it takes, when .venv is trusted, what it installs and how it says no."""

import stat
import subprocess

import pytest

from tests.packaging.machine import Machine

APT_LINE = (
    "apt-get update && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates "
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    machine.logged("uv")
    return machine


def in_venv(machine, name):
    return machine.root / ".venv" / name


class TestPython:
    def test_too_old_is_one_sentence(self, machine):
        machine.python("3.9.2")
        done = machine.sh("tools/setup.sh")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "Python 版本不符（找到 3.9.2）：本系统需要 Python 3.11 至 3.14，请安装后重试。\n"
        assert not in_venv(machine, "").exists()

    def test_none_is_one_sentence_with_the_line_for_the_administrator(self, machine):
        done = machine.sh("tools/setup.sh")
        assert done.returncode == 2
        assert done.stderr == f"未找到 Python：本系统需要 Python 3.11 至 3.14，请由管理员执行：{APT_LINE}\n"

    def test_without_venv_says_so(self, machine):
        machine.command("python3", 'case "$2" in *_base_exec*) echo "3.12.3 $0" ;; *ensurepip*) exit 1 ;; esac')
        done = machine.sh("tools/setup.sh")
        assert done.returncode == 2
        assert done.stderr == f"Python 3.12.3 缺少 venv 或 ensurepip，请由管理员执行：{APT_LINE}\n"

    def test_a_shim_that_cannot_run_is_passed_over(self, machine):
        machine.command("python3.14", "exit 127")
        machine.python("3.13.1", "python3.13")
        machine.python("3.9.2", "python3")
        assert machine.sh("tools/setup.sh").returncode == 0

    def test_the_first_with_venv_is_preferred_to_a_newer_one_without(self, machine):
        machine.command("python3.14", 'case "$2" in *_base_exec*) echo "3.14.0 $0" ;; *) exit 1 ;; esac')
        machine.python("3.12.3", "python3.12")
        assert machine.sh("tools/setup.sh").returncode == 0

    def test_an_unknown_kind_is_refused(self, machine):
        done = machine.sh("tools/setup.sh", "everything")
        assert (done.returncode, done.stderr) == (2, "用法：sh tools/setup.sh [runtime|dev]\n")


class TestSystemPackages:
    SHOWS = " [$DEBIAN_FRONTEND $http_proxy $https_proxy $no_proxy]"

    def test_root_installs_once_without_asking_and_with_its_proxies(self, machine):
        machine.command("id", "echo 0")
        machine.logged("apt-get", shows=self.SHOWS)
        machine.sh("tools/setup.sh", HTTP_PROXY="proxy-a", https_proxy="proxy-b", no_proxy="localhost")
        update, install = machine.calls()
        tail = " [noninteractive proxy-a proxy-b localhost]"
        assert update.endswith(" update" + tail)
        assert install.endswith(APT_LINE.rpartition("apt-get ")[2] + tail)

    def test_sudo_is_used_where_it_asks_no_password(self, machine):
        machine.command("sudo", 'case "$1" in -n) shift ;; esac\nSUDO=sudo exec "$@"')
        machine.command("true", "exit 0")
        machine.logged("apt-get", shows=" [$SUDO $DEBIAN_FRONTEND]")
        machine.sh("tools/setup.sh")
        assert [call.rpartition(" [")[2] for call in machine.calls()] == ["sudo noninteractive]"] * 2

    def test_a_sudo_that_wants_a_password_nobody_can_type_is_not_called(self, machine):
        machine.command("sudo", "exit 1")
        machine.logged("apt-get")
        assert APT_LINE in machine.sh("tools/setup.sh").stderr
        assert machine.calls() == []

    def test_the_administrator_may_forbid_it(self, machine):
        machine.command("id", "echo 0")
        machine.logged("apt-get")
        assert APT_LINE in machine.sh("tools/setup.sh", HWRISK_NO_APT="1").stderr
        assert machine.calls() == []

    def test_without_pango_it_goes_on(self, machine):
        machine.python()
        script = (machine.bin / "python3").read_text(encoding="utf-8")
        without = script.replace("exec '", 'case "$2" in *pango*) echo pango-1.0; exit 0 ;; esac\nexec \'')
        machine.command("python3", without.removeprefix("#!/bin/sh\n"))
        done = machine.sh("tools/setup.sh")
        assert done.returncode == 0
        assert "PDF 暂不可用" in done.stderr
        assert APT_LINE in done.stderr


class TestEnvironment:
    def test_what_is_ready_is_left_alone(self, machine):
        machine.python()
        assert machine.sh("tools/setup.sh").returncode == 0
        in_venv(machine, "kept").touch()
        again = machine.sh("tools/setup.sh")
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
        assert in_venv(machine, "kept").exists()
        assert len(machine.calls()) == 1

    @pytest.mark.parametrize("change", ["lock", "stamp lost", "python gone", "python version", "moved"])
    def test_what_does_not_match_its_stamp_is_made_anew(self, machine, change):
        machine.python()
        machine.sh("tools/setup.sh")
        in_venv(machine, "old").touch()
        match change:
            case "lock":
                machine.lock("runtime", "# other pins\n")
            case "stamp lost":
                in_venv(machine, "stamp").unlink()
            case "python gone":
                in_venv(machine, "bin/python").unlink()
            case "python version":
                in_venv(machine, "stamp").write_text("0" * 64, encoding="ascii")
            case "moved":
                machine.root = machine.root.rename(machine.root.parent / "moved")
        assert machine.sh("tools/setup.sh").returncode == 0
        assert not in_venv(machine, "old").exists()
        assert in_venv(machine, "stamp").exists()

    def test_a_half_made_one_is_made_anew(self, machine):
        in_venv(machine, "bin").mkdir(parents=True)
        in_venv(machine, "bin/python").symlink_to("/nowhere")
        machine.python()
        assert machine.sh("tools/setup.sh").returncode == 0
        assert in_venv(machine, "stamp").exists()

    def test_the_tests_add_to_what_the_server_runs_on(self, machine):
        machine.python()
        machine.sh("tools/setup.sh", "runtime")
        in_venv(machine, "kept").touch()
        machine.sh("tools/setup.sh", "dev")
        machine.sh("tools/setup.sh", "runtime")
        assert in_venv(machine, "kept").exists()
        assert [call.split()[-1] for call in machine.calls()] == ["requirements/runtime.lock", "requirements/dev.lock"]

    def test_the_command_is_two_lines_and_runs_from_anywhere(self, machine, tmp_path):
        package = machine.root / "hwrisk"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "cli.py").write_text("import sys\ndef main():\n    print(*sys.argv)\n", encoding="utf-8")
        decoy = tmp_path / "elsewhere"
        (decoy / "hwrisk").mkdir(parents=True)
        (decoy / "hwrisk" / "__init__.py").write_text("raise SystemExit('wrong folder')", encoding="utf-8")
        machine.python()
        machine.sh("tools/setup.sh")
        command = in_venv(machine, "bin/hwrisk")
        assert len(command.read_text(encoding="utf-8").splitlines()) == 2
        assert command.stat().st_mode & stat.S_IXUSR
        done = subprocess.run([command, "up", "演 示"], cwd=decoy, capture_output=True, text=True, check=True)
        assert done.stdout == "hwrisk up 演 示\n"


class TestInstallation:
    def test_only_hashed_wheels(self, machine):
        machine.python()
        machine.sh("tools/setup.sh")
        (call,) = machine.calls()
        assert "--require-hashes --only-binary :all: -r requirements/runtime.lock" in call
        assert "--no-index" not in call

    def test_an_offline_folder_is_the_only_source(self, machine, tmp_path):
        machine.python()
        machine.sh("tools/setup.sh", cwd=tmp_path, HWRISK_WHEELS="wheels")
        (call,) = machine.calls()
        assert f"--no-index -f {tmp_path}/wheels " in call

    def test_pip_where_uv_fails_and_no_stamp_where_both_do(self, machine):
        machine.python()
        machine.logged("uv", answer=1)
        done = machine.sh("tools/setup.sh")
        assert done.returncode == 2
        assert "改用 pip" in done.stderr
        assert "No module named pip" in done.stderr
        assert done.stderr.endswith("安装未完成：请检查网络，或用 HWRISK_WHEELS=目录 指定离线安装包后重试。\n")
        assert not in_venv(machine, "stamp").exists()
