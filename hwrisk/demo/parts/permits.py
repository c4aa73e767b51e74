"""Licences of the demonstration: invented holders, and whoever takes waste in the ledger; everything marked 演示."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select

from hwrisk.demo.parts.context import DemoContext
from hwrisk.demo.parts.receiving import AUTHORITY, SOURCE, license_receivers
from hwrisk.permits.contents import Holder, LineContent, TermContent
from hwrisk.permits.models import GrantMode, HolderPlace, Licence, LicenceKind, TermAct
from hwrisk.permits.operations import NewLicence, Stated, register_licence, state_quantities
from hwrisk.permits.queries import permit_settings, terms_of
from hwrisk.permits.queries.settings import RenewalBook
from hwrisk.permits.rules import ONE_DAY, Grant, last_day_of_term
from hwrisk.units.models import UnitRole, UnitVersion

NOTE = "演示数据：编号、有效期、核准类别为虚构"
PLACES = {"演示接收单位甲": (HolderPlace.PROVINCE, None), "演示接收单位乙": (HolderPlace.OUTSIDE, None)}
"""The third receiver of the demonstration has no licence on record: its waste went nobody knows where."""
NEAR_RENEWAL_DAYS = 20


class Plant(NamedTuple):
    """A line of an invented licence."""

    quantity: str
    name: str
    method: str
    whole: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()


PLANTS: tuple[tuple[Plant, ...], ...] = (
    (
        Plant("3000", "回转窑焚烧线", "D10", ("HW06", "HW11", "HW12", "HW49"), excepted=("900-044-49",)),
        Plant("800", "物化处理线", "D9", ("HW09", "HW34")),
    ),
    (Plant("2000", "焚烧线", "D10", ("HW02", "HW06", "HW13"), ("900-041-49", "900-039-49")),),
    (Plant("1500", "焚烧线", "D10", ("HW11", "HW12", "HW13", "HW45")),),
    (Plant("1000", "刚性填埋场", "D1", ("HW18",), ("772-006-49",)),),
    (Plant("60", "废矿物油再生线", "R9", ("HW08",)),),
)
OVER_PLACE = 4
"""The small line that took more than it is licensed for."""


def build(context: DemoContext) -> int:
    """Make licences for the operators, collectors and receivers of the demonstration, with what was taken."""
    operators = _units(context, UnitRole.OPERATOR)
    made = 0
    for place, unit_id in enumerate(operators[: len(PLANTS)]):
        licence = _licence(context, place, unit_id)
        made += 1 + _quantities(context, licence, is_over=place == OVER_PLACE)
    for place, unit_id in enumerate(_units(context, UnitRole.COLLECTOR)):
        if not _number(context, unit_id):
            _collector(context, place, unit_id)
            made += 1
    for place, (name, (where, office)) in enumerate(PLACES.items()):
        holder = Holder(name=name, place=where, office_code=office)
        _register(
            context, f"演示市外证-{place + 1}", holder, _content(context, (_WIDE,), valid_from=_since(context, 2))
        )
        made += 1
    return made + license_receivers(context)


_WIDE = Plant("50000", "焚烧线", "D10", ("HW02", "HW06", "HW08", "HW11", "HW12", "HW13", "HW31", "HW45", "HW49"))


def _units(context: DemoContext, role: UnitRole) -> list[int]:
    """Return the invented units of a role, in the order they were made; as many as the scale has."""
    found = set(
        context.session.scalars(
            select(UnitVersion.unit_id).where(UnitVersion.role == role, UnitVersion.superseded_at.is_(None))
        )
    )
    return [unit_id for unit_id in context.unit_ids if unit_id in found]


def _licence(context: DemoContext, place: int, unit_id: int) -> Licence:
    number = _number(context, unit_id) or f"演示证-K{place + 1:02d}"
    since = _near_renewal(context) if place == 1 else _since(context, 2 + place % 2)
    content = _content(context, PLANTS[place], valid_from=since, cap=Decimal(3500) if place == 0 else None)
    return _register(context, number, Holder(unit_id=unit_id, place=HolderPlace.CITY), content)


def _collector(context: DemoContext, place: int, unit_id: int) -> Licence:
    line = Plant("3000", "收集贮存库", "R15", ("HW08",), ("900-052-31",))
    content = _content(context, (line,), valid_from=_since(context, 1), kind=LicenceKind.COLLECTION)
    return _register(context, f"演示收集证-{place + 1}", Holder(unit_id=unit_id, place=HolderPlace.CITY), content)


def _register(context: DemoContext, number: str, holder: Holder, content: TermContent) -> Licence:
    new = NewLicence(licence_no=number, holder=holder, content=content, source=SOURCE, note=NOTE, is_demo=True)
    return register_licence(context.session, new, actor=context.viewer, recorded_at=context.at)


def _content(
    context: DemoContext,
    plants: Sequence[Plant],
    *,
    valid_from: date,
    kind: LicenceKind = LicenceKind.COMPREHENSIVE,
    cap: Decimal | None = None,
) -> TermContent:
    years = permit_settings(context.session, as_of=context.as_of).term_years
    return TermContent(
        kind=kind, act=TermAct.ISSUED, authority=AUTHORITY, issued_on=valid_from, valid_from=valid_from,
        expires_on=last_day_of_term(valid_from, kind, years), annual_cap=cap,
        lines=tuple(_line(number, plant) for number, plant in enumerate(plants, start=1)),
    )  # fmt: skip


def _line(number: int, plant: Plant) -> LineContent:
    return LineContent(
        line_no=f"L{number}", name=plant.name, quantity=Decimal(plant.quantity), methods=(plant.method,),
        grants=(
            *(Grant(GrantMode.CATEGORY, category) for category in plant.whole),
            *(Grant(GrantMode.CODE, f"HW{code[-2:]}", code) for code in plant.codes),
            *(Grant(GrantMode.EXCEPT, f"HW{code[-2:]}", code) for code in plant.excepted),
        ),
    )  # fmt: skip


def _number(context: DemoContext, unit_id: int) -> str:
    found: str | None = context.session.scalar(
        select(UnitVersion.licence_no)
        .where(UnitVersion.unit_id == unit_id, UnitVersion.superseded_at.is_(None))
        .order_by(UnitVersion.valid_from)
        .limit(1)
    )
    return found or ""


def _since(context: DemoContext, years: int) -> date:
    return date(context.as_of.year - years, 3, 1)


def _near_renewal(context: DemoContext) -> date:
    """Return a first day whose renewal is due some weeks after the day of the demonstration."""
    book = RenewalBook(context.session, permit_settings(context.session, as_of=context.as_of))
    last = context.as_of
    while (book.due_on(last) - context.as_of).days < NEAR_RENEWAL_DAYS:
        last += ONE_DAY
    first = last + ONE_DAY
    # Five years before the day after its end; on 29 February the end of that month.
    return first.replace(year=first.year - 5) if (first.month, first.day) != (2, 29) else date(first.year - 5, 3, 1)


def _quantities(context: DemoContext, licence: Licence, *, is_over: bool) -> int:
    """State every full month of the year; the line that is over takes 118 % of its quantity by now."""
    months = [date(context.as_of.year, month, 1) for month in range(1, context.as_of.month)]
    if not months:
        return 0
    rows = []
    for term in terms_of(context.session, licence.id):
        for line in term.lines:
            grant = next((g for g in sorted(line.grants) if g.mode is GrantMode.CODE), None)
            code = grant.waste_code if grant else _CODES[line.categories[0]]
            share = Decimal("1.18") if is_over else Decimal(context.random.randint(45, 78)) / 100
            monthly = (line.quantity * share / len(months)).quantize(Decimal("0.0001"))
            rows += [Stated(line.line_no, code, month, monthly, monthly) for month in months]
    return state_quantities(
        context.session, licence, rows, as_of=context.as_of - timedelta(days=1), actor=context.viewer,
        recorded_at=context.at,
    )  # fmt: skip


_CODES = {
    "HW02": "271-001-02", "HW06": "900-404-06", "HW08": "900-214-08", "HW09": "900-006-09", "HW11": "900-013-11",
    "HW18": "772-003-18",
}  # fmt: skip
"""A usual code of each category that stands first in a line."""
