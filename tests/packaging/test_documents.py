"""What the documents say is so: commands, settings, decisions; and no file names a package host."""

import re
import tomllib

import click
import pytest

import hwrisk
from hwrisk import cli
from tests.packaging.tree import ROOT, project_files

READMES = ("README.md", "README.zh-CN.md")
# Written so that the patterns do not find themselves.
PACKAGE_HOSTS = re.compile(
    r"--(?:extra-)?index[-]url|--find[-]links|https?://[^ ]+/(?:simple|packages)/|\"resolved\": *\"http"
    r"|pypi[.]org|pythonhosted[.]org|npmjs[.]org|registry[.]npm|tuna[.]tsinghua|mirrors[.][a-z]+[.]com"
)
SETTING = re.compile(r"\bHWRISK_[A-Z0-9_]+\b")


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def settings_in(folder, suffix):
    paths = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix in suffix]
    return {name for path in paths for name in SETTING.findall(path.read_text(encoding="utf-8"))}


def command_names(group, prefix=""):
    for name, command in group.commands.items():
        yield f"{prefix}{name}"
        if isinstance(command, click.Group):
            yield from command_names(command, f"{prefix}{name} ")


class TestReadmes:
    @pytest.mark.parametrize("name", READMES)
    def test_two_commands_and_their_equivalents(self, name):
        (block,) = re.findall(r"^```sh\n(.*?)^```", text(name), re.DOTALL | re.MULTILINE)
        assert [line.partition("#")[0].strip() for line in block.splitlines()] == ["make run", "make test"]
        for script in ("sh tools/run", "sh tools/test"):
            assert f"`{script}`" in text(name)

    @pytest.mark.parametrize("name", READMES)
    def test_every_command_named_is_there(self, name):
        known = set(command_names(next(value for value in vars(cli).values() if isinstance(value, click.Group))))
        named = set(re.findall(r"`hwrisk ([a-z-]+(?: [a-z][a-z-]*)?)[^`]*`", text(name)))
        assert named
        assert named - known == set()

    @pytest.mark.parametrize("name", READMES)
    def test_links_lead_somewhere(self, name):
        for target in re.findall(r"\]\(([^)]+)\)", text(name)):
            assert (ROOT / target).exists(), target

    def test_every_setting_is_explained_and_every_explained_one_exists(self):
        used = settings_in("hwrisk", {".py"}) | settings_in("tools", {"", ".sh"})
        explained = set(re.findall(r"^\| `(HWRISK_[A-Z0-9_]+)` \|", text("README.zh-CN.md"), re.MULTILINE))
        assert used == explained

    def test_every_target_of_make_is_a_script(self):
        targets = re.findall(r"^(\w+):.*\n\t@sh (tools/\w+)", text("Makefile"), re.MULTILINE)
        assert {name for name, _ in targets} == {"run", "demo", "test", "check", "trust", "manual"}
        for _, script in targets:
            assert (ROOT / script).is_file()


class TestDecisions:
    PAGES = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_each_has_its_parts_and_is_listed(self, page):
        lines = page.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith(f"# {page.stem[:4]} ")
        assert any(line.startswith("**Status:**") for line in lines)
        assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequences"]
        assert f"]({page.name})" in text("docs/adr/README.md")

    def test_numbers_run_without_a_gap(self):
        assert [int(page.stem[:4]) for page in self.PAGES] == list(range(1, len(self.PAGES) + 1))


def test_no_file_names_a_package_host():
    for path in project_files():
        if "vendor" in path.parts:
            continue
        found = PACKAGE_HOSTS.search((ROOT / path).read_bytes().decode("utf-8", "replace"))
        assert found is None, f"{path}: {found and found.group()}"


def test_the_version_is_one():
    assert tomllib.loads(text("pyproject.toml"))["project"]["version"] == hwrisk.__version__
