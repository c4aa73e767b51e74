"""What must always hold of licences (自检)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from hwrisk.db.checks import Check
from hwrisk.permits.models import Licence, LicenceLine, LicenceTerm, LineGrant, OperatingQuantity
from hwrisk.permits.queries.loads import covered_in_month
from hwrisk.permits.queries.terms import terms_between
from hwrisk.permits.rules import Term

MOST = 200


def overlapping_terms(session: Session) -> list[str]:
    """Return a sentence for each pair of terms of one licence that hold on the same day."""
    other = aliased(LicenceTerm)
    rows = session.execute(
        select(Licence.licence_no, LicenceTerm.valid_from, other.valid_from)
        .join(LicenceTerm, LicenceTerm.licence_id == Licence.id)
        .join(
            other,
            and_(
                other.licence_id == LicenceTerm.licence_id,
                other.id > LicenceTerm.id,
                other.valid_from < LicenceTerm.valid_until,
                LicenceTerm.valid_from < other.valid_until,
            ),
        )
        .where(LicenceTerm.superseded_at.is_(None), other.superseded_at.is_(None))
        .limit(MOST)
    )
    return [f"许可证 {number} 自 {one} 和自 {two} 的两段有效期重叠" for number, one, two in rows]


def empty_lines(session: Session) -> list[str]:
    """Return a sentence for each term without a line, and each line that may take nothing."""
    lines = select(func.count()).where(LicenceLine.term_id == LicenceTerm.id).scalar_subquery()
    terms = session.execute(
        select(Licence.licence_no, LicenceTerm.valid_from)
        .join(LicenceTerm, LicenceTerm.licence_id == Licence.id)
        .where(LicenceTerm.superseded_at.is_(None), lines == 0)
        .limit(MOST)
    )
    found = [f"许可证 {number} 自 {day} 起没有生产线" for number, day in terms]
    bare = session.execute(
        select(Licence.licence_no, LicenceLine.line_no)
        .join(LicenceTerm, LicenceTerm.licence_id == Licence.id)
        .join(LicenceLine, LicenceLine.term_id == LicenceTerm.id)
        .outerjoin(LineGrant, LineGrant.line_id == LicenceLine.id)
        .where(LicenceTerm.superseded_at.is_(None), LineGrant.id.is_(None))
        .limit(MOST)
    )
    return found + [f"许可证 {number} 的生产线 {line} 没有核准类别" for number, line in bare]


def uncovered_quantities(session: Session) -> list[str]:
    """Return a sentence for each stated quantity that the licence as it reads now does not cover."""
    rows = session.execute(
        select(Licence.licence_no, OperatingQuantity)
        .join(Licence, Licence.id == OperatingQuantity.licence_id)
        .where(OperatingQuantity.superseded_at.is_(None))
        .order_by(OperatingQuantity.id)
    ).all()
    if not rows:
        return []
    first = min(row.month for _, row in rows)
    terms: dict[int, list[Term]] = {}
    for term in terms_between(session, first, date.max):
        terms.setdefault(term.licence_id, []).append(term)
    return [
        f"许可证 {number} {row.month:%Y-%m} 的经营量（{row.line_no}，{row.waste_code}）不在核准范围内"
        for number, row in rows
        if not covered_in_month(terms.get(row.licence_id, []), row.line_no, row.waste_code, row.month)
    ][:MOST]


CHECKS = (
    Check("permits.terms", "同一证号的有效期不重叠", overlapping_terms),
    Check("permits.lines", "许可证都有生产线和核准类别", empty_lines),
    Check("permits.quantities", "经营量都在核准范围内", uncovered_quantities),
)
