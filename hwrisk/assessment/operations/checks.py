"""What must hold before an assessment is kept or closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk.assessment.heads import LEVELS_OF, Entry, Head, Person
from hwrisk.assessment.models import Assessment, AssessmentState, Exclusion, Grade, Inspector, Level, Rating, Subject
from hwrisk.assessment.rules import missing_items
from hwrisk.assessment.scheme import Scheme
from hwrisk.db.history import in_force
from hwrisk.errors import RuleViolation
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion


class Before(NamedTuple):
    """The assessment that a re-check follows, and who made it."""

    assessment: Assessment
    people: tuple[str, ...]


def check_hand(actor: Viewer, level: Level) -> None:
    """Make sure that `actor` enters assessments of this level.

    Raises:
        RuleViolation: the role does not.
    """
    if level not in LEVELS_OF.get(actor.role, ()):
        raise RuleViolation(f"您的账号（{actor.role.label}）不能办理{level.label}评估", field="level")


def check_closer(actor: Viewer) -> None:
    """Make sure that `actor` may close: a helper (受托第三方) drafts only.

    Raises:
        RuleViolation: a helper.
    """
    if actor.role is Role.HELPER:
        raise RuleViolation("受托第三方只能起草，请交由评估人员核对后办结")


def check_head(head: Head, *, as_of: date) -> None:
    """Make sure that the head of a sheet can be.

    Raises:
        RuleViolation: a day outside the year or ahead, a negative number of accidents, no organiser.
    """
    if head.assessed_on > as_of:
        raise RuleViolation("评估日期不得晚于今天，请核对", field="assessed_on")
    if head.assessed_on.year != head.year:
        raise RuleViolation(
            f"评估日期 {head.assessed_on:%Y-%m-%d} 不在评估年度 {head.year} 年内，请核对日期或年度", field="assessed_on"
        )
    if head.accidents < 0:
        raise RuleViolation("事故次数不能小于 0", field="accidents")
    if not head.organiser.strip():
        raise RuleViolation("请填写组织单位", field="organiser")
    if head.rectify_by is not None and head.rectify_by < head.assessed_on:
        raise RuleViolation("整改期限不得早于评估日期", field="rectify_by")


def check_people(level: Level, people: Iterable[Person], *, least: int) -> None:
    """Make sure that enough inspectors with their cards are named (县级以上), or one person for a self-assessment.

    Raises:
        RuleViolation: too few, the same twice, or one without a card number.

    Source: at least two is a setting of the scheme, second-hand (待核).
    """
    named = [person for person in people if person.name]
    if level is Level.SELF:
        if not named:
            raise RuleViolation("请填写自评人员", field="people")
        return
    if len({person.name for person in named}) < least:
        raise RuleViolation(
            f"{level.label}评估须由至少 {least} 名检查人员进行，现填 {len({p.name for p in named})} 名，"
            "请补填姓名和执法证号",
            field="people",
        )
    if lacking := [person.name for person in named if not person.badge_no]:
        raise RuleViolation(f"检查人员“{'、'.join(lacking)}”没有填执法证号，请补填", field="people")


def check_entries(scheme: Scheme, subject: Subject, entries: Mapping[str, Entry]) -> None:
    """Make sure that the items are those of the sheet and that what does not apply says why.

    Raises:
        RuleViolation: an unknown item, 不适用 where it may not be, or without a reason.
    """
    for no, entry in entries.items():
        item = scheme.item(subject, no)
        if item is None:
            raise RuleViolation(f"{subject.label}评估表没有项目“{no}”，请核对")
        if entry.rating is not Rating.NOT_APPLICABLE:
            continue
        if not item.may_not_apply:
            raise RuleViolation(f"{no} 对每家单位都适用，不能选“不适用”", field=f"rating_{no}")
        if not entry.reason.strip():
            raise RuleViolation(f"{no} 选了“不适用”，请写明理由", field=f"reason_{no}")


def check_complete(scheme: Scheme, subject: Subject, ratings: Mapping[str, Rating]) -> None:
    """Make sure that every compulsory item (必查项) is rated.

    Raises:
        RuleViolation: some are not; the sentence names them.
    """
    if missing := missing_items(scheme, subject, ratings):
        raise RuleViolation(f"还有 {len(missing)} 个必查项没有结果：{'、'.join(missing)}，请逐项填写后再办结")


def check_unit(session: Session, *, unit_id: int, year: int, assessed_on: date, level: Level) -> None:
    """Make sure that the unit was registered on the day and is not recorded as not assessable.

    Raises:
        RuleViolation: it was not, or it is.
    """
    was_there = select(UnitVersion.id).where(UnitVersion.unit_id == unit_id, in_force(UnitVersion, assessed_on))
    if session.scalar(was_there.limit(1)) is None:
        raise RuleViolation(f"该单位在 {assessed_on:%Y-%m-%d} 尚未登记，请核对评估日期", field="assessed_on")
    if level is Level.SELF:
        return
    reason = session.scalar(
        select(Exclusion.reason).where(
            Exclusion.unit_id == unit_id, Exclusion.year == year, Exclusion.withdrawn_at.is_(None)
        )
    )
    if reason is not None:
        raise RuleViolation(f"该单位 {year} 年已登记为不具备评估条件（{reason}），请先撤回该登记再评估")


def check_recheck(head: Head, unit_id: int, before: Before, *, scheme: Scheme) -> None:
    """Make sure that a re-check (复查) may follow the assessment `before`.

    Raises:
        RuleViolation: another unit, year or sheet; a first that does not stand or was met; a lower level, an earlier
            day or one after the deadline; or a person who had assessed the first time.
    """
    first = before.assessment
    if (first.unit_id, first.year, first.subject) != (unit_id, head.year, head.subject):
        raise RuleViolation("复查须与首次评估是同一单位、同一年度、同一评估类型")
    if first.state is not AssessmentState.CLOSED:
        raise RuleViolation(f"首次评估为“{first.state.label}”，不能复查")
    if first.level is Level.SELF:
        raise RuleViolation("自评不需要复查，直接重新自评即可")
    if first.grade is Grade.MET:
        raise RuleViolation("首次评估已达标，不需要复查")
    if head.level.rank < first.level.rank:
        raise RuleViolation(f"首次评估是{first.level.label}，复查须由同级或上级进行", field="level")
    if head.assessed_on < first.assessed_on:
        raise RuleViolation(f"复查日期不得早于首次评估日期 {first.assessed_on:%Y-%m-%d}", field="assessed_on")
    until = scheme.recheck_until(head.year)
    if head.assessed_on > until:
        raise RuleViolation(f"复查日期晚于截止日 {until:%Y-%m-%d}，不能作为本年度的复查", field="assessed_on")
    if same := [person.name for person in head.people if person.name in before.people]:
        raise RuleViolation(f"“{'、'.join(same)}”参加过首次评估，复查须由其他人员进行", field="people")


def before_of(session: Session, recheck_of_id: int) -> Before:
    """Return the assessment that is checked again, with the names of who made it."""
    names = session.scalars(
        select(Inspector.name).where(Inspector.assessment_id == recheck_of_id).order_by(Inspector.place)
    ).all()
    return Before(session.get_one(Assessment, recheck_of_id), tuple(names))


def has_recheck(session: Session, assessment: Assessment) -> bool:
    """Tell whether a re-check of the assessment is under way or closed."""
    count = select(func.count()).where(
        Assessment.recheck_of_id == assessment.id, Assessment.state != AssessmentState.WITHDRAWN
    )
    return bool(session.scalar(count))
