"""Everything that uses the demonstration stays on one worker, which makes it once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import demo, demo_origin, demo_read, fresh  # noqa: F401 - fixtures


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(str(item.path)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("demo"))
