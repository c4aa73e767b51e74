"""Two years of assessment of the invented city: plan, drawings, sheets of every level, re-checks, a veto that waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.assessment import operations
from hwrisk.assessment.models import (
    AssessmentState,
    Exclusion,
    Grade,
    Level,
    Rating,
    Subject,
)
from hwrisk.assessment.rules import judge, marks_text
from hwrisk.assessment.scheme import Scheme
from hwrisk.assessment.verdicts import ToAssess, pack_of_year, population
from hwrisk.db.base import new_public_id
from hwrisk.db.chunks import chunked
from hwrisk.demo.parts.assessment_rows import Made, write
from hwrisk.demo.parts.context import DemoContext
from hwrisk.errors import RuleViolation
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import CITY_LEVEL, region_names, regions
from hwrisk.units.models import UnitStatus, UnitVersion
from hwrisk.units.queries import versions_on

DRAWN_PER_OFFICE = 8
SEASON = (date(2000, 3, 10), date(2000, 10, 31))
"""First and last day of the year on which counties assess; the year itself is put in."""
SHARES = {Grade.BASIC: 0.07, Grade.NOT_MET: 0.03}
"""How many of a hundred are not met at once, before the office and the kind of unit are considered."""
STRICTER = ("LYG-GYX", "LYG-GNX", "LYG-DH")
"""Offices whose rate lies below the target, so that offices differ."""
SELF_SHARE, CITY_SHARE, RECHECK_SHARE, LATE_SHARE = 0.6, 0.08, 0.7, 0.05
RECHECK_AFTER = timedelta(days=60)
CLOSED_AFTER = timedelta(days=4)
COUNTY_PEOPLE = (("演示-张三", "演示-0101"), ("演示-李四", "演示-0102"))
OTHER_PEOPLE = (("演示-王五", "演示-0103"), ("演示-赵六", "演示-0104"))
CITY_PEOPLE = (("演示-周八", "演示-0201"), ("演示-吴九", "演示-0202"))
CITY_OFFICE = "市生态环境局固废科（演示）"
NOT_INVENTED = ("公开资料中的单位，演示不虚构其评估结果", "演示说明")
STANDS_STILL = ("停产或关停", "停产报告、现场照片（演示）")
NEW = ("年底新登记，次年评估", "登记资料（演示）")
SETTLING = timedelta(days=20)
"""A unit is not assessed in its first days in the register."""
LACKS = {
    Rating.NOT_MET: "现场检查未见相关材料（演示）",
    Rating.BASIC: "有制度和记录，内容不够完整（演示）",
    Rating.NOT_APPLICABLE: "本单位没有这项业务（演示）",
}
MAY_BE_ABSENT = ("P05", "P14", "P20", "P22", "P23", "O03", "O11")
"""Items that do not apply to many units."""


def build(context: DemoContext) -> int:
    """Make the assessments of last year and this one, marked 演示, and return how many rows."""
    invented = frozenset(context.unit_ids)
    if not invented:
        return 0
    made = 0
    for year in (context.as_of.year - 1, context.as_of.year):
        made += _build_year(context, year, invented)
    summary = {"说明": "演示数据", "记录数": made}
    audit.record(context.session, context.viewer, "assessment.demo", "assessment", "demo", summary=summary)
    return made


def _build_year(context: DemoContext, year: int, invented: frozenset[int]) -> int:
    session, until = context.session, min(context.as_of, date(year, 12, 31))
    pack = pack_of_year(session, year)
    first_day = date(year, 2, 1)
    if until < first_day:
        return 0
    operations.set_plan(
        session, year=year, title=f"{year}年度危险废物规范化环境管理评估方案（演示）",
        document_no=f"演示环办〔{year}〕3号", issued_on=date(year, 1, 20), scheme=pack, note="演示数据",
        actor=context.viewer, as_of=context.as_of, recorded_at=context.at,
    )  # fmt: skip
    _draw(context, year, first_day)
    todo = population(session, year=year, as_of=until)
    versions = versions_on(session, [row.unit_id for row in todo], as_of=until)
    since = _first_days(session, todo)
    gone: dict[int, tuple[str, str]] = {}
    for row in todo:
        if row.unit_id not in invented:
            gone[row.unit_id] = NOT_INVENTED
        elif versions[row.unit_id].status is not UnitStatus.OPERATING:
            gone[row.unit_id] = STANDS_STILL
        elif since[row.unit_id] + SETTLING > until:
            gone[row.unit_id] = NEW
    rows = _exclude(session, gone, year, until, context)
    made = Made(context, Scheme(pack.parameters), until, since)
    names = region_names(session, as_of=until)
    for row in todo:
        if row.unit_id not in gone:
            _assess(made, row, year, names.get(row.office_code or "", "管辖单位待定"))
    _leave_open(made, year)
    return rows + write(made, pack_id=pack.id, version=pack.version, year=year)


def _draw(context: DemoContext, year: int, day: date) -> None:
    for office in regions(context.session, RegionKind.OFFICE, as_of=day):
        if office.level == CITY_LEVEL:
            continue
        try:
            operations.draw_sample(
                context.session, year=year, office_code=office.code, asked=DRAWN_PER_OFFICE, actor=context.viewer,
                as_of=day, seed=f"演示-{year}-{office.code}", recorded_at=context.at,
            )  # fmt: skip
        except RuleViolation:
            # A small city has offices without any unit to draw from.
            continue


def _exclude(
    session: Session, gone: Mapping[int, tuple[str, str]], year: int, until: date, context: DemoContext
) -> int:
    session.add_all(
        Exclusion(
            year=year, unit_id=unit_id, excluded_on=max(date(year, 2, 2), until - timedelta(days=30)),
            reason=reason, evidence=evidence, recorded_by=context.viewer.label, recorded_at=context.at,
        )
        for unit_id, (reason, evidence) in gone.items()
    )  # fmt: skip
    session.flush()
    return len(gone)


def _assess(made: Made, row: ToAssess, year: int, office: str) -> None:
    random, until = made.context.random, made.until
    self_day = date(year, 2, 20)
    if random.random() < SELF_SHARE and made.since[row.unit_id] <= self_day <= until:
        _add(
            made, row, level=Level.SELF, day=self_day, grade=_grade(random, row, 0.6), organiser="本单位",
            people=(("演示-企业人员", ""),),
        )  # fmt: skip
    start = max(SEASON[0].replace(year=year), made.since[row.unit_id])
    end = min(max(SEASON[1].replace(year=year), made.since[row.unit_id] + SETTLING), until)
    is_late = year == made.context.as_of.year and random.random() < LATE_SHARE
    if is_late or end < start:
        return
    day = start + timedelta(days=random.randrange((end - start).days + 1))
    grade = _grade(random, row, 1.3 if row.office_code in STRICTER else 0.6)
    first = _add(made, row, level=Level.COUNTY, day=day, grade=grade, organiser=office, people=COUNTY_PEOPLE)
    later = day + RECHECK_AFTER
    if random.random() < CITY_SHARE and later <= until:
        found = Grade.BASIC if grade is Grade.MET and random.random() < 0.2 else grade
        _add(made, row, level=Level.CITY, day=later, grade=found, organiser=CITY_OFFICE, people=CITY_PEOPLE)
    elif grade is not Grade.MET and random.random() < RECHECK_SHARE and later <= until:
        better = Grade.MET if random.random() < 0.8 else grade
        again = _add(made, row, level=Level.COUNTY, day=later, grade=better, organiser=office, people=OTHER_PEOPLE)
        made.rechecks[again] = first


def _first_days(session: Session, rows: Sequence[ToAssess]) -> dict[int, date]:
    found: dict[int, date] = {}
    for chunk in chunked([row.unit_id for row in rows]):
        found.update(
            session.execute(
                select(UnitVersion.unit_id, func.min(UnitVersion.valid_from))
                .where(UnitVersion.unit_id.in_(chunk), UnitVersion.superseded_at.is_(None))
                .group_by(UnitVersion.unit_id)
            ).all()
        )
    return found


def _grade(random: Random, row: ToAssess, strictness: float) -> Grade:
    chance = random.random()
    low = SHARES[Grade.NOT_MET] * strictness
    if chance < low:
        return Grade.NOT_MET
    harder = 0.5 if row.subject is Subject.OPERATOR else 1
    return Grade.BASIC if chance < low + SHARES[Grade.BASIC] * strictness * harder else Grade.MET


def _add(
    made: Made,
    row: ToAssess,
    *,
    level: Level,
    day: date,
    grade: Grade,
    organiser: str,
    people: Sequence[tuple[str, str]],
) -> int:
    """Add one closed sheet that comes to `grade`, and return its place."""
    context = made.context
    sheet = _sheet(made.scheme, row.subject, grade, context.random)
    verdict = judge(made.scheme, row.subject, {no: rating for no, (rating, _) in sheet.items()})
    closed_at = min(datetime.combine(day + CLOSED_AFTER, time(2), UTC), context.at)
    made.assessments.append(
        {
            "public_id": new_public_id(), "unit_id": row.unit_id, "year": day.year, "level": level,
            "subject": row.subject, "organiser": organiser, "assessed_on": day, "recheck_of_id": None, "accidents": 0,
            "has_major_accident": False, "comment": "演示数据", "rectify_by": None, "source": "演示数据（虚构）",
            "state": AssessmentState.CLOSED, "score": marks_text(verdict.score),
            "full_marks": marks_text(verdict.full), "grade": verdict.grade, "veto_items": "、".join(verdict.vetoes),
            "lock_version": 1, "recorded_by": context.viewer.label, "account_id": None, "submitted_at": closed_at,
            "submitted_by": context.viewer.label, "submitted_account_id": None, "closed_at": closed_at,
            "closed_by": context.viewer.label, "withdrawn_at": None, "withdrawn_by": "", "withdrawn_reason": "",
            "is_demo": True, "recorded_at": closed_at,
        }
    )  # fmt: skip
    made.sheets.append(sheet)
    made.people.append(people)
    return len(made.assessments) - 1


def _sheet(scheme: Scheme, subject: Subject, grade: Grade, random: Random) -> dict[str, tuple[Rating, str]]:
    """Return results of a whole sheet that come to `grade` without any veto."""
    items = scheme.items(subject)
    sheet = {item.no: (Rating.MET, "") for item in items}
    for item in items:
        if item.no in MAY_BE_ABSENT and item.may_not_apply and random.random() < 0.5:
            sheet[item.no] = (Rating.NOT_APPLICABLE, LACKS[Rating.NOT_APPLICABLE])
    losing = [item.no for item in items if not item.is_veto and sheet[item.no][0] is Rating.MET]
    random.shuffle(losing)
    spare = random.randrange(4) if grade is Grade.MET else 0
    for no in losing[:spare]:
        sheet[no] = (Rating.BASIC, LACKS[Rating.BASIC])
    for no in losing[spare:]:
        if judge(scheme, subject, {key: rating for key, (rating, _) in sheet.items()}).grade is grade:
            break
        sheet[no] = (Rating.NOT_MET, LACKS[Rating.NOT_MET])
    return sheet


def _leave_open(made: Made, year: int) -> None:
    """Leave one veto waiting for its second reader and two drafts, so that the to-do page has something to show."""
    if year != made.context.as_of.year:
        return
    county = [
        place
        for place, row in enumerate(made.assessments)
        if row["level"] is Level.COUNTY and place not in made.rechecks and place not in made.rechecks.values()
    ]
    for turn, place in enumerate(county[-3:]):
        row, sheet = made.assessments[place], made.sheets[place]
        row |= {"score": None, "full_marks": None, "grade": None, "closed_at": None, "closed_by": ""}
        if turn == 0:
            veto = "P10" if row["subject"] is Subject.GENERATOR else "O01"
            sheet[veto] = (Rating.NOT_MET, "委托给没有相应许可证的单位（演示）")
            row |= {"state": AssessmentState.WAITING, "veto_items": veto}
        else:
            sheet.pop(next(iter(sheet)))
            row |= {
                "state": AssessmentState.DRAFT, "veto_items": "", "submitted_at": None, "submitted_by": "",
            }  # fmt: skip
