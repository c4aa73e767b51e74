"""Two people who act on one filing: the second is told, whatever they had read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from hwrisk.containment.data import BLANK
from hwrisk.containment.models import ContainmentKind, Facility, Filing, FilingState, Nature
from hwrisk.containment.operations import filings
from hwrisk.errors import EditConflict
from tests.behind import behind_the_back
from tests.containment.containment_world import SYSTEM, TODAY


@pytest.fixture
def filed(session, park_world) -> Filing:
    """A filing of a new pump of the park."""
    kind = session.scalars(
        select(ContainmentKind.code).where(ContainmentKind.nature == Nature.VALVE, ContainmentKind.tier == 2)
    ).first()
    fields = {**BLANK, "name": "演示闸门", "kind_code": kind}
    return filings.submit(
        session, park_id=park_world.park.id, unit_id=None, facility=None, facility_no="YS-99", data=fields,
        valid_from=TODAY, reason="", actor=SYSTEM,
    )  # fmt: skip


@pytest.mark.db
@pytest.mark.parametrize(
    "act",
    [
        lambda session, row: filings.approve(session, row, seen=1, actor=SYSTEM),
        lambda session, row: filings.return_filing(session, row, reasons={"": "不清楚"}, seen=1, actor=SYSTEM),
        lambda session, row: filings.accept(session, row, seen=1, base_seen=None, actor=SYSTEM),
    ],
    ids=["approve", "return", "accept"],
)
def test_who_comes_second_is_told(session, filed: Filing, act: Callable[..., object]) -> None:
    behind_the_back(session, filed, state=FilingState.ACCEPTED, version=2)
    with pytest.raises(EditConflict, match="已接收"):
        act(session, filed)
    assert session.scalar(select(func.count()).select_from(Facility).where(Facility.facility_no == "YS-99")) == 0
