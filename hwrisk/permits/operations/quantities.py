"""What is stated to have been taken and treated under a licence (经营量)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.permits.contents import grants_label
from hwrisk.permits.models import Licence, OperatingQuantity
from hwrisk.permits.queries.loads import covered_in_month, next_month
from hwrisk.permits.queries.terms import terms_of
from hwrisk.permits.rules import ONE_DAY, Term
from hwrisk.security.viewer import Viewer


class Stated(NamedTuple):
    """One month of one waste on one line; tonnes."""

    line_no: str
    waste_code: str
    month: date
    """First day of the month."""
    received: Decimal
    treated: Decimal


def check_stated(licence_no: str, terms: Sequence[Term], stated: Stated, *, as_of: date) -> None:
    """Refuse what cannot have been done under the licence.

    Raises:
        RuleViolation: a negative quantity, a month to come, an expired licence, an unknown line, or a code outside it.
    """
    if stated.received < 0 or stated.treated < 0:
        raise RuleViolation("数量不能为负数", field="received" if stated.received < 0 else "treated")
    month = stated.month.replace(day=1)
    if month > as_of:
        raise RuleViolation(f"{month:%Y年%m月} 还没有到，不能填报", field="month")
    end = next_month(month)
    there = [term for term in terms if term.valid_from < end and month < term.valid_until]
    if not there:
        raise RuleViolation(f"许可证 {licence_no} 在 {month:%Y年%m月} 不在有效期内{_validity(terms)}", field="month")
    lines = {line.line_no: line for term in there for line in term.lines}
    if stated.line_no not in lines:
        known = "、".join(sorted(lines))
        raise RuleViolation(f"许可证 {licence_no} 没有编号为“{stated.line_no}”的生产线，现有：{known}", field="line_no")
    if not covered_in_month(there, stated.line_no, stated.waste_code, month):
        allowed = grants_label(lines[stated.line_no].grants)
        raise RuleViolation(
            f"废物代码 {stated.waste_code} 不在许可证 {licence_no} 生产线 {stated.line_no} 的核准类别内"
            f"（核准：{allowed}）",
            field="waste_code",
        )


def doubt(terms: Sequence[Term], stated: Stated) -> tuple[str, str] | None:
    """Return the field and why its quantity is hardly meant in tonnes, or None: a month above what a year may take."""
    end = next_month(stated.month)
    most = max(
        (
            line.quantity
            for term in terms
            if term.valid_from < end and stated.month < term.valid_until
            for line in term.lines
            if line.line_no == stated.line_no
        ),
        default=None,
    )
    if most is None:
        return None
    for name, label, quantity in (("received", "接收量", stated.received), ("treated", "利用处置量", stated.treated)):
        if quantity > most:
            said = f"一个月{label} {quantity:,.4f} 吨，超过该生产线全年核准规模 {most:,.4f} 吨"
            return name, f"{said}，请核对单位是否为吨"
    return None


def state_quantities(
    session: Session,
    licence: Licence,
    rows: Sequence[Stated],
    *,
    as_of: date,
    actor: Viewer,
    recorded_at: datetime | None = None,
) -> int:
    """Record quantities of a licence, each in place of what was stated before, and return how many are new or changed.

    Raises:
        RuleViolation: see `check_stated`.
    """
    terms = terms_of(session, licence.id)
    session.scalars(select(Licence.id).where(Licence.id == licence.id).with_for_update()).one()
    months = sorted({row.month.replace(day=1) for row in rows})
    current = {
        (row.line_no, row.waste_code, row.month): row
        for row in session.scalars(
            select(OperatingQuantity).where(
                OperatingQuantity.licence_id == licence.id,
                OperatingQuantity.month.in_(months),
                OperatingQuantity.superseded_at.is_(None),
            )
        )
    }
    at = recorded_at or now()
    fresh = []
    for row in rows:
        check_stated(licence.licence_no, terms, row, as_of=as_of)
        month = row.month.replace(day=1)
        before = current.get((row.line_no, row.waste_code, month))
        if before is not None and (before.received, before.treated) == (row.received, row.treated):
            continue
        if before is not None:
            before.superseded_at, before.current_mark = at, None
        fresh.append(
            OperatingQuantity(
                licence_id=licence.id, line_no=row.line_no, waste_code=row.waste_code, month=month,
                received=row.received, treated=row.treated, recorded_by=actor.label, recorded_at=at,
            )
        )  # fmt: skip
    # What is superseded must be written before what takes its place: one row alone counts.
    session.flush()
    session.add_all(fresh)
    session.flush()
    if fresh:
        stated = "、".join(f"{month:%Y-%m}" for month in months)
        summary = {"许可证编号": licence.licence_no, "条数": len(fresh), "月份": stated}
        audit.record(session, actor, "licence.quantities", "licence", licence.id, summary=summary)
    return len(fresh)


def _validity(terms: Sequence[Term]) -> str:
    if not terms:
        return ""
    periods = "；".join(f"{term.valid_from:%Y-%m-%d} 至 {term.valid_until - ONE_DAY:%Y-%m-%d}" for term in terms)
    return f"（有效期：{periods}）"
