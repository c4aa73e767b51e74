"""The verdict on a row of assessment results, and how accepted rows are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.assessment.heads import Entry, Head
from hwrisk.assessment.imports.reading import (
    FoundUnit,
    Known,
    KnownSheet,
    base_version,
    entries_of,
    head_of,
    prepare,
)
from hwrisk.assessment.imports.template import ITEM_KEY, TEMPLATE
from hwrisk.assessment.models import Assessment, AssessmentState, Grade, Inspector, ItemResult, Level, Rating
from hwrisk.assessment.operations import checks
from hwrisk.assessment.operations.closing import put_verdict
from hwrisk.assessment.operations.drafting import KIND, new_row, next_numbers
from hwrisk.assessment.rules import Verdict, judge
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.searching import index_assessments
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.imports import ApplyContext, CheckContext, Fault, ImportKind, ParsedRow, RowOutcome, StagedRow
from hwrisk.security.permissions import Permission

ONLY_GRADE = "只填了等级，没有各项结果；等级不能直接填报，只能由各项结果计算"
COLUMN_OF = {"level": "level", "assessed_on": "assessed_on", "people": "people", "accidents": "accidents"}


class _Asked(NamedTuple):
    """What a row asks to be written."""

    row: ParsedRow
    unit: FoundUnit
    head: Head
    entries: dict[str, Entry]
    first: KnownSheet | None
    """The assessment that is checked again, or None."""


def check(_session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:
    """Return the verdict on one row; what it needs of the database is in `context.known`."""
    known: Known = context.known
    unit, fault = _unit(row, known)
    if unit is None:
        title = str(row.values.get("name") or row.values.get("unit") or f"第 {row.row_no} 行")
        return RowOutcome.refused(*([fault] if fault else []), title=title)
    entries = entries_of(row.values)
    if not entries:
        key = "grade" if row.values.get("grade") else None
        message = ONLY_GRADE if key else "没有一项评估结果"
        return RowOutcome.refused(row.fault(key, message, "逐项填写结果"), title=unit.name)
    head, is_recheck = head_of(row.values), bool(row.values.get("is_recheck"))
    same = _same(known.sheets.get(unit.id, ()), head, is_recheck=is_recheck)
    if same is not None:
        return _again(row, same, entries, title=unit.name)
    try:
        first = _first(known, unit, head) if is_recheck else None
        asked = _Asked(row, unit, head, entries, first)
        verdict = _verdict(context, known.schemes[head.year], asked)
    except RuleViolation as violation:
        return RowOutcome.refused(_fault(row, violation), title=unit.name)
    faults = _differs(row, verdict)
    meaning = (unit.id, head.year, head.level, head.subject, head.assessed_on, is_recheck)
    if (other := known.seen.setdefault(meaning, row.row_no)) != row.row_no:
        faults.append(row.fault(None, f"与第 {other} 行是同一单位的同一次评估"))
    return RowOutcome.refused(*faults, title=unit.name) if faults else _new(asked, verdict)


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Write the assessments; a veto waits for its second reader."""
    at = now()
    made, sheets = [], []
    numbers: dict[int, list[str]] = {}
    for staged in rows:
        numbers.setdefault(staged.payload["year"], []).append("")
    numbers = {year: next_numbers(session, year, len(blank)) for year, blank in numbers.items()}
    packs = {year: pack_of_year(session, year) for year in numbers}
    for staged in rows:
        payload = staged.payload
        head, entries = head_of(payload), {no: Entry(Rating(r), text) for no, (r, text) in payload["entries"].items()}
        pack = packs[head.year]
        row = new_row(
            payload["unit_id"], head, pack, actor=context.user, source=f"导入 {context.batch_public_id}", at=at
        )
        row.assessment_no, row.recheck_of_id = numbers[head.year].pop(0), payload["recheck_of_id"]
        verdict = judge(
            Scheme(pack.parameters),
            head.subject,
            {no: entry.rating for no, entry in entries.items()},
            accidents=head.accidents,
            has_major_accident=head.has_major_accident,
        )
        row.submitted_at, row.submitted_by = at, context.user.label
        row.submitted_account_id = context.user.account_id
        if verdict.vetoes and head.level is not Level.SELF:
            row.state, row.veto_items = AssessmentState.WAITING, "、".join(verdict.vetoes)
        else:
            put_verdict(row, verdict, closed_by=context.user.label, at=at)
        made.append(row)
        sheets.append((head, entries))
    session.add_all(made)
    session.flush()
    _write_sheets(session, made, sheets)
    closed = [row for row in made if row.state is AssessmentState.CLOSED]
    index_assessments(session, closed)
    for row in made:
        summary = {"编号": row.assessment_no, "等级": row.grade.label if row.grade else row.state.label}
        audit.record(session, context.user, "assessment.import", KIND, row.id, summary=summary)
    return {"办结": len(closed), "否决待复核": len(made) - len(closed)}


def _write_sheets(session: Session, made: list[Assessment], sheets: list[tuple[Head, dict[str, Entry]]]) -> None:
    items = [
        {"assessment_id": row.id, "item_no": no, "rating": entry.rating, "reason": entry.reason, "evidence": ""}
        for row, (_, entries) in zip(made, sheets, strict=True)
        for no, entry in entries.items()
    ]
    people = [
        {"assessment_id": row.id, "place": place, "name": person.name, "badge_no": person.badge_no}
        for row, (head, _) in zip(made, sheets, strict=True)
        for place, person in enumerate(head.people, start=1)
    ]
    for model, rows in ((ItemResult, items), (Inspector, people)):
        if rows:
            session.execute(insert(model), rows)


def _unit(row: ParsedRow, known: Known) -> tuple[FoundUnit | None, Fault | None]:
    number, name = row.values.get("unit"), row.values.get("name")
    key = "unit" if number else "name"
    typed = str(number or name or "").upper()
    if not typed:
        return None, row.fault("unit", "没有单位编号，也没有单位名称", "填写单位编号或统一社会信用代码")
    found = [unit for unit in known.units.get(typed, ()) if unit.is_visible]
    if len(found) > 1 and name:
        found = [unit for unit in found if unit.name == name] or found
    if not found:
        return None, row.fault(key, "名录中没有这家单位，或不在您的管辖范围内", "先在单位名录登记，或核对编号")
    if len(found) > 1:
        numbers = "、".join(unit.unit_no for unit in found)
        return None, row.fault(key, f"有 {len(found)} 处生产经营场所与此相符", f"填写单位编号：{numbers}")
    return found[0], None


def _same(sheets: Any, head: Head, *, is_recheck: bool) -> KnownSheet | None:
    wanted = (head.year, head.level, head.subject, head.assessed_on, is_recheck)
    for known in sheets:
        row = known.row
        if (row.year, row.level, row.subject, row.assessed_on, row.recheck_of_id is not None) == wanted:
            return known  # type: ignore[no-any-return]
    return None


def _again(row: ParsedRow, known: KnownSheet, entries: Mapping[str, Entry], *, title: str) -> RowOutcome:
    if dict(known.ratings) == {no: entry.rating for no, entry in entries.items()}:
        return RowOutcome.of(row, exists=True, title=title)
    message = f"同一天的评估 {known.row.assessment_no} 已在系统中（{known.row.state.label}），各项结果与本行不同"
    return RowOutcome.refused(row.fault(None, message, "先在系统中撤回原评估再导入"), title=title)


def _first(known: Known, unit: FoundUnit, head: Head) -> KnownSheet:
    """Return the assessment that a re-check follows: the latest one of the year that is closed and no re-check."""
    found = [
        sheet
        for sheet in known.sheets.get(unit.id, ())
        if sheet.row.recheck_of_id is None
        and sheet.row.state is AssessmentState.CLOSED
        and sheet.row.level is not Level.SELF
        and (sheet.row.year, sheet.row.subject) == (head.year, head.subject)
        and sheet.row.level.rank <= head.level.rank
    ]
    if not found:
        raise RuleViolation("没有找到可以复查的首次评估，请先导入或登记首次评估")
    return max(found, key=lambda sheet: (sheet.row.level.rank, sheet.row.assessed_on))


def _verdict(context: CheckContext, scheme: Scheme, asked: _Asked) -> Verdict:
    """Return what the row comes to, after the very checks that closing a sheet makes.

    Raises:
        RuleViolation: something is missing or cannot be.
    """
    unit, head, entries, first = asked.unit, asked.head, asked.entries, asked.first
    checks.check_closer(context.user)
    checks.check_hand(context.user, head.level)
    checks.check_head(head, as_of=context.as_of)
    if head.assessed_on < unit.since:
        raise RuleViolation(f"该单位在 {head.assessed_on:%Y-%m-%d} 尚未登记，请核对评估日期", field="assessed_on")
    reason = context.known.excluded.get((unit.id, head.year))
    if reason is not None and head.level is not Level.SELF:
        raise RuleViolation(f"该单位 {head.year} 年已登记为不具备评估条件（{reason}），请先撤回该登记再评估")
    checks.check_entries(scheme, head.subject, entries)
    ratings = {no: entry.rating for no, entry in entries.items()}
    checks.check_complete(scheme, head.subject, ratings)
    checks.check_people(head.level, head.people, least=scheme.least_inspectors)
    if first is not None:
        checks.check_recheck(head, unit.id, checks.Before(first.row, first.people), scheme=scheme)
    return judge(scheme, head.subject, ratings, accidents=head.accidents, has_major_accident=head.has_major_accident)


def _differs(row: ParsedRow, verdict: Verdict) -> list[Fault]:
    """Return faults where a score or grade that was typed is not the computed one."""
    faults = []
    typed = row.values.get("grade")
    if typed and Grade(typed) is not verdict.grade:
        message = f"等级填的是“{Grade(typed).label}”，按各项结果应为“{verdict.grade.label}”"
        faults.append(row.fault("grade", message, "核对各项结果，或者不填等级"))
    score = str(row.values.get("score") or "").replace(" ", "")
    if score and score not in {str(verdict.score), f"{verdict.score}/{verdict.full}"}:
        message = f"得分填的是“{score}”，按各项结果应为 {verdict.score}/{verdict.full}"
        faults.append(row.fault("score", message, "核对各项结果，或者不填得分"))
    return faults


def _new(asked: _Asked, verdict: Verdict) -> RowOutcome:
    row, unit, head, entries, first = asked
    kept = {key: value for key, value in row.values.items() if not key.startswith(ITEM_KEY)}
    payload = {
        **kept,
        "unit_id": unit.id,
        "recheck_of_id": first.row.id if first else None,
        "entries": {no: [entry.rating.value, entry.reason] for no, entry in entries.items()},
    }
    after = {
        "评估": f"{head.year} 年 {head.level.label}{'复查' if first else '评估'}（{head.subject.label}）",
        "日期": f"{head.assessed_on:%Y-%m-%d}",
        "得分": f"{verdict.score}/{verdict.full}",
        "等级": verdict.grade.label,
    }
    outcome = RowOutcome.of(row, exists=False, after=after, payload=payload, title=unit.name)
    if verdict.vetoes and head.level is not Level.SELF:
        items = "、".join(verdict.vetoes)
        outcome.warn(row.fault(None, f"否决项 {items} 不达标，导入后须另一名人员在系统中复核，复核前不计入"))
    return outcome


def _fault(row: ParsedRow, violation: RuleViolation) -> Fault:
    field = violation.field or ""
    _, _, item = field.partition("_")
    key = COLUMN_OF.get(field) or (f"{ITEM_KEY}{item}" if item else field)
    return row.fault(key if key in row.layout.titles else None, violation.message)


ASSESSMENTS = ImportKind(
    kind="assessments",
    label="规范化评估结果",
    permission=Permission.ASSESSMENT_CLOSE,
    template=TEMPLATE,
    prepare=prepare,
    check=check,
    apply=apply,
    base_version=base_version,
)
