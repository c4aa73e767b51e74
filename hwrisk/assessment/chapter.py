"""What the file of a unit shows of its assessments (一企一档分章)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.assessment import queries
from hwrisk.assessment.models import AssessmentState, Grade, Level
from hwrisk.assessment.verdicts import scheme_of_year
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, Fact, FileChapter
from hwrisk.reporting.report import Column
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer

SHOWN = 10
COLUMNS = (
    Column("no", "评估编号", "assessment.assessment_no", kind="code", width=17),
    Column("year", "年度", lambda row: str(row.assessment.year), kind="code", width=7),
    Column("level", "层级", lambda row: f"{row.assessment.level.label}{row.kind_label}", kind="code", width=10),
    Column("subject", "评估类型", "assessment.subject.label", kind="code", width=10),
    Column("day", "评估日期", "assessment.assessed_on", kind="day", width=12),
    Column("marks", "得分/满分", "marks", kind="code", width=10),
    Column(
        "grade", "等级", lambda row: row.assessment.grade.label if row.assessment.grade else "", kind="code", width=9
    ),
    Column("veto", "否决项", "assessment.veto_items", kind="code", width=9),
)


def load(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:
    """Return the chapter of one unit, or None where it was never assessed."""
    rows = [
        row
        for row in queries.sheets_of_unit(session, unit_id, user=user, as_of=as_of)
        if row.assessment.state is AssessmentState.CLOSED
    ]
    if not rows:
        return None
    official = [row for row in rows if row.assessment.level is not Level.SELF]
    alerts, facts = [], []
    if official:
        last = official[0].assessment
        grade = last.grade.label if last.grade else "—"
        facts.append(
            Fact(
                label="最近一次评估",
                value=f"{last.assessed_on:%Y-%m-%d} {last.level.label}{official[0].kind_label}：{grade}",
                note=f"得分 {official[0].marks}",
                unverified=not scheme_of_year(session, last.year).is_official,
            )
        )
        if last.grade is Grade.NOT_MET:
            alerts.append(
                Alert(
                    text=f"最近一次规范化评估（{last.assessed_on:%Y-%m-%d} {last.level.label}）不达标",
                    endpoint="assessment.sheet",
                    args={"public_id": str(last.public_id)},
                )
            )
    note = f"只列最近 {SHOWN} 次" if len(rows) > SHOWN else ""
    table = DossierTable(title="规范化评估", columns=COLUMNS, rows=rows[:SHOWN], note=note)
    return Chapter(alerts=tuple(alerts), facts=tuple(facts), tables=(table,), notes=("评分表为非官方、待核",))


UNIT_CHAPTER = FileChapter(
    owner="unit", key="assessment", label="规范化评估", order=50, permission=Permission.ASSESSMENT_READ, load=load
)
