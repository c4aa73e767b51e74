"""The terms that a file of licences states, each judged as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.queries import treatment_methods
from hwrisk.errors import RuleViolation
from hwrisk.imports import CheckContext, Fault, ParsedRow
from hwrisk.permits.contents import (
    Holder,
    LineContent,
    TermContent,
    check_content,
    doubts,
    parse_grants,
    parse_methods,
)
from hwrisk.permits.models import HolderPlace, Licence, LicenceKind, LicenceTerm, TermAct
from hwrisk.permits.operations.terms import refuse_overlap
from hwrisk.permits.queries import PermitSettings, permit_settings, terms_of
from hwrisk.permits.queries.scope import in_sight
from hwrisk.permits.rules import Term
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import UnitRow, on_or_first, units_known_as
from hwrisk.units.scope import visible_unit_ids

Key = tuple[str, date]
HEAD = (
    "unit_no",
    "holder",
    "place",
    "kind",
    "act",
    "authority",
    "document_no",
    "issued_on",
    "expires_on",
    "annual_cap",
)
COLUMN_OF = {"holder_name": "holder", "name": "line_name"}


@dataclass
class Group:
    """The rows of one term, and what they come to."""

    rows: list[ParsedRow]
    content: TermContent | None = None
    holder: Holder | None = None
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    """By row number."""
    same_as: LicenceTerm | None = None
    before: Term | None = None
    licence_id: int | None = None
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """Read once for a file."""

    groups: Mapping[Key, Group]


def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> Known:
    """Return the terms the rows state, each judged as a whole."""
    groups: dict[Key, Group] = {}
    for row in rows:
        groups.setdefault((row.values["licence_no"], row.values["valid_from"]), Group([])).rows.append(row)
    judge = _Judge(session, context, groups)
    for key, group in groups.items():
        judge.work_out(key, group)
    judge.refuse_clashes(groups)
    return Known(groups)


class _Judge:
    def __init__(self, session: Session, context: CheckContext, groups: Mapping[Key, Group]) -> None:
        numbers = {number for number, _ in groups}
        self.context = context
        self.settings: PermitSettings = permit_settings(session, as_of=context.as_of)
        self.methods = [method.code for method in treatment_methods(session)]
        self.licences = {
            licence.licence_no: licence
            for licence in session.scalars(select(Licence).where(Licence.licence_no.in_(sorted(numbers))))
        }
        ids = [licence.id for licence in self.licences.values()]
        self.in_sight = set(
            session.scalars(select(Licence.id).where(Licence.id.in_(ids), in_sight(context.user, as_of=context.as_of)))
        )
        self.terms: dict[int, list[LicenceTerm]] = {}
        for term in session.scalars(
            select(LicenceTerm)
            .where(LicenceTerm.licence_id.in_(ids), LicenceTerm.superseded_at.is_(None))
            .order_by(LicenceTerm.valid_from)
        ):
            self.terms.setdefault(term.licence_id, []).append(term)
        self.contents = {term.id: term for licence_id in ids for term in terms_of(session, licence_id)}
        self.units = self._units(session, groups)
        self.visible = set(session.scalars(visible_unit_ids(context.user, as_of=context.as_of)))

    def _units(self, session: Session, groups: Mapping[Key, Group]) -> dict[str, UnitRow]:
        rows = [row for group in groups.values() for row in group.rows]
        numbers = {row.values["unit_no"].upper() for row in rows if row.values.get("unit_no")}
        found: dict[str, UnitRow] = {}
        for unit in units_known_as(session, numbers, as_of=self.context.as_of):
            found |= {number: unit for number in (unit.unit.unit_no, unit.unit.identity_no) if number}
        names = sorted({row.values["holder"] for row in rows})
        named = session.execute(
            select(Unit, UnitVersion)
            .join(UnitVersion, UnitVersion.unit_id == Unit.id)
            .where(UnitVersion.name.in_(names), on_or_first(self.context.as_of))
        )
        for unit_of, version in named:
            found.setdefault(version.name, UnitRow(unit_of, version))
        return found

    def work_out(self, key: Key, group: Group) -> None:
        first = group.rows[0]
        for row in group.rows[1:]:
            for name in HEAD:
                if row.values.get(name) != first.values.get(name):
                    title = row.layout.titles.get(name, name)
                    message = f"与第 {first.row_no} 行同一许可证的“{title}”不一致"
                    group.faults.setdefault(row.row_no, []).append(row.fault(name, message))
        lines = [line for row in group.rows if (line := self._line(group, row)) is not None]
        if group.faults:
            return
        values = first.values
        try:
            group.content = TermContent(
                kind=LicenceKind(values["kind"]), act=TermAct(values.get("act") or TermAct.ISSUED.value),
                authority=values["authority"], issued_on=values["issued_on"], valid_from=key[1],
                expires_on=values["expires_on"], annual_cap=values.get("annual_cap"), lines=tuple(lines),
                document_no=values.get("document_no") or "",
            )  # fmt: skip
            check_content(group.content)
            group.holder = self._holder(key[0], values)
            self._against_known(key[0], group)
        except RuleViolation as violation:
            group.faults.setdefault(first.row_no, []).append(_fault(first, violation))
            return
        group.doubts = doubts(group.content, self.settings.term_years)

    def _line(self, group: Group, row: ParsedRow) -> LineContent | None:
        values = row.values
        try:
            return LineContent(
                line_no=values["line_no"], name=values.get("line_name") or "", quantity=values["quantity"],
                methods=parse_methods(values["methods"], self.methods),
                grants=parse_grants(
                    values.get("categories") or "", values.get("codes") or "", values.get("excepted") or ""
                ),
            )  # fmt: skip
        except RuleViolation as violation:
            group.faults.setdefault(row.row_no, []).append(_fault(row, violation))
            return None

    def _holder(self, licence_no: str, values: Mapping[str, Any]) -> Holder:
        number, name = (values.get("unit_no") or "").upper(), values["holder"]
        unit = self.units.get(number) if number else self.units.get(name)
        known = self.licences.get(licence_no)
        if known is not None and known.id not in self.in_sight:
            raise RuleViolation(f"许可证 {licence_no} 不在您的管辖范围内，不能导入", field="licence_no")
        # One sentence for both: whether a number is another district's is not told.
        if (number and unit is None) or (unit is not None and unit.id not in self.visible):
            raise RuleViolation(f"没有编号为“{number or name}”的单位，或不在您的管辖范围内", field="unit_no")
        if unit is not None:
            if known is not None and known.unit_id not in {None, unit.id}:
                raise RuleViolation(f"许可证 {licence_no} 已登记在另一单位名下，请核对持证单位", field="holder")
            return Holder(unit_id=unit.id, place=HolderPlace.CITY)
        return Holder(name=name, place=HolderPlace(values.get("place") or HolderPlace.CITY.value))

    def _against_known(self, licence_no: str, group: Group) -> None:
        licence = self.licences.get(licence_no)
        if licence is None or group.content is None:
            return
        group.licence_id = licence.id
        terms = self.terms.get(licence.id, [])
        group.same_as = next((term for term in terms if term.valid_from == group.content.valid_from), None)
        others = [term for term in terms if term is not group.same_as]
        if group.same_as is not None:
            group.before = self.contents[group.same_as.id]
            if _is_same(group.same_as, group.before, group.content):
                return
            if group.same_as.revoked_on is not None:
                raise RuleViolation("这段有效期已登记注销或吊销，不能再改", field="valid_from")
        refuse_overlap(licence_no, others, group.content)

    def refuse_clashes(self, groups: Mapping[Key, Group]) -> None:
        """Refuse terms of one number that overlap one another within the file."""
        by_number: dict[str, list[Group]] = {}
        for (number, _), group in sorted(groups.items()):
            if group.content is not None:
                by_number.setdefault(number, []).append(group)
        for number, found in by_number.items():
            for earlier, later in pairwise(found):
                if earlier.content and later.content and later.content.valid_from < earlier.content.valid_until:
                    row = later.rows[0]
                    message = (
                        f"许可证编号 {number} 的有效期与第 {earlier.rows[0].row_no} 行（"
                        f"{earlier.content.valid_from:%Y-%m-%d} 至 {earlier.content.expires_on:%Y-%m-%d}）重叠"
                    )
                    later.faults.setdefault(row.row_no, []).append(row.fault("valid_from", message))


def _is_same(term: LicenceTerm, before: Term, content: TermContent) -> bool:
    lines = {
        (line.line_no, line.name, line.quantity, frozenset(line.methods), frozenset(line.grants))
        for line in content.lines
    }
    known = {(line.line_no, line.name, line.quantity, line.methods, line.grants) for line in before.lines}
    head = (content.kind, content.authority, content.issued_on, content.expires_on, content.annual_cap)
    return lines == known and head == (
        term.kind, term.authority, term.issued_on, term.expires_on, term.annual_cap,
    )  # fmt: skip


def _fault(row: ParsedRow, violation: RuleViolation) -> Fault:
    return row.fault(COLUMN_OF.get(violation.field or "", violation.field), violation.message)
