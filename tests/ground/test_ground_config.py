"""Settings and places: every wrong value is refused in Chinese, secrets are private, nothing depends on the cwd."""

from __future__ import annotations

import re
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from hwrisk import config, resources
from hwrisk.config import Settings, default_home, read_settings
from hwrisk.db.guards import file_system_of, refuse_unsafe_place
from hwrisk.errors import SetupError
from tests.conftest import make_settings

POSTGRES = "postgresql://somebody@localhost/hwrisk"


def read(home: Path, **environ: str) -> Settings:
    return read_settings({"HWRISK_HOME": str(home), **environ})


def test_defaults_lie_in_the_home(tmp_path: Path) -> None:
    made = read(tmp_path)
    assert made.home == tmp_path
    assert made.database_url == f"sqlite:///{tmp_path / 'hwrisk.db'}"
    assert made.is_sqlite
    assert {made.exports_dir, made.attachments_dir, made.log_dir} == {
        tmp_path / "exports", tmp_path / "attachments", tmp_path / "logs",
    }  # fmt: skip
    assert not made.secure_cookies


@pytest.mark.parametrize(
    ("name", "value", "field", "wanted"),
    [
        ("HWRISK_SECURE_COOKIES", "1", "secure_cookies", True),
        ("HWRISK_TRUSTED_PROXIES", "2", "trusted_proxies", 2),
        ("HWRISK_SESSION_HOURS", " 8 ", "session_hours", 8),
        ("HWRISK_UPLOAD_MIB", "", "upload_mib", 30),
        ("HWRISK_LOCK_TIMEOUT_S", "3", "lock_timeout_s", 3.0),
        ("HWRISK_INLINE_TASK_ROWS", "0", "inline_task_rows", 0),
        ("HWRISK_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("HWRISK_CHILD_MEMORY_MIB", "900", "child_memory_mib", 900),
        ("HWRISK_DATABASE_URL", "sqlite:////srv/other.db", "database_url", "sqlite:////srv/other.db"),
    ],
)
def test_each_setting_is_read(tmp_path: Path, name: str, value: str, field: str, wanted: object) -> None:
    assert getattr(read(tmp_path, **{name: value}), field) == wanted


def test_every_setting_names_its_variable() -> None:
    source = Path(config.__file__).read_text(encoding="utf-8")
    for field in fields(Settings):
        assert f"HWRISK_{field.name.upper()}" in source, field.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HWRISK_TRUSTED_PROXIES", "-1"), ("HWRISK_SESSION_HOURS", "12h"), ("HWRISK_UPLOAD_MIB", "1.5"),
        ("HWRISK_LOCK_TIMEOUT_S", "٣"), ("HWRISK_INLINE_TASK_ROWS", "1_000"), ("HWRISK_CHILD_MEMORY_MIB", "NaN"),
        ("HWRISK_SECURE_COOKIES", "maybe"), ("HWRISK_LOG_LEVEL", "loud"), ("HWRISK_SECRET_KEY", "short"),
        ("HWRISK_DATABASE_URL", "what is this"), ("HWRISK_DATABASE_URL", "mysql://root@localhost/x"),
        ("HWRISK_SESSION_HOURS", "9" * 30), ("HWRISK_SESSION_HOURS", "0"), ("HWRISK_UPLOAD_MIB", "0"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SetupError) as refused:
        read(tmp_path, **{name: value})
    assert name in refused.value.message
    assert re.search("[一-鿿]", refused.value.message)


def test_a_password_in_the_address_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as refused:
        read(tmp_path, HWRISK_DATABASE_URL="mysql://root:geheim@localhost/x")
    assert "geheim" not in refused.value.message
    assert "geheim" not in repr(read(tmp_path, HWRISK_SECRET_KEY="geheim" * 4))


@pytest.mark.parametrize("url", [POSTGRES, POSTGRES.replace("postgresql://", "postgresql+psycopg://")])
def test_postgresql_without_a_secret_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SetupError, match="HWRISK_SECRET_KEY"):
        read(tmp_path, HWRISK_DATABASE_URL=url)
    made = read(tmp_path, HWRISK_DATABASE_URL=url, HWRISK_SECRET_KEY="0123456789abcdef")
    assert made.database_url.startswith("postgresql+psycopg://")
    assert not made.is_sqlite
    assert not (tmp_path / "secrets").exists()


class TestSecret:
    def test_it_is_made_once_and_private(self, tmp_path: Path) -> None:
        first, again = read(tmp_path), read(tmp_path)
        path = tmp_path / "secrets" / "secret_key"
        assert first.secret_key == again.secret_key == path.read_text(encoding="ascii")
        assert len(first.secret_key) == 64
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_two_places_have_two_secrets(self, tmp_path: Path) -> None:
        assert read(tmp_path / "a").secret_key != read(tmp_path / "b").secret_key

    def test_an_empty_file_is_not_a_secret(self, tmp_path: Path) -> None:
        path = tmp_path / "secrets" / "secret_key"
        path.parent.mkdir()
        path.touch()
        with pytest.raises(SetupError, match="secret_key"):
            read(tmp_path)

    def test_a_place_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(SetupError, match="HWRISK_HOME"):
            read(tmp_path / "file" / "home")


class TestPlaces:
    def test_home_is_the_environment_first(self, tmp_path: Path) -> None:
        assert default_home({"HWRISK_HOME": str(tmp_path)}) == tmp_path

    def test_beside_a_checkout_it_is_var(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        root = resources.checkout_dir()
        assert root is not None
        assert default_home({}) == root / "var"

    def test_installed_it_is_a_system_or_user_folder(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(config, "checkout_dir", lambda: None)
        monkeypatch.setattr(config.os, "geteuid", lambda: 0)
        assert default_home({}) == Path("/var/lib/hwrisk")
        monkeypatch.setattr(config.os, "geteuid", lambda: 1000)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert default_home({}) == tmp_path / ".local/share/hwrisk"

    @pytest.mark.parametrize("name", ["templates", "reports", "seeds", "migrations"])
    def test_resources_are_found_from_anywhere(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert resources.resource_dir(name).is_dir()  # type: ignore[arg-type]

    def test_the_wheel_comes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bundled = tmp_path / "hwrisk" / "_bundled" / "seeds"
        bundled.mkdir(parents=True)
        monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "hwrisk")
        assert resources.resource_dir("seeds") == bundled
        assert resources.resource_dir("templates") == tmp_path / "templates"
        assert resources.checkout_dir() is None


class TestNetworkFileSystems:
    @pytest.fixture
    def mounts(self, tmp_path: Path) -> Path:
        lines = (
            "/dev/vda1 / ext4 rw 0 0",
            "server:/export /mnt nfs4 rw,vers=4.2 0 0",
            "/dev/vdb1 /mnt/disk xfs rw 0 0",
            r"//server/share /srv/two\040words cifs rw 0 0",
            "broken line",
            "",
        )
        path = tmp_path / "mounts"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    @pytest.mark.parametrize(
        ("place", "kind"),
        [
            ("/home/somebody", "ext4"), ("/mnt", "nfs4"), ("/mnt/data/hwrisk", "nfs4"), ("/mnt/disk/hwrisk", "xfs"),
            ("/mnt2", "ext4"), ("/srv/two words/hwrisk", "cifs"),
        ],
    )  # fmt: skip
    def test_the_longest_mount_point_decides(self, mounts: Path, place: str, kind: str) -> None:
        assert file_system_of(Path(place), mounts) == kind

    def test_without_the_table_nothing_is_known(self, tmp_path: Path) -> None:
        assert file_system_of(tmp_path, tmp_path / "missing") == ""

    def test_sqlite_on_one_is_refused(self, mounts: Path) -> None:
        with pytest.raises(SetupError, match=r"nfs4.*HWRISK_HOME"):
            refuse_unsafe_place(make_settings(Path("/mnt/hwrisk")), mounts)
        refuse_unsafe_place(make_settings(Path("/mnt/disk/hwrisk")), mounts)

    def test_the_database_file_counts_wherever_the_home_is(self, mounts: Path) -> None:
        settings = make_settings(Path("/home/x"), database_url="sqlite:////mnt/hwrisk.db")
        with pytest.raises(SetupError, match="nfs4"):
            refuse_unsafe_place(settings, mounts)

    def test_postgresql_may_have_its_files_anywhere(self, mounts: Path) -> None:
        settings = make_settings(Path("/mnt/hwrisk"), database_url="postgresql+psycopg://x@localhost/hwrisk")
        refuse_unsafe_place(settings, mounts)
