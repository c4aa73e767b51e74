"""Units with yearly figures, and lists of them, to vary in tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.session import Database
from hwrisk.key_list.models import KeyList, KeyListEntry
from hwrisk.key_list.operations import amend, propose, publish, record_figure, review
from hwrisk.security import Viewer
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import version_on
from tests.ledger.ledger_world import LedgerWorld, city

TODAY = date(2026, 11, 23)
OFFICE, OTHER_OFFICE = "LYG-GYX", "LYG-XW"


class KeyListWorld:
    """Registers units with figures and works on lists."""

    def __init__(self, session: Session, database: Database) -> None:
        self.session = session
        self.ledger = LedgerWorld(session, database)

    def unit(self, *tonnes: str | None, started_on: date | None = date(2015, 1, 1), **state: Any) -> Unit:
        """Register a unit with its tonnes of 2023, 2024 and 2025; None leaves a year out."""
        unit = self.ledger.register(**state)
        unit.started_on = started_on
        for year, amount in zip((2023, 2024, 2025), tonnes, strict=False):
            if amount is not None:
                record_figure(
                    self.session, unit, year=year, tonnes=Decimal(amount), source=f"{year}年度申报", as_of=TODAY,
                    actor=Viewer.system(),
                )  # fmt: skip
        self.session.flush()
        return unit

    def propose(self, year: int = 2026) -> KeyList:
        """Draw up a draft."""
        return propose(self.session, year, as_of=TODAY, actor=city())

    def entries(self, key_list: KeyList) -> dict[int, KeyListEntry]:
        """The lines of a version by unit."""
        rows = self.session.scalars(select(KeyListEntry).where(KeyListEntry.list_id == key_list.id))
        return {row.unit_id: row for row in rows}

    def agree(self, key_list: KeyList) -> None:
        """Let every line be agreed to."""
        review(
            self.session, key_list, list(self.entries(key_list).values()), agrees=True, as_of=TODAY, actor=city()
        )  # fmt: skip

    def publish(self, key_list: KeyList, *, on: date = date(2026, 3, 20), number: str = "") -> KeyList:
        """Publish a version."""
        publish(
            self.session, key_list, notice_no=number or f"连环发〔{on.year}〕{key_list.id}号", notice_title="",
            published_on=on, as_of=TODAY, actor=city(),
        )  # fmt: skip
        return key_list

    def published(self, year: int = 2026, **given: Any) -> KeyList:
        """Propose, agree and publish."""
        key_list = self.propose(year)
        self.agree(key_list)
        return self.publish(key_list, **given)

    def amended(self, base: KeyList) -> KeyList:
        """Open an amendment."""
        return amend(self.session, base, reason="演示：单位变动", as_of=TODAY, actor=city())

    def state(self, unit: Unit, on: date = TODAY) -> UnitVersion:
        """A unit's state on a day."""
        return version_on(self.session, unit.id, as_of=on)
