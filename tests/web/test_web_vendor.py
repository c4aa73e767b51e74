"""What is vendored is what the table says: version, licence and hash of every file."""

import hashlib
import re
from pathlib import Path

import pytest

import hwrisk

VENDOR = Path(hwrisk.__file__).parent / "static/vendor"
ROW = re.compile(
    r"^\| (?P<name>[^|]+) \| (?P<version>[\d.]+) \| (?P<licence>[^|]+) \| (?P<file>\S+) \| (?P<hash>\w+) \|$"
)
LISTED = [m for line in (VENDOR / "VENDOR.md").read_text(encoding="utf-8").splitlines() if (m := ROW.match(line))]
PAPERS = {"LICENSE", "NOTICE", "LICENSE-d3"}
MOST_BYTES = 3 * 1024 * 1024


@pytest.mark.parametrize("row", LISTED, ids=lambda row: row["file"])
def test_a_file_is_the_one_that_was_listed(row):
    path = VENDOR / row["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["hash"]
    assert path.stat().st_size < MOST_BYTES
    assert path.relative_to(VENDOR).parts[0].endswith(row["version"])
    assert (VENDOR / path.relative_to(VENDOR).parts[0] / "LICENSE").is_file()


def test_every_file_is_listed():
    files = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert {name for name in files if Path(name).name not in PAPERS} == {row["file"] for row in LISTED} | {"VENDOR.md"}
