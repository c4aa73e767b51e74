"""The scheme of assessment (评估方案): items, points, bands and settings, as a version of the rule pack says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from hwrisk.assessment.models import Grade, Headline, Rating, Subject
from hwrisk.rulepacks.queries import Citation
from hwrisk.rulepacks.trust import Trust

PACK_ID = "assessment-scheme"


@dataclass(frozen=True)
class Item:
    """One item to be checked (评估项目), in our own words."""

    no: str
    subject: Subject
    group: str
    """Key of the duty it belongs to."""
    text: str
    is_compulsory: bool
    """Must be rated before the assessment may be closed (必查项)."""
    may_not_apply: bool
    is_veto: bool
    """Not met: the whole assessment is not met (否决项)."""
    source: str
    clause: str
    law_subjects: tuple[str, ...]
    trust: Trust
    note: str

    @property
    def basis(self) -> str:
        """What the item rests on, with its trust mark: source, clause, 待核."""
        return f"{self.source}{'　' + self.clause if self.clause else ''}{self.trust.suffix}"

    def basis_on(self, cited: Mapping[str, Citation]) -> str:
        """Return what the item rested on on a day, given the citations in force on it.

        A clause that was not yet in force is named with that remark: the law may have had no such clause before.
        """
        known = [cited[subject].shown for subject in self.law_subjects if subject in cited]
        if known:
            return "；".join(known)
        return f"{self.basis}（评估日尚未施行，当时的依据待核）" if self.law_subjects else self.basis


@dataclass(frozen=True)
class Group:
    """A duty that items are grouped by (职责), with its items; a group may be empty."""

    key: str
    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Setting:
    """One setting of the scheme with where it comes from (方案参数)."""

    key: str
    title: str
    values: Mapping[str, Any]
    source: str
    trust: Trust
    note: str

    @property
    def values_label(self) -> str:
        """The values in words."""
        return "；".join(f"{_NAMES.get(name, name)} {_shown(value)}" for name, value in self.values.items())


class Scheme:
    """A version of the scheme, ready to be asked."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.label = str(parameters.get("label", "非官方、待核"))
        """Stands beside every result: 非官方、待核."""
        self.is_official = bool(parameters.get("is_official", False))
        self.settings = {row["key"]: _setting(row) for row in parameters["setting"]}
        self._items = tuple(_item(row) for row in parameters["item"] if row["enabled"])
        self._groups = {Subject(of): groups for of, groups in parameters["groups"].items()}
        points = self.value("points")
        self.points = {Rating(key): Fraction(str(points[key])) for key in ("met", "basic", "not_met")}
        self.full_points = max(self.points.values())
        bands = self.value("bands")
        self.met_at, self.basic_at = Fraction(bands["met"]), Fraction(bands["basic"])
        self.deduction = Fraction(str(self.value("accidents")["each"]))
        self.major_fails = bool(self.value("accidents")["major_fails"])
        self.qualified_weight = Fraction(self.value("qualified_weight")["basic"])
        self.headline = Headline(self.value("headline")["verdict"])
        self.least_inspectors = int(self.value("inspectors")["least"])
        self.objection_days = int(self.value("objection")["days"])
        self.operator_roles = tuple(self.value("operator_roles")["roles"])
        self.failed_grades = tuple(Grade(text) for text in self.value("last_year")["grades"])
        self.reminder_days = tuple(int(days) for days in self.value("reminder")["days"])

    def value(self, key: str) -> Mapping[str, Any]:
        """Return the values of a setting."""
        return self.settings[key].values

    def items(self, subject: Subject) -> tuple[Item, ...]:
        """Return the items of one sheet, in the order of the scheme."""
        return tuple(item for item in self._items if item.subject is subject)

    def groups(self, subject: Subject) -> tuple[Group, ...]:
        """Return the duties of one sheet with their items, empty ones too."""
        return tuple(
            Group(key, label, tuple(item for item in self.items(subject) if item.group == key))
            for key, label in self._groups.get(subject, ())
        )

    def item(self, subject: Subject, no: str) -> Item | None:
        """Return the item of a sheet with this number, or None."""
        return next((item for item in self.items(subject) if item.no == no), None)

    def recheck_until(self, year: int) -> date:
        """Return the last day on which a re-check of the year's assessment counts."""
        values = self.value("recheck")
        return date(year, int(values["month"]), int(values["day"]))


_NAMES = {
    "met": "达标", "basic": "基本达标", "not_met": "不达标", "each": "每次", "major_fails": "重大事故直接不达标",
    "verdict": "口径", "month": "月", "day": "日",
    "least": "最少人数", "days": "天数", "roles": "单位类型", "grades": "等级",
}  # fmt: skip
_VALUES = {
    "first": "首次", "after": "整改后", "licensed_operator": "经营单位", "licensed_collector": "收集许可单位",
    "pilot_collector": "集中收集试点单位", **{grade.value: grade.label for grade in Grade},
}  # fmt: skip


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_shown(each) for each in value)
    return _VALUES.get(str(value), str(value))


def _setting(row: Mapping[str, Any]) -> Setting:
    return Setting(row["key"], row["title"], row["values"], row["source"], Trust(row["trust"]), row.get("note", ""))


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        no=row["no"],
        subject=Subject(row["subject"]),
        group=row["group"],
        text=row["text"],
        is_compulsory=row["compulsory"],
        may_not_apply=row["may_not_apply"],
        is_veto=row["veto"],
        source=row["source"],
        clause=row["clause"],
        law_subjects=tuple(row["law_subjects"]),
        trust=Trust(row["trust"]),
        note=row.get("note", ""),
    )
