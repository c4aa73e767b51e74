"""Who is a key unit (重点监管单位的认定), by the rule pack `key-list`; and what differs between two versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from hwrisk.db.types import Labelled
from hwrisk.key_list.models import BasisKind
from hwrisk.rulepacks.records import CaseRunner
from hwrisk.rulepacks.trust import Trust
from hwrisk.units import rules as unit_rules
from hwrisk.units.models import ManagementClass, UnitRole
from hwrisk.units.rules import ClassLimits

PACK_ID = "key-list"
LEDGER = "台账"
CLASS_CLAUSE = {
    ManagementClass.KEY: "4.2.1 a)",
    ManagementClass.SIMPLIFIED: "4.2.1 b)",
    ManagementClass.REGISTERED: "4.2.1 c)",
}


class YearFigure(NamedTuple):
    """Tonnes of one year: the ledger's, and another source's (年报、统计); None where it has none."""

    ledger: Decimal | None = None
    reported: Decimal | None = None
    source: str = ""

    def taken(self, prefer: str) -> tuple[Decimal | None, str]:
        """Return the tonnes that count and their source; `prefer` is ledger, reported or larger."""
        if self.ledger is None or self.reported is None:
            return (self.reported, self.source) if self.ledger is None else (self.ledger, LEDGER)
        ledger_counts = prefer == "ledger" or (prefer == "larger" and self.ledger >= self.reported)
        return (self.ledger, LEDGER) if ledger_counts else (self.reported, self.source)


@dataclass(frozen=True, kw_only=True)
class UnitFacts:
    """What is known of a unit that decides its class."""

    started_on: date | None = None
    years: Mapping[int, YearFigure] = field(default_factory=dict)
    approved_tonnes: Decimal | None = None
    document: str = ""
    role: UnitRole = UnitRole.GENERATOR
    licence_no: str = ""
    has_own_treatment: bool = False
    """By a document or a person's entry."""
    treated_itself: bool = False
    """By records of own treatment in the ledger."""
    is_long_cycle: bool = False


class Judgement(NamedTuple):
    """The class by rule (认定结果) with what it rests on; `management_class` is None where nothing is known."""

    management_class: ManagementClass | None
    basis_kind: BasisKind
    basis: str
    clause: str
    tonnes: Decimal | None
    year: int | None
    figures: list[dict[str, Any]]
    """Tonnes by year with source, the latest first, as plain JSON."""
    is_unverified: bool

    @property
    def is_key(self) -> bool:
        """Whether the unit is a key one."""
        return self.management_class is ManagementClass.KEY


def judge(parameters: Mapping[str, Any], facts: UnitFacts, *, on: date) -> Judgement:
    """Return what a unit is on the day `on`, with the yearly tonnes even where something else decides.

    Source: HJ 1259—2022 4.2.1, 4.2.3. Which of two figures of a year counts is the pack's own setting (待核).
    """
    prefer = parameters["figures"]["prefer"]
    taken = {year: figure.taken(prefer) for year, figure in facts.years.items()}
    known = {year: tonnes for year, (tonnes, _) in taken.items() if tonnes is not None}
    limits = limits_of(parameters)
    given: dict[str, Any] = {
        "as_of": on, "annual_tonnes": known, "started_on": facts.started_on,
        "approved_tonnes": facts.approved_tonnes, "cycle_exceeds_three_years": facts.is_long_cycle, "limits": limits,
    }  # fmt: skip
    has_licence = bool(facts.licence_no) or facts.role.value in parameters["licence"]["roles"]
    treats = facts.has_own_treatment or (facts.treated_itself and parameters["own_treatment"]["from_ledger"])
    verdict = unit_rules.management_class(**given, has_own_treatment=treats, has_licence=has_licence)
    reference = unit_rules.reference_quantity(**given)
    kind = _kind(verdict and verdict.management_class, has_licence=has_licence, treats=treats)
    unverified = _is_unverified(parameters, facts, reference.year, kind)
    return Judgement(
        management_class=verdict.management_class if verdict else None,
        basis_kind=kind,
        basis=_basis(kind, verdict, reference, facts, limits),
        clause=f"HJ 1259—2022 {CLASS_CLAUSE[verdict.management_class]}" if verdict else "",
        tonnes=reference.quantity,
        year=reference.year,
        figures=[
            {"year": year, "tonnes": str(taken[year][0]), "source": taken[year][1], "other": _other(facts.years[year])}
            for year in sorted(known, reverse=True)
        ],
        is_unverified=unverified,
    )


def limits_of(parameters: Mapping[str, Any]) -> ClassLimits:
    """Return the thresholds of a version of the pack."""
    return ClassLimits(
        key_tonnes=Decimal(parameters["threshold"]["key_tonnes"]),
        simplified_tonnes=Decimal(parameters["threshold"]["simplified_tonnes"]),
        full_years=int(parameters["reference"]["full_years"]),
    )


def deadline_of(parameters: Mapping[str, Any], year: int) -> date:
    """Return the last day on which the list of `year` should be published: the bureau's own setting (待核)."""
    row = parameters["publication"]
    following = date(year + (row["month"] == 12), row["month"] % 12 + 1, 1)
    return min(date(year, row["month"], 1) + timedelta(days=row["day"] - 1), following - timedelta(days=1))


def _kind(found: ManagementClass | None, *, has_licence: bool, treats: bool) -> BasisKind:
    if has_licence:
        return BasisKind.LICENCE
    if treats:
        return BasisKind.OWN_TREATMENT
    return BasisKind.GENERATION if found is ManagementClass.KEY else BasisKind.NONE


def _basis(
    kind: BasisKind, verdict: Any, reference: unit_rules.Reference, facts: UnitFacts, limits: ClassLimits
) -> str:
    if kind is BasisKind.LICENCE:
        number = f"（{facts.licence_no}）" if facts.licence_no else ""
        return f"持有危险废物经营许可证{number}"
    if kind is BasisKind.OWN_TREATMENT:
        return "有危险废物自行利用处置设施"
    year = f"，{reference.year}年" if reference.year else ""
    document = f"：{facts.document}" if reference.year is None and facts.document and verdict else ""
    if verdict is None:
        return f"缺少年产生量数据（{reference.basis}）"
    taken = f"{reference.basis}{document}{year}"
    return f"年产生量{limits.key_tonnes.normalize():f}吨以上（{taken}）" if kind is BasisKind.GENERATION else taken


def _is_unverified(parameters: Mapping[str, Any], facts: UnitFacts, year: int | None, kind: BasisKind) -> bool:
    if kind is BasisKind.LICENCE:
        return not facts.licence_no and not Trust(parameters["licence"]["trust"]).is_verified
    if kind is BasisKind.OWN_TREATMENT:
        return not facts.has_own_treatment and not Trust(parameters["own_treatment"]["trust"]).is_verified
    figure = facts.years.get(year) if year is not None else None
    differs = figure is not None and None not in (figure.ledger, figure.reported) and figure.ledger != figure.reported
    return facts.started_on is None or (differs and not Trust(parameters["figures"]["trust"]).is_verified)


def _other(figure: YearFigure) -> str:
    """Return the figure that was not taken, where both are there and differ."""
    if figure.ledger is None or figure.reported is None or figure.ledger == figure.reported:
        return ""
    return f"台账 {figure.ledger} 吨，{figure.source} {figure.reported} 吨"


class DifferenceKind(Labelled):
    """What became of a unit from one version to another (差异)."""

    ADDED = "added", "新增"
    REMOVED = "removed", "退出"
    CHANGED = "changed", "依据变化"
    SAME = "same", "未变"


class Line(NamedTuple):
    """One listed unit as a comparison needs it."""

    unit_id: int
    unit_name: str
    basis_kind: BasisKind
    basis: str
    tonnes: Decimal | None


class Difference(NamedTuple):
    """One unit in two versions; None where it is not in that version."""

    unit_id: int
    kind: DifferenceKind
    before: Line | None
    after: Line | None

    @property
    def tonnes_change(self) -> Decimal | None:
        """Tonnes a year more or less, or None where one of them is not known."""
        old, new = self.before and self.before.tonnes, self.after and self.after.tonnes
        return None if old is None or new is None else new - old


def differences(before: Iterable[Line], after: Iterable[Line]) -> list[Difference]:
    """Return every unit of either version: added, removed, changed basis, unchanged; within each as in the lists.

    The basis has changed where its kind or the tonnes differ; a new name alone is no change.
    """
    old, new = {line.unit_id: line for line in before}, {line.unit_id: line for line in after}
    found = [_difference(unit_id, old.get(unit_id), new.get(unit_id)) for unit_id in {**new, **old}]
    order = list(DifferenceKind)
    return sorted(found, key=lambda each: order.index(each.kind))


def _difference(unit_id: int, old: Line | None, new: Line | None) -> Difference:
    if old is None or new is None:
        kind = DifferenceKind.ADDED if old is None else DifferenceKind.REMOVED
    else:
        is_same = (old.basis_kind, old.tonnes) == (new.basis_kind, new.tonnes)
        kind = DifferenceKind.SAME if is_same else DifferenceKind.CHANGED
    return Difference(unit_id, kind, old, new)


def _case(parameters: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    def tonnes(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text).quantize(Decimal("0.0001"))

    reported: Mapping[str, str] = case.get("reported", {})
    years = {int(year): YearFigure(ledger=tonnes(text)) for year, text in case.get("ledger", {}).items()}
    for year, text in reported.items():
        years[int(year)] = YearFigure(years.get(int(year), YearFigure()).ledger, tonnes(text), "年报")
    found = judge(
        parameters,
        UnitFacts(
            started_on=date.fromisoformat(case["started_on"]) if "started_on" in case else None,
            years=years,
            approved_tonnes=tonnes(case.get("approved")),
            role=UnitRole(case.get("role", "generator")),
            licence_no=case.get("licence_no", ""),
            has_own_treatment=case.get("own_treatment", False),
            treated_itself=case.get("treated_itself", False),
            is_long_cycle=case.get("long_cycle", False),
        ),
        on=date.fromisoformat(case["on"]),
    )
    return {"class": found.management_class, "tonnes": found.tonnes, "year": found.year, "basis": found.basis_kind}


CASES = CaseRunner(PACK_ID, _case)
