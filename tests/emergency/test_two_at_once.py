"""Two people who ask for one lot never both get it: real threads, real commits, both engines."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import select

from hwrisk.catalogue.chemicals import seeding as chemicals
from hwrisk.clock import now
from hwrisk.db.session import Database
from hwrisk.emergency import checks, rules, seeding
from hwrisk.emergency.models import Depot, DepotLevel, DispatchAllocation, MaterialKind, MaterialLot, StorageMode
from hwrisk.emergency.operations import dispatch, lots
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.dispatch import get_dispatch
from hwrisk.errors import RuleViolation
from hwrisk.rulepacks import seeding as packs
from tests.emergency.depot_world import TODAY, viewer
from tests.own_databases import own_database, own_postgres, own_url  # noqa: F401 - fixtures

HAND = Hand(viewer=viewer(), as_of=TODAY)
ASKERS = 4


@pytest.fixture
def requests(own_database: Database) -> list:  # noqa: F811 - the fixture imported above
    """One lot of ten tonnes, and four requests for seven each."""
    with own_database.unit_of_work() as session:
        packs.seed(session, runners=rules.CASES, recorded_at=now())
        chemicals.seed(session)
        seeding.seed(session)
        depot = Depot(
            code="KU-001", name="演示库", level=DepotLevel.COUNTY, mode=StorageMode.PHYSICAL, longitude=119.2,
            latitude=34.6,
        )  # fmt: skip
        session.add(depot)
        session.flush()
        kind = session.scalars(select(MaterialKind).where(MaterialKind.name == "氧化钙")).one()
        lots.add_lot(session, depot, kind, quantity_milli=10_000, received_on=date(2026, 11, 1), hand=HAND)
        return [
            dispatch.request_dispatch(
                session, kind, incident="演示泄漏", place="柘汪", amount_milli=7_000, hand=HAND
            ).public_id
            for _ in range(ASKERS)
        ]


def test_one_lot_is_never_promised_twice(own_database: Database, requests: list) -> None:  # noqa: F811
    start, refused = threading.Barrier(ASKERS), []

    def ask(public_id) -> None:
        start.wait(timeout=20)
        try:
            with own_database.unit_of_work(lock_timeout_s=30) as session:
                dispatch.allocate(session, get_dispatch(session, public_id, user=HAND.viewer), hand=HAND)
        except RuleViolation as violation:
            refused.append(violation.message)

    threads = [threading.Thread(target=ask, args=(public_id,)) for public_id in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with own_database.session() as session:
        given = sorted(session.scalars(select(DispatchAllocation.amount_milli)))
        lot = session.scalars(select(MaterialLot)).one()
        assert given == [3_000, 7_000]
        assert lot.allocated_milli == lot.remaining_milli == 10_000
        assert len(refused) == ASKERS - 2
        assert [check.run(session) for check in checks.CHECKS] == [[], [], [], []]
