"""Import of licences: rows of one number and first day are one term; a row is one line of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.imports import ApplyContext, CheckContext, ImportKind, ParsedRow, RowOutcome, StagedRow
from hwrisk.imports.cells import format_tonnes
from hwrisk.permits import operations
from hwrisk.permits.contents import (
    Holder,
    LineContent,
    TermContent,
    grants_label,
)
from hwrisk.permits.imports.judging import Group, Known, prepare
from hwrisk.permits.imports.template import PERMITS as TEMPLATE
from hwrisk.permits.models import GrantMode, HolderPlace, Licence, LicenceKind, LicenceTerm, TermAct
from hwrisk.permits.operations import NewLicence
from hwrisk.permits.rules import Grant
from hwrisk.security.permissions import Permission
from hwrisk.units.models import UnitVersion

SOURCE = "许可证导入"


def check(_session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row: its own faults, or that its licence is refused as a whole."""
    known: Known = context.known
    group = known.groups[(row.values["licence_no"], row.values["valid_from"])]
    title = f"{row.values['licence_no']} {row.values['line_no']}"
    if group.faults:
        own = group.faults.get(row.row_no)
        other = next(iter(group.faults))
        return RowOutcome.refused(*(own or [row.fault(None, f"同一许可证的第 {other} 行有错误")]), title=title)
    if group.content is None or group.holder is None:
        raise ValueError("a licence without faults has content")
    line = next(line for line in group.content.lines if line.line_no == row.values["line_no"])
    outcome = RowOutcome.of(
        row, exists=group.same_as is not None, before=_shown_before(group, line.line_no), after=_shown(group, line),
        payload=_payload(group), title=title,
    )  # fmt: skip
    for doubt in group.doubts:
        outcome.warn(row.fault("expires_on", doubt))
    return outcome


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Register the new licences and terms, and correct those that read otherwise."""
    at = now()
    # Every row of a term carries the whole term: it is written once.
    terms = {(row.payload["licence_no"], row.payload["valid_from"]): row.payload for row in rows}
    counts = {"新登记许可证": 0, "新有效期": 0, "更正": 0}
    for _, payload in sorted(terms.items()):
        content, number = _content_of(payload), payload["licence_no"]
        licence = session.scalars(select(Licence).where(Licence.licence_no == number)).one_or_none()
        if licence is None:
            holder = Holder(unit_id=payload["unit_id"], name=payload["holder"], place=HolderPlace(payload["place"]))
            new = NewLicence(licence_no=number, holder=holder, content=content, source=SOURCE)
            operations.register_licence(session, new, actor=context.user, recorded_at=at)
            counts["新登记许可证"] += 1
            continue
        same = session.scalars(
            select(LicenceTerm).where(
                LicenceTerm.licence_id == licence.id, LicenceTerm.superseded_at.is_(None),
                LicenceTerm.valid_from == content.valid_from,
            )
        ).one_or_none()  # fmt: skip
        if same is None:
            operations.add_term(session, licence, content, actor=context.user, recorded_at=at)
            counts["新有效期"] += 1
        else:
            operations.correct_term(session, licence, same, content, actor=context.user, recorded_at=at)
            counts["更正"] += 1
    return counts


def base_version(session: Session, context: CheckContext) -> str:  # noqa: ARG001 - the scope is added by the service
    """Return a text that changes whenever a licence or a unit does."""
    counted = (
        select(func.max(LicenceTerm.id), func.count(LicenceTerm.superseded_at)),
        select(func.max(Licence.id), func.count()),
        select(func.max(UnitVersion.id), func.count(UnitVersion.superseded_at)),
    )
    return " ".join(str(tuple(session.execute(statement).one())) for statement in counted)


def _shown(group: Group, line: LineContent) -> dict[str, str]:
    content = group.content
    if content is None:
        return {}
    cap = "" if content.annual_cap is None else format_tonnes(content.annual_cap)
    return {
        "有效期": f"{content.valid_from} 至 {content.expires_on}", "类别": content.kind.label,
        "发证机关": content.authority, "发证日期": str(content.issued_on), "总规模（吨/年）": cap,
        "生产线": line.name, "规模（吨/年）": format_tonnes(line.quantity), "方式": "、".join(sorted(line.methods)),
        "核准类别": grants_label(line.grants), "各生产线": "、".join(sorted(each.line_no for each in content.lines)),
    }  # fmt: skip


def _shown_before(group: Group, line_no: str) -> dict[str, str]:
    term, before = group.same_as, group.before
    if term is None or before is None:
        return {}
    shown = {
        "有效期": f"{term.valid_from} 至 {term.expires_on}", "类别": term.kind.label, "发证机关": term.authority,
        "发证日期": str(term.issued_on),
        "总规模（吨/年）": "" if term.annual_cap is None else format_tonnes(term.annual_cap),
        "各生产线": "、".join(sorted(each.line_no for each in before.lines)),
    }  # fmt: skip
    line = next((line for line in before.lines if line.line_no == line_no), None)
    if line is not None:
        shown |= {
            "生产线": line.name, "规模（吨/年）": format_tonnes(line.quantity),
            "方式": "、".join(sorted(line.methods)), "核准类别": grants_label(line.grants),
        }  # fmt: skip
    return shown


def _payload(group: Group) -> dict[str, Any]:
    content, holder = group.content, group.holder
    if content is None or holder is None:
        raise ValueError("a licence without faults has content")
    return {
        "licence_no": group.rows[0].values["licence_no"], "unit_id": holder.unit_id, "holder": holder.name,
        "place": holder.place.value, "kind": content.kind.value, "act": content.act.value,
        "authority": content.authority, "issued_on": content.issued_on, "valid_from": content.valid_from,
        "expires_on": content.expires_on, "annual_cap": content.annual_cap, "document_no": content.document_no,
        "lines": [
            {
                "line_no": line.line_no, "name": line.name, "quantity": line.quantity, "methods": list(line.methods),
                "grants": [[grant.mode.value, grant.category, grant.waste_code] for grant in line.grants],
            }
            for line in content.lines
        ],
    }  # fmt: skip


def _content_of(payload: Mapping[str, Any]) -> TermContent:
    return TermContent(
        kind=LicenceKind(payload["kind"]), act=TermAct(payload["act"]), authority=payload["authority"],
        issued_on=payload["issued_on"], valid_from=payload["valid_from"], expires_on=payload["expires_on"],
        annual_cap=payload["annual_cap"], document_no=payload["document_no"],
        lines=tuple(
            LineContent(
                line_no=line["line_no"], name=line["name"], quantity=line["quantity"], methods=tuple(line["methods"]),
                grants=tuple(_grants_of(line["grants"])),
            )
            for line in payload["lines"]
        ),
    )  # fmt: skip


def _grants_of(packed: Iterable[Sequence[str]]) -> Iterable[Grant]:
    return (Grant(GrantMode(mode), category, code) for mode, category, code in packed)


PERMITS = ImportKind(
    kind="permits",
    label="危险废物经营许可证",
    permission=Permission.PERMIT_EDIT,
    template=TEMPLATE,
    prepare=prepare,
    check=check,
    apply=apply,
    base_version=base_version,
)
