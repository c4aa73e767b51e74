"""Excel and PDF of the disposal projects and public facilities: the very rows of the page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hwrisk.permits import queries
from hwrisk.permits.models import ProjectState
from hwrisk.permits.queries import ProjectRow
from hwrisk.reporting import Column, Report, ReportRequest
from hwrisk.rulepacks import Trust
from hwrisk.security.permissions import Permission


def _state(request: ReportRequest) -> ProjectState | None:
    return ProjectState.of(request.filters.get("project_state"))


def _rows(session: Session, request: ReportRequest) -> list[ProjectRow]:
    return queries.project_rows(session, as_of=request.as_of, state=_state(request))


def _count(session: Session, request: ReportRequest) -> int:
    return len(_rows(session, request))


def _words(_session: Session, request: ReportRequest) -> str:
    state = _state(request)
    return f"建设状态：{state.label}" if state else ""


def _facts(row: ProjectRow) -> str:
    return "\n".join(fact.shown for fact in row.facts)


def _basis(row: ProjectRow) -> str:
    return f"{row.version.source}{Trust(row.version.trust).suffix}"


REPORT = Report(
    id="permit-projects",
    title="危险废物处置利用项目一览表",
    permission=Permission.PERMIT_READ,
    columns=(
        Column("ref", "编号", "project.ref", kind="code", width=10),
        Column("name", "项目", "project.name", width=26),
        Column("location", "地点", "project.location", width=18),
        Column("office", "管辖单位", "office", width=12),
        Column("state", "建设状态", "version.state.label", kind="code", width=10),
        Column("method", "方式", lambda row: row.method or "来源未写明", width=18),
        Column("capacity", "能力（吨/年）", "version.capacity", kind="tonnes", width=14),
        Column("facts", "公开数字（照来源原样）", _facts, width=30),
        Column("conflict", "互相一致", lambda row: "数字不一" if row.is_conflicting else "", kind="code", width=9),
        Column("basis", "依据", _basis, width=34),
    ),
    rows=_rows,
    count=_count,
    filter_text=_words,
    notes=("公开数字照来源原样并列，互相不一致的都保留；空白的能力是来源没有公布，不推算；各行口径不同，不能相加",),
    paper="A3",
)
