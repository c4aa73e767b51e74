"""A stored check ready to show: every term with its unit and its trust, every tier, every assumption."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.containment.methods import GB50483, METHODS
from hwrisk.containment.queries.checks import CheckRow
from hwrisk.rulepacks import Trust
from hwrisk.rulepacks.models import RulePack
from hwrisk.rulepacks.queries import pack_version, parameters
from hwrisk.web.records import State


class Term(NamedTuple):
    """One term: its symbol, what it is, how it came about, the figure and its unit."""

    symbol: str
    title: str
    how: str
    value: str
    unit: str
    trust: Trust


class TierShown(NamedTuple):
    """One tier of the result; texts ready to show."""

    label: str
    standing: str
    reachable: str
    in_time: str
    gap: str
    fill: str
    opens: str
    state: State
    verdict: str
    open_outlets: tuple[str, ...]


class Place(NamedTuple):
    """A basin with what went into it."""

    no: str
    name: str
    tier: str
    owner: str
    room: str
    stored: str
    why: str
    is_assumed: bool


class CheckShown(NamedTuple):
    """A stored check ready to show."""

    method: str
    formula: str
    method_trust: Trust
    method_source: str
    terms: tuple[Term, ...]
    required: str
    hours: str
    gap: str
    held: str
    tiers: tuple[TierShown, ...]
    places: tuple[Place, ...]
    ways: tuple[Mapping[str, Any], ...]
    outlets: tuple[Mapping[str, Any], ...]
    assumptions: tuple[str, ...]
    rain_source: str
    state: State
    verdict: str


def show_check(session: Session, row: CheckRow) -> CheckShown:
    """Return a stored check ready to show, with the pack of its own version; nothing is worked out anew."""
    check = row.check
    pack = _pack(session, row)
    method = next((m for m in pack.parameters["method"] if m["key"] == check.method), None) or {}
    result, inputs = check.result, check.inputs
    tiers = tuple(_tier(tier) for tier in result["tiers"])
    last = result["tiers"][-1]
    holds = last["holds"]
    verdict = "收得住" if holds else f"缺 {group(result['gap'])} m³" if result["gap"] != "0" else "有外排口按开启计"
    return CheckShown(
        method=str(method.get("title", check.method)),
        formula=str(method.get("formula", "")),
        method_trust=Trust(method.get("trust", Trust.UNVERIFIED)),
        method_source=str(method.get("source", "")),
        terms=_terms(pack.parameters, check.method, result, inputs),
        required=group(result["required"]),
        hours=result["hours"],
        gap=group(result["gap"]),
        held=group(_held(result)),
        tiers=tiers,
        places=tuple(_places(check.network, result)),
        ways=tuple(
            way | {"flow": group(way["flow"]), "carried": group(result["carried"].get(way["key"], "0"))}
            for way in check.network["ways"]
        ),
        outlets=tuple(check.network["outlets"]),
        assumptions=tuple(result["assumptions"]),
        rain_source=str(inputs.get("rain_source", "")),
        state="good" if holds else "bad",
        verdict=verdict,
    )


def group(text: str | None) -> str:
    """Return a figure with separated thousands; — where there is none."""
    if text is None:
        return "—"
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}"


def _pack(session: Session, row: CheckRow) -> RulePack:
    kept = pack_version(session, METHODS, region="CN", version=row.check.pack_version)
    return kept or parameters(session, METHODS, on=row.check.as_of)


def _held(result: Mapping[str, Any]) -> str:
    total = sum((Decimal(value) for value in result["stored"].values()), Decimal(0))
    return f"{total:f}"


def _terms(
    pack: Mapping[str, Any], method: str, result: Mapping[str, Any], inputs: Mapping[str, Any]
) -> tuple[Term, ...]:
    terms = result["terms"]
    fire = " + ".join(f"{group(line['flow'])} m³/h × {line['hours']} h" for line in terms["fire"]) or "没有消防水"
    rain = "没有填写汇水面积"
    if inputs.get("f") not in (None, "", "0"):
        rain = f"10 × {inputs['qa']} mm ÷ {inputs['n']} d × {inputs['f']} ha"
    how = {"v1": terms["source"], "v2": fire, "v3": terms["source"], "v4": "按填报", "v5": rain, "vr": "按填报"}
    used = ("v1", "v2", "vr", "v3") if method == GB50483 else ("v1", "v2", "v3", "v4", "v5")
    named = {row["key"]: row for row in pack["term"]}
    return tuple(
        Term(
            named[key]["symbol"], named[key]["title"], how[key], group(terms[key]), named[key]["unit"],
            Trust(named[key]["trust"]),
        )
        for key in used
    )  # fmt: skip


def _tier(tier: Mapping[str, Any]) -> TierShown:
    outlets = tuple(tier["open_outlets"])
    if tier["holds"]:
        state: State = "good"
        verdict = "收得住"
    else:
        state = "bad"
        verdict = "收不住" if tier["gap"] != "0" else "外排口按开启计"
    fill, opens = tier["fill_minutes"], tier["opens_minutes"]
    return TierShown(
        tier["label"], group(tier["standing"]), group(tier["reachable"]), group(tier["in_time"]), group(tier["gap"]),
        "—" if fill is None else f"{fill:,} 分钟", "不出现缺口" if opens is None else f"{opens:,} 分钟后", state,
        verdict, outlets,
    )  # fmt: skip


def _places(network: Mapping[str, Any], result: Mapping[str, Any]) -> list[Place]:
    tiers = {tier["tier"]: tier["label"] for tier in result["tiers"]}
    return [
        Place(
            node["no"], node["name"], tiers.get(node["tier"], ""), node["owner"], group(node["room"]),
            group(result["stored"].get(node["key"], "0")), node["why"], node["is_assumed"],
        )
        for node in network["nodes"]
        if node["is_volume"]
    ]  # fmt: skip
