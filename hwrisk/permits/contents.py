"""What a licence is told to say: lines with methods and entries, checked before anything is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import CellError, half_width, parse_waste_category, parse_waste_code
from hwrisk.permits.models import GrantMode, HolderPlace, LicenceKind, TermAct
from hwrisk.permits.rules import ONE_DAY, Grant, category_of, last_day_of_term

_MONTH = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})月?(?:-?0?1日?)?")
BREAKS = str.maketrans("，、；,\n\t ", ";;;;;;;")


@dataclass(frozen=True, kw_only=True)
class LineContent:
    """A line as it is to be recorded."""

    line_no: str
    name: str
    quantity: Decimal
    methods: tuple[str, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, kw_only=True)
class TermContent:
    """What a licence shall say from a day on."""

    kind: LicenceKind
    act: TermAct
    authority: str
    issued_on: date
    valid_from: date
    expires_on: date
    lines: tuple[LineContent, ...]
    annual_cap: Decimal | None = None
    document_no: str = ""
    note: str = ""

    @property
    def valid_until(self) -> date:
        """First day it no longer holds."""
        return self.expires_on + ONE_DAY


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds a licence: a unit of the register, or a name outside it with its place."""

    unit_id: int | None = None
    name: str = ""
    place: HolderPlace = HolderPlace.CITY
    office_code: str | None = None
    longitude: float | None = None
    latitude: float | None = None


def parse_grants(categories: str, codes: str, excepted: str) -> tuple[Grant, ...]:
    """Return the entries that three lists state: whole categories, listed codes, codes left out of a category.

    Raises:
        RuleViolation: a category or code is malformed, nothing is named, or a code is left out of no category.
    """
    whole = _each(categories, parse_waste_category, "categories")
    listed = _each(codes, parse_waste_code, "codes")
    left_out = _each(excepted, parse_waste_code, "excepted")
    if not whole and not listed:
        raise RuleViolation("请写明核准类别：整类填废物类别，逐项核准的填废物代码", field="categories")
    if stray := [code for code in left_out if category_of(code) not in whole]:
        raise RuleViolation(
            f"除外代码 {'、'.join(stray)} 所属的类别没有整类核准，请先填写整类",
            field="excepted",
        )
    if both := sorted(set(listed) & set(left_out)):
        raise RuleViolation(f"代码 {'、'.join(both)} 既列明又除外，请核对", field="excepted")
    return (
        *(Grant(GrantMode.CATEGORY, category) for category in whole),
        *(Grant(GrantMode.CODE, category_of(code), code) for code in listed),
        *(Grant(GrantMode.EXCEPT, category_of(code), code) for code in left_out),
    )


def parse_methods(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the method codes a list states.

    Raises:
        RuleViolation: none, or one that the code table does not have.
    """
    options = set(known)
    found = tuple(dict.fromkeys(item.upper() for item in split(text)))
    if not found:
        raise RuleViolation("请填写利用处置方式代码，如 D10；多个用分号隔开", field="methods")
    if unknown := [code for code in found if code not in options]:
        raise RuleViolation(
            f"利用处置方式代码表中没有“{'、'.join(unknown)[:60]}”，请填 D10、R1 这样的代码", field="methods"
        )
    return found


def split(text: str) -> list[str]:
    """Return the items of a list written with semicolons, commas, 顿号, blanks or line breaks."""
    return [item for item in text.translate(BREAKS).split(";") if item]


def check_content(content: TermContent) -> None:
    """Refuse what no licence can say.

    Raises:
        RuleViolation: no authority, days the wrong way round, no lines, a line twice, or a quantity not above zero.
    """
    if not content.authority.strip():
        raise RuleViolation("请填写发证机关", field="authority")
    if content.expires_on < content.valid_from:
        raise RuleViolation(
            f"有效期止 {content.expires_on:%Y-%m-%d} 早于有效期起 {content.valid_from:%Y-%m-%d}，请核对",
            field="expires_on",
        )
    if content.annual_cap is not None and content.annual_cap <= 0:
        raise RuleViolation("核准经营总规模必须大于 0 吨，证上没有写的请留空", field="annual_cap")
    if not content.lines:
        raise RuleViolation("至少要有一条生产线（设施），写明核准类别和经营规模")
    twice = [number for number, count in Counter(line.line_no for line in content.lines).items() if count > 1]
    if twice:
        raise RuleViolation(f"生产线编号“{twice[0]}”出现了两次，请核对", field="line_no")
    for line in content.lines:
        if line.quantity <= 0:
            raise RuleViolation(f"生产线“{line.line_no}”的核准经营规模必须大于 0 吨/年", field="quantity")


def doubts(content: TermContent, years: Mapping[str, Any]) -> list[str]:
    """Return what is doubtful in a licence that is not impossible: a validity longer than the law gives."""
    last = last_day_of_term(content.valid_from, content.kind, years)
    if content.expires_on <= last:
        return []
    span = years[content.kind.value]
    return [f"{content.kind.label}经营许可证有效期为 {span} 年，应至 {last:%Y-%m-%d}，所填长于此，请核对"]


def _each(text: str, parse: Any, name: str) -> tuple[str, ...]:
    found: list[str] = []
    for item in split(text):
        try:
            found.append(parse(item))
        except CellError as error:
            right = f"；应为：{error.right}" if error.right else ""
            raise RuleViolation(f"“{item[:30]}”：{error.message}{right}", field=name) from error
    return tuple(dict.fromkeys(found))


def grants_text(grants: Sequence[Grant], mode: GrantMode) -> str:
    """Return the entries of one way of writing, as they are typed."""
    return ";".join(sorted(grant.waste_code or grant.category for grant in grants if grant.mode is mode))


def grants_label(grants: Iterable[Grant]) -> str:
    """Return what a line may take in words: HW08（除 900-214-08）；HW49：900-041-49."""
    by_category: dict[str, list[Grant]] = {}
    for grant in sorted(grants, key=lambda grant: (grant.category, grant.waste_code)):
        by_category.setdefault(grant.category, []).append(grant)
    return "；".join(_category_label(category, entries) for category, entries in by_category.items())


def _category_label(category: str, entries: Sequence[Grant]) -> str:
    if any(entry.mode is GrantMode.CATEGORY for entry in entries):
        left_out = [entry.waste_code for entry in entries if entry.mode is GrantMode.EXCEPT]
        return f"{category} 全部" + (f"（{'、'.join(left_out)} 除外）" if left_out else "")
    return f"{category}：" + "、".join(entry.waste_code for entry in entries if entry.mode is GrantMode.CODE)


def parse_month(text: object) -> str:
    """Return the month as 2026-11 from the common ways of writing.

    Raises:
        CellError: it is no month.
    """
    found = _MONTH.fullmatch(half_width(str(text)).replace(" ", ""))
    if found is None or not 1 <= int(found[2]) <= 12 or not 1990 <= int(found[1]) <= 2100:
        raise CellError("月份写法不对", "如 2026-11")
    return f"{int(found[1]):04d}-{int(found[2]):02d}"


def first_day(month: str) -> date:
    """Return the first day of a month written as 2026-11."""
    return date.fromisoformat(f"{month}-01")
