"""Keeping the kinds of materials, and reviewing candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.catalogue.chemicals.rules import plain_name, sounds_of_all
from hwrisk.db.locks import hold_until_commit
from hwrisk.emergency import searching
from hwrisk.emergency.measures import MEASURES
from hwrisk.emergency.models import Compatibility, MaterialFunction, MaterialKind, ReviewState, SubstanceMaterial
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.kinds import lots_of_kind
from hwrisk.errors import RuleViolation
from hwrisk.search import index

NUMBER_LOCK = 0x6877_7269_736B_1263
"""Key of the lock under which numbers are given out."""


class KindFacts(TypedDict):
    """What is entered of a kind."""

    name: str
    function: MaterialFunction
    category: str
    unit: str
    is_consumable: bool
    aliases: str
    """Separated by semicolons."""


def register_kind(session: Session, facts: KindFacts, *, hand: Hand, code: str = "", source: str = "") -> MaterialKind:
    """Return a new kind of material; without `code` it gets the next number of our own.

    Raises:
        RuleViolation: no name, an unknown unit, or a name or alias that another kind has.
    """
    _check(session, facts, own=None)
    code = code or _next_code(session)
    if session.scalar(select(MaterialKind.id).where(MaterialKind.code == code)) is not None:
        raise RuleViolation(f"物资编码“{code}”已被使用，请换一个", field="code")
    kind = MaterialKind(code=code, source=source, trust="derived", recorded_at=hand.instant, **_columns(facts))
    session.add(kind)
    session.flush()
    index(session, [searching.doc_of_kind(kind)])
    audit.record(session, hand.viewer, "material.kind.register", "material_kind", kind.id, summary={"名称": kind.name})
    return kind


def change_kind(session: Session, kind: MaterialKind, facts: KindFacts, *, is_active: bool, hand: Hand) -> bool:
    """Change what is entered of a kind, and tell whether anything changed.

    Raises:
        RuleViolation: see `register_kind`; or the unit changes though there are lots counted in it.
    """
    _check(session, facts, own=kind.id)
    if facts["unit"] != kind.unit and lots_of_kind(session, kind.id):
        raise RuleViolation(f"已有批次按“{kind.unit}”计量，不能改计量单位；请另立品种", field="unit")
    wanted = _columns(facts) | {"is_active": is_active}
    before = {name: getattr(kind, name) for name, value in wanted.items() if getattr(kind, name) != value}
    if not before:
        return False
    for name in before:
        setattr(kind, name, wanted[name])
    kind.version += 1
    session.flush()
    index(session, [searching.doc_of_kind(kind)])
    changes = {name: [str(old), str(wanted[name])] for name, old in before.items() if name != "pinyin"}
    audit.record(session, hand.viewer, "material.kind.change", "material_kind", kind.id, summary=changes)
    return True


def review_candidate(
    session: Session,
    candidate: SubstanceMaterial,
    *,
    review: ReviewState,
    compatibility: Compatibility,
    basis: str,
    hand: Hand,
) -> None:
    """Record what a person decided about a candidate (审核).

    Raises:
        RuleViolation: no basis; or it is to count as reviewed while nobody says whether it suits.
    """
    if not basis.strip():
        raise RuleViolation("请写明审核依据：标准、预案、专家意见及日期", field="basis")
    if review is ReviewState.REVIEWED and compatibility is Compatibility.UNKNOWN:
        raise RuleViolation("审核通过须写明“适用”或“不适用”；说不清的保持“候选待审”", field="compatibility")
    before = {"状态": candidate.review.label, "适用性": candidate.compatibility.label}
    candidate.review, candidate.compatibility, candidate.basis = review, compatibility, basis.strip()
    candidate.reviewed_by, candidate.reviewed_at = hand.viewer.label, hand.instant
    session.flush()
    after = {"状态": review.label, "适用性": compatibility.label, "依据": candidate.basis}
    summary = {"条目": candidate.ref, "原": before, "现": after}
    audit.record(session, hand.viewer, "material.review", "substance_material", candidate.id, summary=summary)


def _columns(facts: KindFacts) -> dict[str, Any]:
    aliases = list(dict.fromkeys(_split(facts["aliases"])))
    return {
        "name": facts["name"].strip(),
        "function": facts["function"],
        "category": facts["category"].strip(),
        "unit": facts["unit"],
        "is_consumable": facts["is_consumable"],
        "aliases": ";".join(aliases),
        "pinyin": sounds_of_all(facts["name"].strip(), *aliases),
    }


def _check(session: Session, facts: KindFacts, *, own: int | None) -> None:
    if not facts["name"].strip():
        raise RuleViolation("请填写物资名称", field="name")
    if facts["unit"] not in MEASURES:
        raise RuleViolation(f"没有计量单位“{facts['unit']}”，可选：{'、'.join(MEASURES)}", field="unit")
    others = [kind for kind in session.scalars(select(MaterialKind)) if kind.id != own]
    taken = {plain_name(kind.name): kind.name for kind in others}
    for field, names in (("name", [facts["name"]]), ("aliases", _split(facts["aliases"]))):
        for name in names:
            if plain_name(name) in taken:
                raise RuleViolation(f"“{name}”是已登记物资“{taken[plain_name(name)]}”的名称", field=field)


def _split(aliases: str) -> list[str]:
    for sign in "；,，、":
        aliases = aliases.replace(sign, ";")
    return [alias.strip() for alias in aliases.split(";") if alias.strip()]


def _next_code(session: Session) -> str:
    hold_until_commit(session, NUMBER_LOCK)
    codes: Iterable[str] = session.scalars(select(MaterialKind.code).where(MaterialKind.code.startswith("WZ-")))
    numbers = [int(code[3:]) for code in codes if code[3:].isascii() and code[3:].isdigit()]
    return f"WZ-{max(numbers, default=0) + 1:03d}"


def facts_from(values: Mapping[str, Any]) -> KindFacts:
    """Return the facts of a kind from plain values, as an import or a form has them."""
    return KindFacts(
        name=str(values["name"]),
        function=MaterialFunction(values["function"]),
        category=values.get("category") or "",
        unit=str(values["unit"]),
        is_consumable=bool(values["is_consumable"]),
        aliases=values.get("aliases") or "",
    )
