"""Import of operating quantities: one row is one month of one waste on one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.db.chunks import chunked
from hwrisk.errors import RuleViolation
from hwrisk.imports import ApplyContext, CheckContext, ImportKind, ParsedRow, RowOutcome, StagedRow
from hwrisk.imports.cells import format_tonnes
from hwrisk.permits import operations
from hwrisk.permits.contents import first_day
from hwrisk.permits.imports.template import QUANTITIES as TEMPLATE
from hwrisk.permits.models import Licence, LicenceTerm, OperatingQuantity
from hwrisk.permits.operations import Stated, check_stated
from hwrisk.permits.queries import terms_of
from hwrisk.permits.queries.scope import in_hand
from hwrisk.permits.rules import Term
from hwrisk.security.permissions import Permission

Key = tuple[int, str, str, Any]


@dataclass(frozen=True)
class Known:
    """Read once for a file."""

    licences: Mapping[str, Licence]
    """Those of which the person may state something, by number."""
    terms: Mapping[int, Sequence[Term]]
    stated: Mapping[Key, tuple[Decimal, Decimal]] = field(default_factory=dict)


def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> Known:
    """Return the licences the rows name, what they say, and what is stated already."""
    numbers = sorted({row.values["licence_no"] for row in rows})
    licences: dict[str, Licence] = {}
    for chunk in chunked(numbers):
        found = session.scalars(
            select(Licence).where(Licence.licence_no.in_(chunk), in_hand(context.user, as_of=context.as_of))
        )
        licences |= {licence.licence_no: licence for licence in found}
    ids = sorted(licence.id for licence in licences.values())
    months = sorted({first_day(row.values["month"]) for row in rows})
    stated: dict[Key, tuple[Decimal, Decimal]] = {}
    for chunk in chunked(ids):
        current = session.scalars(
            select(OperatingQuantity).where(
                OperatingQuantity.licence_id.in_(chunk),
                OperatingQuantity.month.in_(months),
                OperatingQuantity.superseded_at.is_(None),
            )
        )
        stated |= {(r.licence_id, r.line_no, r.waste_code, r.month): (r.received, r.treated) for r in current}
    return Known(licences, {licence_id: terms_of(session, licence_id) for licence_id in ids}, stated)


def check(_session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row."""
    known: Known = context.known
    number = row.values["licence_no"]
    title = f"{number} {row.values['line_no']} {row.values['month']} {row.values['waste_code']}"
    licence = known.licences.get(number)
    if licence is None:
        fault = row.fault("licence_no", f"没有编号为“{number}”的许可证，或不在您的管辖范围内", "先登记或导入许可证")
        return RowOutcome.refused(fault, title=title)
    stated = _stated(row.values)
    try:
        check_stated(number, known.terms[licence.id], stated, as_of=context.as_of)
    except RuleViolation as violation:
        return RowOutcome.refused(row.fault(violation.field, violation.message), title=title)
    before = known.stated.get((licence.id, stated.line_no, stated.waste_code, stated.month))
    payload = {**row.values, "licence_id": licence.id}
    outcome = RowOutcome.of(
        row, exists=before is not None, before=_shown(*before) if before else None,
        after=_shown(stated.received, stated.treated), payload=payload, title=title,
    )  # fmt: skip
    doubtful = operations.doubt(known.terms[licence.id], stated)
    return outcome.warn(row.fault(*doubtful)) if doubtful else outcome


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Record what is new or corrected, licence by licence."""
    by_licence: dict[int, list[Stated]] = {}
    for row in rows:
        by_licence.setdefault(row.payload["licence_id"], []).append(_stated(row.payload))
    at, count = now(), 0
    for licence_id, stated in sorted(by_licence.items()):
        licence = session.get_one(Licence, licence_id)
        count += operations.state_quantities(
            session, licence, stated, as_of=context.as_of, actor=context.user, recorded_at=at
        )
    return {"经营量": count, "许可证": len(by_licence)}


def base_version(session: Session, context: CheckContext) -> str:  # noqa: ARG001 - the scope is added by the service
    """Return a text that changes whenever a licence or a stated quantity does."""
    counted = (
        select(func.max(LicenceTerm.id), func.count(LicenceTerm.superseded_at)),
        select(func.max(OperatingQuantity.id), func.count()),
    )
    return " ".join(str(tuple(session.execute(statement).one())) for statement in counted)


def _stated(values: Mapping[str, Any]) -> Stated:
    return Stated(
        values["line_no"], values["waste_code"], first_day(values["month"]), values["received"], values["treated"]
    )


def _shown(received: Decimal, treated: Decimal) -> dict[str, str]:
    return {"接收量（吨）": format_tonnes(received), "利用处置量（吨）": format_tonnes(treated)}


OPERATING_QUANTITIES = ImportKind(
    kind="operating-quantities",
    label="许可证经营量",
    permission=Permission.PERMIT_REPORT,
    template=TEMPLATE,
    prepare=prepare,
    check=check,
    apply=apply,
    base_version=base_version,
)
