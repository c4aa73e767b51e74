"""Registering units: numbers, identities, first states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.audit import Actor
from hwrisk.clock import local_day, now
from hwrisk.db.chunks import chunked
from hwrisk.db.locks import hold_until_commit
from hwrisk.errors import RuleViolation
from hwrisk.units import rules
from hwrisk.units.models import IdentityKind, Unit, UnitVersion
from hwrisk.units.operations.change import BLANK, KIND, UnitChange, check_state, new_version
from hwrisk.units.rules import Identity
from hwrisk.units.searching import index_versions

_NUMBER_LOCK = 0x6877_7269_736B_0002


class UnitFacts(TypedDict, total=False):
    """What is registered of a unit beside identity and state, all of it optional."""

    reason: str
    is_supervised: bool
    industry_code: str
    started_on: date | None
    source: str
    note: str
    is_demo: bool


@dataclass(frozen=True, kw_only=True)
class NewUnit:
    """A unit to be registered: identity, first state, and the day from which it holds."""

    identity: Identity
    state: UnitChange
    valid_from: date
    reason: str = "登记"
    is_supervised: bool = True
    industry_code: str = ""
    started_on: date | None = None
    source: str = ""
    note: str = ""
    is_demo: bool = False


def register_unit(
    session: Session,
    *,
    identity_no: str | None,
    state: UnitChange,
    valid_from: date,
    actor: Actor | None,
    identity_kind: IdentityKind = IdentityKind.USCC,
    identity_reason: str = "",
    recorded_at: datetime | None = None,
    **more: Unpack[UnitFacts],
) -> Unit:
    """Register one production site and return it; see `register_units` and, for what else may be given, `NewUnit`."""
    identity = Identity(identity_kind, identity_no, identity_reason)
    new = NewUnit(identity=identity, state=state, valid_from=valid_from, **more)
    return register_units(session, [new], actor=actor, recorded_at=recorded_at)[0]


def register_units(
    session: Session, news: Sequence[NewUnit], *, actor: Actor | None, recorded_at: datetime | None = None
) -> list[Unit]:
    """Register production sites and return them in order, each with its own unit number.

    Raises:
        RuleViolation: an identity or a state is not right, or a unit of the same identity and name exists.
    """
    at = recorded_at or now()
    checked = [_checked(new) for new in news]
    _refuse_known(session, checked)
    numbers = _next_numbers(session, local_day(at).year, len(checked))
    units = [_unit(new, number, at) for new, number in zip(checked, numbers, strict=True)]
    session.add_all(units)
    session.flush()
    versions = []
    for unit, new in zip(units, checked, strict=True):
        version = new_version(unit.id, {**BLANK, **new.state}, actor=actor, reason=new.reason, at=at)
        version.valid_from = new.valid_from
        session.add(version)
        versions.append(version)
        summary = {"unit_no": unit.unit_no, "name": version.name, "valid_from": new.valid_from.isoformat()}
        audit.record(session, actor, "unit.register", KIND, unit.id, summary=summary)
    session.flush()
    index_versions(session, versions)
    return units


def correct_identity(session: Session, unit: Unit, identity: Identity, *, actor: Actor | None) -> None:
    """Correct how a unit is identified; the audit trail keeps what stood before.

    Raises:
        RuleViolation: the identity is not right.
    """
    checked = rules.check_identity(*identity)
    before = f"{unit.identity_kind.label} {unit.identity_no or '无'}"
    unit.identity_kind, unit.identity_no, unit.identity_reason = checked
    session.flush()
    summary = {"before": before, "after": f"{checked.kind.label} {checked.number or '无'}"}
    audit.record(session, actor, "unit.identity", KIND, unit.id, summary=summary)


def set_facts(session: Session, unit: Unit, facts: Mapping[str, Any], *, actor: Actor | None) -> bool:
    """Correct what a unit is from its beginning (industry_code, started_on, note); tell whether anything changed."""
    changed = {name: value for name, value in facts.items() if getattr(unit, name) != value}
    if not changed:
        return False
    summary = {
        name: {"before": str(getattr(unit, name) or ""), "after": str(value or "")} for name, value in changed.items()
    }
    for name, value in changed.items():
        setattr(unit, name, value)
    session.flush()
    audit.record(session, actor, "unit.facts", KIND, unit.id, summary=summary)
    return True


def take_into_register(session: Session, unit: Unit, *, actor: Actor | None) -> None:
    """Take a unit known from public sources alone into the bureau's register (纳入监管名录)."""
    if not unit.is_supervised:
        unit.is_supervised = True
        session.flush()
        audit.record(session, actor, "unit.supervise", KIND, unit.id)


def _checked(new: NewUnit) -> NewUnit:
    state: Mapping[str, Any] = {**BLANK, **new.state}
    if not state["name"]:
        raise RuleViolation("单位名称不能为空", field="name")
    check_state(state, reason=new.reason, has_stock=False)
    identity = rules.check_identity(*new.identity)
    return NewUnit(**{**_fields(new), "identity": identity})


def _fields(new: NewUnit) -> dict[str, Any]:
    return {name: getattr(new, name) for name in NewUnit.__dataclass_fields__}


def _refuse_known(session: Session, news: Sequence[NewUnit]) -> None:
    seen: set[tuple[str, str]] = set()
    taken = _names_by_number(session, [new.identity.number for new in news if new.identity.number])
    for new in news:
        name, number = new.state["name"], new.identity.number
        if number and ((number, name) in taken or (number, name) in seen):
            raise RuleViolation(
                f"“{name}”（{number}）已登记；同一法人的另一处生产经营场所请在名称后写明厂区", field="name"
            )
        if number:
            seen.add((number, name))


def _names_by_number(session: Session, numbers: Iterable[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for chunk in chunked(sorted(set(numbers))):
        rows = session.execute(
            select(Unit.identity_no, UnitVersion.name)
            .join(UnitVersion, UnitVersion.unit_id == Unit.id)
            .where(Unit.identity_no.in_(chunk), UnitVersion.superseded_at.is_(None))
        )
        found.update((number or "", name) for number, name in rows)
    return found


def _next_numbers(session: Session, year: int, count: int) -> list[str]:
    # Two registrations at once must not take the same number.
    hold_until_commit(session, _NUMBER_LOCK)
    stem = rules.unit_no(year, 0)[: -rules.UNIT_NO_DIGITS]
    last = session.scalar(select(func.max(Unit.unit_no)).where(Unit.unit_no.startswith(stem, autoescape=True)))
    first = int(last[len(stem) :]) + 1 if last else 1
    return [rules.unit_no(year, number) for number in range(first, first + count)]


def _unit(new: NewUnit, number: str, at: datetime) -> Unit:
    return Unit(
        unit_no=number,
        identity_kind=new.identity.kind,
        identity_no=new.identity.number,
        identity_reason=new.identity.reason,
        is_supervised=new.is_supervised,
        industry_code=new.industry_code,
        started_on=new.started_on,
        source=new.source,
        note=new.note,
        is_demo=new.is_demo,
        recorded_at=at,
    )
