"""Everything that uses the demonstration stays on one worker, which makes it once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from hwrisk.security import Viewer
from hwrisk.units.models import IdentityKind, Unit, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit
from tests.command_line import demo, demo_origin, demo_read, fresh  # noqa: F401 - fixtures


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(str(item.path)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("demo"))


@pytest.fixture
def make_unit(session: Session) -> Callable[[str], Unit]:
    """Register an invented unit."""

    def make(name: str) -> Unit:
        return register_unit(
            session, identity_kind=IdentityKind.UNKNOWN, identity_no=None, identity_reason="试验",
            valid_from=date(2020, 1, 1), actor=Viewer.system(), is_demo=True,
            state=UnitChange(name=name, status=UnitStatus.OPERATING, office_code="LYG-XW"),
        )  # fmt: skip

    return make
