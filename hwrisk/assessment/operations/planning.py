"""The plan of a year: document and scheme, the drawn sample, units that cannot be assessed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.assessment import counting
from hwrisk.assessment.models import Assessment, AssessmentPlan, AssessmentState, Exclusion, SampleDraw, SampledUnit
from hwrisk.assessment.scheme import PACK_ID
from hwrisk.assessment.verdicts import pack_of_year, population, scheme_of_year
from hwrisk.clock import now
from hwrisk.db.history import in_force
from hwrisk.errors import RuleViolation
from hwrisk.rulepacks.models import RulePack
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit, UnitVersion

PLAN, DRAW, EXCLUSION = "assessment_plan", "assessment_draw", "assessment_exclusion"
MAX_DRAWN = 2000
FIRST_YEAR = 2016
USUAL_REASONS = ("停产", "关停", "搬迁或在建", "已不产生危险废物", "拒绝检查，已移交执法")
"""Suggestions; any other reason may be typed."""


def set_plan(
    session: Session,
    *,
    year: int,
    title: str,
    document_no: str,
    issued_on: date | None,
    scheme: RulePack,
    note: str,
    actor: Viewer,
    as_of: date,
    recorded_at: datetime | None = None,
) -> AssessmentPlan:
    """Record the plan of a year; what was recorded before keeps its end and stays readable.

    Raises:
        RuleViolation: not the city's, a year that cannot be, no title, a scheme that is not active, or assessments of
            the year were closed by another version.
    """
    if actor.role is not Role.CITY:
        raise RuleViolation("年度评估方案由市局登记")
    _check_year(year, as_of)
    if not title.strip():
        raise RuleViolation("请填写方案名称", field="title")
    if scheme.pack_id != PACK_ID or scheme.activated_at is None:
        raise RuleViolation("所选评分表版本尚未启用，请先在规则包中启用", field="scheme")
    other = select(Assessment.id).where(
        Assessment.year == year, Assessment.state != AssessmentState.WITHDRAWN, Assessment.scheme_id != scheme.id
    )
    if session.scalar(other.limit(1)) is not None:
        raise RuleViolation(
            f"{year} 年已有评估按另一版本的评分表办理，不能中途更换；确需更换的先撤回这些评估", field="scheme"
        )
    at = recorded_at or now()
    for kept in session.scalars(
        select(AssessmentPlan).where(AssessmentPlan.year == year, AssessmentPlan.superseded_at.is_(None))
    ):
        kept.superseded_at = at
    plan = AssessmentPlan(
        year=year,
        title=title.strip(),
        document_no=document_no.strip(),
        issued_on=issued_on,
        scheme_id=scheme.id,
        note=note,
        recorded_by=actor.label,
        recorded_at=at,
    )
    session.add(plan)
    session.flush()
    summary = {"年度": str(year), "文号": plan.document_no, "评分表": scheme.version}
    audit.record(session, actor, "assessment.plan", PLAN, plan.id, summary=summary)
    return plan


def draw_sample(
    session: Session,
    *,
    year: int,
    office_code: str,
    asked: int,
    actor: Viewer,
    as_of: date,
    seed: str = "",
    recorded_at: datetime | None = None,
) -> SampleDraw:
    """Draw units of an office by lot, from those that need not be assessed anyway; the seed is recorded.

    The order is that of SHA-256 over seed and unit number, so that anybody can draw it again.

    Raises:
        RuleViolation: another office's, a year or a number that cannot be, or nothing to draw from.
    """
    _check_office(actor, office_code)
    _check_year(year, as_of)
    if not 0 < asked <= MAX_DRAWN:
        raise RuleViolation(f"抽取家数应在 1 至 {MAX_DRAWN} 之间", field="asked")
    pool = _pool(session, year, office_code, as_of)
    if not pool:
        raise RuleViolation("该管辖单位没有可以抽取的单位：在册单位都已列入应评", field="asked")
    used = seed.strip() or secrets.token_hex(8)
    chosen = drawn_in_order(pool, used)[:asked]
    draw = SampleDraw(
        year=year,
        office_code=office_code,
        drawn_on=as_of,
        asked=asked,
        pool=len(pool),
        seed=used,
        recorded_by=actor.label,
        recorded_at=recorded_at or now(),
    )
    session.add(draw)
    session.flush()
    session.add_all(
        SampledUnit(draw_id=draw.id, unit_id=unit_id, place=place) for place, (unit_id, _) in enumerate(chosen, start=1)
    )
    session.flush()
    summary = {"年度": str(year), "管辖单位": office_code, "抽取": f"{len(chosen)}/{len(pool)}", "种子": used}
    audit.record(session, actor, "assessment.draw", DRAW, draw.id, summary=summary)
    return draw


def drawn_in_order(pool: Sequence[tuple[int, str]], seed: str) -> list[tuple[int, str]]:
    """Return (unit id, unit number) in the order in which `seed` draws them."""
    return sorted(pool, key=lambda unit: hashlib.sha256(f"{seed}:{unit[1]}".encode()).hexdigest())


def withdraw_draw(session: Session, draw: SampleDraw, *, reason: str, actor: Viewer) -> None:
    """Take a drawing back with its reason; its units need no longer be assessed because of it.

    Raises:
        RuleViolation: another office's, taken back already, or no reason.
    """
    _check_office(actor, draw.office_code)
    session.refresh(draw, with_for_update=True)
    if draw.withdrawn_at is not None:
        raise RuleViolation("该次抽取已经撤回")
    if not reason.strip():
        raise RuleViolation("请写明撤回理由", field="reason")
    draw.withdrawn_at, draw.withdrawn_reason = now(), reason.strip()
    session.flush()
    audit.record(session, actor, "assessment.withdraw_draw", DRAW, draw.id, summary={"理由": reason.strip()})


def exclude(
    session: Session,
    *,
    unit_id: int,
    year: int,
    excluded_on: date,
    reason: str,
    evidence: str,
    actor: Viewer,
    as_of: date,
    recorded_at: datetime | None = None,
) -> Exclusion:
    """Record that a unit cannot be assessed in a year (不具备评估条件); it leaves the coverage.

    Raises:
        RuleViolation: no reason or evidence, a day outside the year, recorded already, or the unit was assessed.
    """
    if not reason.strip():
        raise RuleViolation("请写明不具备评估条件的理由", field="reason")
    if not evidence.strip():
        raise RuleViolation("请写明证明材料（如停产报告、现场照片）", field="evidence")
    if excluded_on > as_of:
        raise RuleViolation("日期不得晚于今天，请核对", field="excluded_on")
    if excluded_on.year != year:
        raise RuleViolation(f"日期不在评估年度 {year} 年内，请核对", field="excluded_on")
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())
    known = select(Exclusion.id).where(
        Exclusion.unit_id == unit_id, Exclusion.year == year, Exclusion.withdrawn_at.is_(None)
    )
    if session.scalar(known) is not None:
        raise RuleViolation("该单位本年已登记为不具备评估条件")
    counted = counting.counted(scheme_of_year(session, year), year=year, as_of=as_of)
    if session.scalar(select(counted.c.assessment_id).where(counted.c.unit_id == unit_id)) is not None:
        raise RuleViolation("该单位本年已评估，不能登记为不具备评估条件")
    row = Exclusion(
        year=year,
        unit_id=unit_id,
        excluded_on=excluded_on,
        reason=reason.strip(),
        evidence=evidence.strip(),
        recorded_by=actor.label,
        recorded_at=recorded_at or now(),
    )
    session.add(row)
    session.flush()
    summary = {"年度": str(year), "理由": row.reason, "证明": row.evidence}
    audit.record(session, actor, "assessment.exclude", "unit", unit_id, summary=summary)
    return row


def readmit(session: Session, exclusion: Exclusion, *, reason: str, actor: Viewer) -> None:
    """Take back that a unit cannot be assessed; it is to be assessed again.

    Raises:
        RuleViolation: taken back already, or no reason.
    """
    session.refresh(exclusion, with_for_update=True)
    if exclusion.withdrawn_at is not None:
        raise RuleViolation("该登记已经撤回")
    if not reason.strip():
        raise RuleViolation("请写明撤回理由", field="reason")
    exclusion.withdrawn_at, exclusion.withdrawn_reason = now(), reason.strip()
    session.flush()
    summary = {"年度": str(exclusion.year), "理由": reason.strip()}
    audit.record(session, actor, "assessment.readmit", "unit", exclusion.unit_id, summary=summary)


def _pool(session: Session, year: int, office_code: str, as_of: date) -> list[tuple[int, str]]:
    # Asking for the scheme first gives a sentence of its own where none was ever activated.
    pack_of_year(session, year)
    must = {row.unit_id for row in population(session, year=year, as_of=as_of)}
    rows = session.execute(
        select(Unit.id, Unit.unit_no)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(
            in_force(UnitVersion, as_of),
            UnitVersion.office_code == office_code,
            UnitVersion.status.in_(counting.ACTIVE),
            Unit.is_supervised,
        )
        .order_by(Unit.id)
    )
    return [(unit_id, number) for unit_id, number in rows if unit_id not in must]


def _check_office(actor: Viewer, office_code: str) -> None:
    if not actor.is_city_wide and office_code not in actor.offices:
        raise RuleViolation("只能抽取本局管辖的单位", field="office")


def _check_year(year: int, as_of: date) -> None:
    if not FIRST_YEAR <= year <= as_of.year + 1:
        raise RuleViolation(f"评估年度应在 {FIRST_YEAR} 至 {as_of.year + 1} 之间", field="year")
