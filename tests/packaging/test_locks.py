"""The locks: everything pinned and hashed, one version in both, and what the package asks for."""

import re
import tomllib

import pytest

from tests.packaging.tree import ROOT

PIN = re.compile(
    r"^([a-z0-9-]+)==(\S+)((?: ;[^\\]+)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def lock(kind):
    return (ROOT / f"requirements/{kind}.lock").read_text(encoding="utf-8")


def pins(kind):
    return {name: version for name, version, _, _ in PIN.findall(lock(kind))}


def wishes(name):
    lines = (ROOT / f"requirements/{name}.in").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def bare_name(wish):
    return re.split(r"[\[<>=]", wish)[0].lower()


@pytest.mark.parametrize("kind", ["runtime", "dev"])
def test_nothing_but_pins_with_hashes(kind):
    rest = PIN.sub("", lock(kind)).splitlines()
    assert [line for line in rest if line.strip() and not line.lstrip().startswith("#")] == []
    assert pins(kind)


@pytest.mark.parametrize("kind", ["runtime", "dev"])
def test_every_wish_is_pinned(kind):
    assert {bare_name(wish) for wish in wishes(kind)} <= set(pins(kind))


def test_both_hold_the_same_versions():
    # tools/setup.sh adds the second to the first, and lets the server run on either.
    assert pins("runtime").items() <= pins("dev").items()


def test_the_package_asks_for_what_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(project["dependencies"]) == sorted(wishes("runtime"))
