"""Beginning an assessment and keeping its sheet while it is a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.assessment.heads import Entry, Head, Person
from hwrisk.assessment.models import Assessment, AssessmentState, Inspector, ItemResult
from hwrisk.assessment.operations import checks
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.verdicts import pack_of_year
from hwrisk.clock import now
from hwrisk.db.locks import hold_until_commit
from hwrisk.errors import EditConflict, RuleViolation
from hwrisk.rulepacks.models import RulePack
from hwrisk.security.viewer import Viewer

KIND = "assessment"
"""What the audit trail calls an assessment."""
TYPED = "录入"
PREFIX = "PG"
DIGITS = 6
_NUMBER_LOCK = 0x6877_7269_736B_0A50


def begin(
    session: Session,
    *,
    unit_id: int,
    head: Head,
    actor: Viewer,
    as_of: date,
    recheck_of: Assessment | None = None,
    source: str = TYPED,
    recorded_at: datetime | None = None,
) -> Assessment:
    """Begin the assessment of a unit as a draft and return it; the scheme is that of the year.

    Raises:
        RuleViolation: the role does not enter this level, the day cannot be, or a re-check may not follow.
    """
    checks.check_hand(actor, head.level)
    checks.check_head(head, as_of=as_of)
    checks.check_unit(session, unit_id=unit_id, year=head.year, assessed_on=head.assessed_on, level=head.level)
    pack = pack_of_year(session, head.year)
    if recheck_of is not None:
        session.refresh(recheck_of, with_for_update=True)
        before = checks.before_of(session, recheck_of.id)
        checks.check_recheck(head, unit_id, before, scheme=Scheme(pack.parameters))
        if checks.has_recheck(session, recheck_of):
            raise RuleViolation("该评估已有一次复查，请打开已有的复查继续办理")
    at = recorded_at or now()
    row = new_row(unit_id, head, pack, actor=actor, source=source, at=at)
    row.recheck_of_id = None if recheck_of is None else recheck_of.id
    row.assessment_no = next_numbers(session, head.year, 1)[0]
    session.add(row)
    session.flush()
    set_people(session, row, head.people)
    audit.record(session, actor, "assessment.begin", KIND, row.id, summary=_summary(row))
    return row


def save(
    session: Session,
    assessment: Assessment,
    *,
    head: Head,
    entries: Mapping[str, Entry],
    actor: Viewer,
    as_of: date,
    seen_version: int | None = None,
) -> None:
    """Keep head and items of a draft as given; an item that is not given has no result any more.

    Raises:
        RuleViolation: it is no draft, or head or items cannot be.
        EditConflict: somebody else kept it since version `seen_version`.
    """
    # Whoever saves at the same time waits here, and is then told of the conflict.
    session.refresh(assessment, with_for_update=True)
    check_draft(assessment)
    checks.check_hand(actor, assessment.level)
    if (head.year, head.level, head.subject) != (assessment.year, assessment.level, assessment.subject):
        raise RuleViolation("评估年度、层级和评估类型登记后不能更改，填错的请作废后重新登记")
    if seen_version is not None and seen_version != assessment.lock_version:
        raise EditConflict("您打开这张评估表之后，别人已保存过新的内容")
    checks.check_head(head, as_of=as_of)
    scheme = scheme_of(session, assessment)
    checks.check_entries(scheme, head.subject, entries)
    _set_head(assessment, head)
    set_people(session, assessment, head.people)
    changed = _set_entries(session, assessment, entries)
    session.flush()
    summary = {"编号": assessment.assessment_no, "已填项目": len(entries), "改动": changed}
    audit.record(session, actor, "assessment.save", KIND, assessment.id, summary=summary)


def new_row(unit_id: int, head: Head, pack: RulePack, *, actor: Viewer, source: str, at: datetime) -> Assessment:
    """Return a draft that is not yet in the database and has no number yet."""
    return Assessment(
        assessment_no="",
        unit_id=unit_id,
        year=head.year,
        level=head.level,
        subject=head.subject,
        organiser=head.organiser.strip(),
        assessed_on=head.assessed_on,
        accidents=head.accidents,
        has_major_accident=head.has_major_accident,
        comment=head.comment,
        rectify_by=head.rectify_by,
        source=source,
        state=AssessmentState.DRAFT,
        scheme_id=pack.id,
        scheme_version=pack.version,
        recorded_by=actor.label,
        account_id=actor.account_id,
        recorded_at=at,
    )


def next_numbers(session: Session, year: int, count: int) -> list[str]:
    """Return the next free numbers of a year, PG-2026-000001 and so on."""
    # Two beginnings at once must not take the same number.
    hold_until_commit(session, _NUMBER_LOCK)
    stem = f"{PREFIX}-{year:04d}-"
    last = session.scalar(
        select(func.max(Assessment.assessment_no)).where(Assessment.assessment_no.startswith(stem, autoescape=True))
    )
    first = int(last[len(stem) :]) + 1 if last else 1
    return [f"{stem}{number:0{DIGITS}d}" for number in range(first, first + count)]


def check_draft(assessment: Assessment) -> None:
    """Make sure that an assessment is still a draft.

    Raises:
        RuleViolation: it is not.
    """
    if assessment.state is not AssessmentState.DRAFT:
        raise RuleViolation(f"该评估为“{assessment.state.label}”，不能再修改；确有错误的请撤回后重新评估")


def scheme_of(session: Session, assessment: Assessment) -> Scheme:
    """Return the scheme an assessment was made by."""
    return Scheme(session.get_one(RulePack, assessment.scheme_id).parameters)


def entries_of(session: Session, assessment_id: int) -> dict[str, Entry]:
    """Return the results of a sheet by item number."""
    rows = session.scalars(select(ItemResult).where(ItemResult.assessment_id == assessment_id).order_by(ItemResult.id))
    return {row.item_no: Entry(row.rating, row.reason, row.evidence) for row in rows}


def people_of(session: Session, assessment_id: int) -> tuple[Person, ...]:
    """Return who assessed, in order."""
    rows = session.scalars(select(Inspector).where(Inspector.assessment_id == assessment_id).order_by(Inspector.place))
    return tuple(Person(row.name, row.badge_no) for row in rows)


def set_people(session: Session, assessment: Assessment, people: Sequence[Person]) -> None:
    """Keep who assessed, in the order given."""
    if people_of(session, assessment.id) == tuple(people):
        return
    for row in session.scalars(select(Inspector).where(Inspector.assessment_id == assessment.id)).all():
        session.delete(row)
    session.flush()
    session.add_all(
        Inspector(assessment_id=assessment.id, place=place, name=person.name, badge_no=person.badge_no)
        for place, person in enumerate(people, start=1)
    )
    session.flush()


def _set_head(row: Assessment, head: Head) -> None:
    row.organiser, row.assessed_on = head.organiser.strip(), head.assessed_on
    row.accidents, row.has_major_accident = head.accidents, head.has_major_accident
    row.comment, row.rectify_by = head.comment, head.rectify_by
    row.lock_version += 1


def _set_entries(session: Session, assessment: Assessment, entries: Mapping[str, Entry]) -> int:
    kept = {
        row.item_no: row
        for row in session.scalars(select(ItemResult).where(ItemResult.assessment_id == assessment.id)).all()
    }
    changed = 0
    for no in kept.keys() - entries.keys():
        session.delete(kept[no])
        changed += 1
    for no, entry in entries.items():
        row = kept.get(no)
        if row is None:
            row = ItemResult(assessment_id=assessment.id, item_no=no, rating=entry.rating)
            session.add(row)
        if no not in kept or (row.rating, row.reason, row.evidence) != entry:
            row.rating, row.reason, row.evidence = entry
            changed += 1
    return changed


def _summary(row: Assessment) -> dict[str, str]:
    return {
        "编号": row.assessment_no,
        "年度": str(row.year),
        "层级": row.level.label,
        "类型": row.subject.label,
        "日期": str(row.assessed_on),
    }
