"""Licences of whoever takes waste in the demonstration's ledger: what they take is what the ledger says arrived.

Names from public sources stand for public facilities: nothing unfavourable is invented of them. Their licensed
quantity is the published one, or more where the invented ledger needs it, and their statements agree with the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

from sqlalchemy import extract, select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.seeds import seed_rows
from hwrisk.db.types import ZERO, total
from hwrisk.demo.parts.context import DemoContext
from hwrisk.ledger.models import EntryKind, LedgerEntry
from hwrisk.permits.contents import Holder, LineContent, TermContent
from hwrisk.permits.models import GrantMode, HolderPlace, Licence, LicenceKind, TermAct
from hwrisk.permits.operations import NewLicence, Stated, register_licence, state_quantities
from hwrisk.permits.queries import full_months_until, permit_settings
from hwrisk.permits.rules import Grant, category_of, last_day_of_term
from hwrisk.units.models import UnitRole, UnitVersion

AUTHORITY = "演示发证机关（虚构）"
SOURCE = "演示数据（虚构）"
NOTE = "演示数据：编号、有效期、核准类别和规模为虚构"
USED_AT_MOST = Decimal("0.7")
STEP = Decimal(500)
SHORT_STATED = "reuse"
"""An invented holder that states less than the ledgers say arrived, so that a difference can be seen."""
SHORT = Decimal("0.94")
OUT_OF_TOWN = "演示证-外市"
OUT_OF_TOWN_NAME = "演示外市利用处置单位（四家合并登记）"
OUT_OF_TOWN_TONNES = Decimal(50_000)
COLLECTORS = frozenset({UnitRole.COLLECTOR, UnitRole.PILOT_COLLECTOR})
LINE_NAMES: Mapping[str, str] = {
    "D1": "填埋场", "D10": "焚烧线", "D9": "物化处理线", "Y11": "医疗废物处置线",
}  # fmt: skip


@dataclass
class Taken:
    """What the ledger says arrived under one number; tonnes by waste code and first day of the month."""

    methods: set[str] = field(default_factory=set)
    months: dict[tuple[str, date], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def of_year(self, year: int) -> Decimal:
        """Return the tonnes of a year."""
        return sum((tonnes for (_, month), tonnes in self.months.items() if month.year == year), ZERO)

    @property
    def codes(self) -> list[str]:
        """Return the codes that arrived, in order."""
        return sorted({code for code, _ in self.months})


def license_receivers(context: DemoContext) -> int:
    """Register a licence for every receiver that the ledger names by number, and state its full months."""
    made = 0
    holders = _holders(context.session)
    for number, taken in sorted(_taken(context).items()):
        if number == OUT_OF_TOWN:
            holder, role = Holder(name=OUT_OF_TOWN_NAME, place=HolderPlace.PROVINCE), UnitRole.OPERATOR
        elif number in holders:
            unit_id, role = holders[number]
            holder = Holder(unit_id=unit_id, place=HolderPlace.CITY)
        else:
            continue
        licence = _register(context, number, holder, role, taken)
        made += 1
        if number != OUT_OF_TOWN:
            made += _state(context, licence, taken, share=SHORT if SHORT_STATED in number else Decimal(1))
    return made


def _taken(context: DemoContext) -> dict[str, Taken]:
    sent = aliased(LedgerEntry)
    year, month = extract("year", LedgerEntry.occurred_on), extract("month", LedgerEntry.occurred_on)
    columns: Sequence[Any] = (sent.receiver_licence_no, sent.waste_code, sent.method_code, year, month)
    rows: Any = context.session.execute(
        select(*columns, total(LedgerEntry.quantity))
        .select_from(LedgerEntry)
        .join(sent, sent.id == LedgerEntry.predecessor_id)
        .where(LedgerEntry.kind == EntryKind.RECEIVED, sent.receiver_licence_no != "")
        .group_by(*columns)
    )
    found: dict[str, Taken] = defaultdict(Taken)
    for number, code, method, in_year, in_month, tonnes in rows:
        taken = found[number]
        taken.methods.add(method or "D10")
        taken.months[code, date(int(in_year), int(in_month), 1)] += tonnes
    return found


def _holders(session: Session) -> dict[str, tuple[int, UnitRole]]:
    rows = session.execute(
        select(UnitVersion.licence_no, UnitVersion.unit_id, UnitVersion.role).where(
            UnitVersion.superseded_at.is_(None), UnitVersion.licence_no != ""
        )
    )
    return {number: (unit_id, role) for number, unit_id, role in rows}


def _register(context: DemoContext, number: str, holder: Holder, role: UnitRole, taken: Taken) -> Licence:
    kind = LicenceKind.COLLECTION if role in COLLECTORS else LicenceKind.COMPREHENSIVE
    since = date(context.as_of.year - 2, 3, 1)
    years = permit_settings(context.session, as_of=context.as_of).term_years
    published = _published().get(number)
    note = f"公开规模 {published:,} 吨/年（{number.removeprefix('演示证-')}，二手）" if published else ""
    content = TermContent(
        kind=kind, act=TermAct.ISSUED, authority=AUTHORITY, issued_on=since, valid_from=since,
        expires_on=last_day_of_term(since, kind, years), lines=(_line(number, taken, role, published),), note=note,
    )  # fmt: skip
    new = NewLicence(licence_no=number, holder=holder, content=content, source=SOURCE, note=NOTE, is_demo=True)
    return register_licence(context.session, new, actor=context.viewer, recorded_at=context.at)


def _line(number: str, taken: Taken, role: UnitRole, published: Decimal | None) -> LineContent:
    methods = tuple(sorted(taken.methods))
    name = "收集贮存库" if role in COLLECTORS else LINE_NAMES.get(methods[0], "利用生产线")
    most = max((taken.of_year(month.year) for _, month in taken.months), default=ZERO)
    needed = ((most / USED_AT_MOST) / STEP).to_integral_value(rounding=ROUND_UP) * STEP
    quantity = OUT_OF_TOWN_TONNES if number == OUT_OF_TOWN else max(published or STEP, needed)
    grants = tuple(Grant(GrantMode.CATEGORY, category) for category in sorted({category_of(c) for c in taken.codes}))
    return LineContent(line_no="L1", name=name, quantity=quantity, methods=methods, grants=grants)


def _published() -> dict[str, Decimal]:
    rows = seed_rows("units/public_facilities.csv")
    return {f"演示证-{row['ref']}": Decimal(row["capacity"]) for row in rows if row["capacity"]}


def _state(context: DemoContext, licence: Licence, taken: Taken, *, share: Decimal) -> int:
    until = full_months_until(context.as_of)
    if until is None:
        return 0
    rows = [
        Stated("L1", code, month, stated, stated)
        for (code, month), tonnes in sorted(taken.months.items())
        if month.year == context.as_of.year and month <= until
        for stated in [(tonnes * share).quantize(Decimal("0.0001"))]
    ]
    return state_quantities(
        context.session, licence, rows, as_of=context.as_of - timedelta(days=1), actor=context.viewer,
        recorded_at=context.at,
    )  # fmt: skip
