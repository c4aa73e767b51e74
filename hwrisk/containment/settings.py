"""What the rule packs of containment say: settings and the check list; and how their test cases are worked out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.containment.models import MarkState, TestKind
from hwrisk.rulepacks import Trust
from hwrisk.rulepacks.queries import PackHistory, parameters
from hwrisk.rulepacks.records import CaseRunner

SETTINGS, CHECKLIST = "containment-settings", "containment-checklist"
NOTHING = Decimal("0.0000")
PLACES = Decimal("0.0001")


class ContainmentSettings(NamedTuple):
    """The bureau's own settings (本局设置); none of them is law."""

    level_days: int
    state_days: int
    level_margin_percent: Fraction
    alarm_share: Fraction
    valve_test_days: int
    inspection_days: int
    max_area_ha: Decimal
    lead_days: int
    trusts: Mapping[str, Trust]
    """How far each setting is verified, by key."""

    @classmethod
    def read(cls, pack: Mapping[str, Any]) -> ContainmentSettings:
        """Return the settings of a pack's parameters."""
        rows = {row["key"]: row for row in pack["setting"]}
        value = {key: row["value"] for key, row in rows.items()}
        return cls(
            int(value["level_days"]), int(value["state_days"]), Fraction(value["level_margin_percent"]),
            Fraction(value["alarm_share"]), int(value["valve_test_days"]), int(value["inspection_days"]),
            Decimal(value["max_area_ha"]), int(value["lead_days"]),
            {key: Trust(row["trust"]) for key, row in rows.items()},
        )  # fmt: skip

    def is_alarm(self, effective: Decimal, occupied: Decimal) -> bool:
        """Tell whether more of a basin is taken up than it may be outside an incident."""
        return Fraction(occupied) > Fraction(effective) * self.alarm_share

    def counted(self, effective: Decimal, occupied: Decimal, *, confirmed_on: date, as_of: date) -> Decimal:
        """Return the occupied volume that counts on `as_of`: as confirmed, with the margin once that is too old.

        In m³ with four decimals, rounded up, never above the effective volume.
        """
        if as_of <= confirmed_on + timedelta(days=self.level_days):
            return min(occupied, effective)
        margin = Fraction(effective) * self.level_margin_percent / 100
        return min(effective, rounded_up(Fraction(occupied) + margin))

    def level_due_on(self, confirmed_on: date) -> date:
        """Return the last day on which a level confirmed on a day still stands by itself."""
        return confirmed_on + timedelta(days=self.level_days)

    def state_due_on(self, confirmed_on: date) -> date:
        """Return the last day on which a state confirmed on a day still stands."""
        return confirmed_on + timedelta(days=self.state_days)

    def next_due_on(self, kind: TestKind, done_on: date) -> date:
        """Return the last day in time for the next test or inspection."""
        days = self.valve_test_days if kind is TestKind.VALVE_TEST else self.inspection_days
        return done_on + timedelta(days=days)


class KeyPark(NamedTuple):
    """A park the city's plan names as a key park of the three-tier defence (重点园区)."""

    code: str
    title: str
    source: str
    clause: str
    trust: Trust


class ChecklistItem(NamedTuple):
    """One thing that must be built or in place (清单事项); tier 0 is for the whole."""

    key: str
    tier: int
    title: str
    source: str
    clause: str
    trust: Trust


class Checklist(NamedTuple):
    """The completion check list with its key parks and its target."""

    items: tuple[ChecklistItem, ...]
    parks: tuple[KeyPark, ...]
    target: Fraction
    target_until: date
    version: str

    @classmethod
    def read(cls, pack: Mapping[str, Any], version: str = "") -> Checklist:
        """Return the check list of a pack's parameters."""
        return cls(
            tuple(
                ChecklistItem(r["key"], int(r["tier"]), r["title"], r["source"], r["clause"], Trust(r["trust"]))
                for r in pack["item"]
            ),
            tuple(KeyPark(r["code"], r["title"], r["source"], r["clause"], Trust(r["trust"])) for r in pack["park"]),
            Fraction(pack["target_percent"]) / 100,
            date.fromisoformat(pack["target_until"]),
            version,
        )

    def missing(self, states: Mapping[str, MarkState]) -> tuple[ChecklistItem, ...]:
        """Return the items that are not done; a park without any is complete."""
        return tuple(item for item in self.items if states.get(item.key) is not MarkState.DONE)


def settings_on(session: Session, as_of: date) -> ContainmentSettings:
    """Return the settings in force on a day; before the first version, the first."""
    return ContainmentSettings.read(PackHistory(session, SETTINGS).on(as_of).parameters)


def checklist_on(session: Session, as_of: date) -> Checklist:
    """Return the check list in force on a day.

    Raises:
        NotFound: no version is in force on that day.
    """
    pack = parameters(session, CHECKLIST, on=as_of)
    return Checklist.read(pack.parameters, pack.version)


def rounded_up(value: Fraction) -> Decimal:
    """Return m³ with four decimals, rounded up: what has to be held is never told too small."""
    units = -((-value * 10_000).__floor__())
    return (Decimal(units) / 10_000).quantize(PLACES)


def rounded_down(value: Fraction) -> Decimal:
    """Return m³ with four decimals, rounded down: room is never told too large."""
    return (Decimal((value * 10_000).__floor__()) / 10_000).quantize(PLACES)


def _setting_case(pack: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    settings = ContainmentSettings.read(pack)
    if given["question"] == "due":
        return {"due_on": settings.next_due_on(TestKind(given["kind"]), date.fromisoformat(given["done_on"]))}
    effective, occupied = Decimal(given["effective"]), Decimal(given["occupied"])
    if given["question"] == "alarm":
        return {"alarm": settings.is_alarm(effective, occupied)}
    counted = settings.counted(
        effective,
        occupied,
        confirmed_on=date.fromisoformat(given["confirmed_on"]),
        as_of=date.fromisoformat(given["as_of"]),
    )
    return {"counted": plain(counted), "available": plain(effective - counted)}


def _checklist_case(pack: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    checklist = Checklist.read(pack)
    if given["question"] == "done":
        left = checklist.missing({key: MarkState(value) for key, value in given["states"].items()})
        return {"done": not left, "missing": len(left)}
    done = sum(1 for park in checklist.parks if park.code in given["done"])
    return {"done": done, "key": len(checklist.parks), "met": Fraction(done, len(checklist.parks)) >= checklist.target}


def plain(value: Decimal) -> str:
    """Return a quantity as text without trailing zeros, never with an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


CASES = (CaseRunner(SETTINGS, _setting_case), CaseRunner(CHECKLIST, _checklist_case))
