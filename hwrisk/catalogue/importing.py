"""Import of an edition of the catalogue (国家危险废物名录): what is there stays, a newer edition adds its own codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.audit import Actor
from hwrisk.catalogue.models import CatalogueCode, CatalogueEdition
from hwrisk.catalogue.rules import category_of
from hwrisk.catalogue.searching import SOURCE
from hwrisk.imports import (
    ApplyContext,
    CheckContext,
    CheckedRow,
    ImportKind,
    Outcome,
    ParsedRow,
    RowOutcome,
    StagedRow,
    Template,
    TemplateColumn,
    code_column,
    day_column,
    text_column,
    waste_code_column,
    whole_column,
)
from hwrisk.imports.cells import Cell, CellError, half_width, line_of
from hwrisk.rulepacks import Trust
from hwrisk.search import index
from hwrisk.security.permissions import Permission

HAZARDS = {"T": "T", "C": "C", "I": "I", "R": "R", "IN": "In"}
ANY_OF, FIRST_CERTAIN = "any_of", "first_certain_rest_possible"
NAMES = {
    "category_name": "类别名称", "industry": "行业来源", "hazard": "危险特性", "hazard_rule": "特性读法",
    "short_name": "危险废物",
}  # fmt: skip


@dataclass(frozen=True)
class _Known:
    editions: Mapping[str, CatalogueEdition]
    codes: Mapping[tuple[str, str], CatalogueCode]
    loaded: Mapping[str, int]
    begun: dict[str, date] = field(default_factory=dict)
    """Day on which an edition that is new in this file enters into force, as its first row says."""


def parse_hazard(cell: Cell, _as_of: date) -> str:
    """Return the hazard as it is printed, with half-width signs: `T`, `T/C/I/R` (any of) or `T,I` (first is certain).

    Raises:
        CellError: not made of T, C, I, R and In, or with mixed signs between them.
    """
    text = half_width(line_of(cell)).upper().replace("、", ",").replace(" ", "")
    letters = re.split("[,/]", text)
    if any(letter not in HAZARDS for letter in letters) or ("," in text and "/" in text):
        raise CellError("危险特性写法不对", "T、C、I、R、In，多个时照名录用“/”或“，”隔开，如 T/In 或 T，I")
    sign = "/" if "/" in text else ","
    return sign.join(HAZARDS[letter] for letter in letters)


def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> _Known:  # noqa: ARG001 - all rows
    """Return the editions with their codes."""
    codes = {(code.edition, code.waste_code): code for code in session.scalars(select(CatalogueCode))}
    loaded = session.execute(select(CatalogueCode.edition, func.count()).group_by(CatalogueCode.edition))
    editions = {edition.edition: edition for edition in session.scalars(select(CatalogueEdition))}
    return _Known(editions, codes, dict(loaded.all()))


def check(session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:  # noqa: ARG001 - `known` suffices
    """Return the verdict on one code of an edition."""
    known: _Known = context.known
    edition, code = row.values["edition"], row.values["waste_code"]
    title = f"{edition}年版 {code}"
    category = category_of(code)
    if not category:
        return RowOutcome.refused(row.fault("waste_code", f"{code} 不是名录中的条目，不用导入"), title=title)
    if edition not in known.editions:
        begins = row.values.get("effective_from") or known.begun.get(edition)
        if begins is None:
            message = f"系统中没有登记 {edition} 年版"
            return RowOutcome.refused(row.fault("edition", message, "核对年份；新版在第一行填写施行日期"), title=title)
        known.begun[edition] = begins
    after = _content(row)
    present = known.codes.get((edition, code))
    if present is None:
        return RowOutcome.of(
            row, exists=False, after={NAMES[name]: value for name, value in after.items()},
            payload=_payload(row, category, after), title=title,
        )  # fmt: skip
    different = [NAMES[name] for name, value in after.items() if getattr(present, name) != value]
    if different:
        message = f"{edition} 年版已有此代码，{'、'.join(different)}与已装入的不同；已装入的名录不覆盖"
        return RowOutcome.refused(row.fault("waste_code", message, "核对原文；确需更正请联系系统管理员"), title=title)
    return RowOutcome(outcome=Outcome.UNCHANGED, title=title)


def check_all(session: Session, context: CheckContext, rows: Sequence[CheckedRow]) -> None:  # noqa: ARG001 - as above
    """Warn at the first row of an edition when the codes do not come to the published number."""
    known: _Known = context.known
    for edition in sorted({each.row.values["edition"] for each in rows}):
        of_edition = [each for each in rows if each.row.values["edition"] == edition]
        new = sum(each.outcome.outcome is Outcome.NEW for each in of_edition)
        row = known.editions.get(edition)
        published = row.codes_published if row else of_edition[0].row.values.get("codes_published")
        total = known.loaded.get(edition, 0) + new
        if published is not None and total != published:
            message = f"导入后 {edition} 年版共 {total} 种，公布的是 {published} 种，请核对是否完整"
            of_edition[0].outcome.warn(of_edition[0].row.fault("edition", message))


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Add the codes, and the editions that are new."""
    payloads = [row.payload for row in rows]
    present = set(session.scalars(select(CatalogueEdition.edition)))
    added = sorted({payload["edition"] for payload in payloads} - present)
    for edition in added:
        of_edition = [payload for payload in payloads if payload["edition"] == edition]
        _add_edition(session, edition, of_edition, source=f"导入（{context.user.label}）", actor=context.user)
    columns = [column.key for column in CatalogueCode.__table__.columns if column.key != "id"]
    session.execute(insert(CatalogueCode), [{key: payload[key] for key in columns} for payload in payloads])
    for edition in sorted({payload["edition"] for payload in payloads}):
        count = sum(payload["edition"] == edition for payload in payloads)
        audit.record(session, context.user, "catalogue.import", "catalogue", edition, summary={"codes": count})
    codes = {payload["waste_code"] for payload in payloads}
    index(session, (doc for doc in SOURCE.rows(session) if doc.ref in codes))
    return {"新增代码": len(payloads), "新增版本": len(added)}


def _add_edition(session: Session, edition: str, payloads: list[dict[str, Any]], *, source: str, actor: Actor) -> None:
    begins = next(payload["effective_from"] for payload in payloads if payload["effective_from"])
    before = session.scalars(
        select(CatalogueEdition)
        .where(CatalogueEdition.effective_until.is_(None), CatalogueEdition.effective_from < begins)
        .order_by(CatalogueEdition.effective_from.desc())
    ).first()
    if before is not None:
        before.effective_until = begins - timedelta(days=1)
    session.add(
        CatalogueEdition(
            edition=edition,
            name=f"国家危险废物名录（{edition}年版）",
            document_no=next((p["document_no"] for p in payloads if p["document_no"]), ""),
            effective_from=begins,
            codes_published=next((p["codes_published"] for p in payloads if p["codes_published"]), None),
            source=source,
            trust=Trust.SECOND_HAND.value,
            note="由导入文件建立，施行日期和文号待核",
        )
    )
    session.flush()
    audit.record(session, actor, "catalogue.edition", "catalogue", edition, summary={"from": begins.isoformat()})


def _content(row: ParsedRow) -> dict[str, str]:
    printed = row.values["hazard"]
    rule = ANY_OF if "/" in printed else FIRST_CERTAIN if "," in printed else ""
    return {
        "category_name": row.values["category_name"],
        "industry": row.values.get("industry") or "",
        "hazard": printed.replace("/", ","),
        "hazard_rule": rule,
        "short_name": row.values["short_name"],
    }


def _payload(row: ParsedRow, category: str, content: Mapping[str, str]) -> dict[str, Any]:
    return {
        "edition": row.values["edition"],
        "waste_code": row.values["waste_code"],
        "category": category,
        **content,
        **{key: row.values.get(key) for key in ("effective_from", "document_no", "codes_published")},
    }


TEMPLATE = Template(
    sheet="国家危险废物名录",
    version="2026-1",
    columns=(
        code_column("edition", "版本", length=4, width=8, note="名录的年份", example="2025"),
        waste_code_column("waste_code", synonyms=("代码", "危险废物代码")),
        text_column("category_name", "类别名称", max_length=64, synonyms=("废物类别名称",), example="其他废物"),
        text_column("industry", "行业来源", max_length=100, is_required=False, example="非特定行业"),
        TemplateColumn(
            key="hazard", title="危险特性", parse=parse_hazard, width=12, example="T/In",
            note="照名录填写：“/”表示其中一种或几种，“，”表示第一个一定有、其余可能有",
        ),
        text_column(
            "short_name", "危险废物", max_length=2000, width=48, synonyms=("废物名称", "危险废物名称"),
            example="含有或沾染毒性危险废物的废弃包装物",
        ),
        day_column(
            "effective_from", "施行日期", may_be_future=True, is_required=False, note="系统中没有的版本，第一行必填",
        ),
        text_column("document_no", "文号", max_length=64, is_required=False),
        whole_column("codes_published", "公布种数", maximum=5000, is_required=False, width=10),
    ),
    notes=(
        "一行一个废物代码；已装入的版本不覆盖，新版本只增加自己的代码。",
        "类别不用另填，代码末两位就是废物类别。",
    ),
    unique_by=("edition", "waste_code"),
)  # fmt: skip
CATALOGUE = ImportKind(
    kind="catalogue",
    label="国家危险废物名录",
    permission=Permission.CATALOGUE_EDIT,
    template=TEMPLATE,
    prepare=prepare,
    check=check,
    check_all=check_all,
    apply=apply,
)
