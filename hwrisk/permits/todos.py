"""What licences put into the menu, on the to-do page, on the page of a unit and into its file; who sees them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.clock import today
from hwrisk.notices.records import Due, ReminderSource
from hwrisk.permits import queries
from hwrisk.permits.contents import grants_label
from hwrisk.permits.models import DisposalProject, HolderPlace, Licence
from hwrisk.permits.queries import LicenceConditions, LicenceRow, RenewalState
from hwrisk.permits.queries.terms import heads_of
from hwrisk.reporting import Column
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, FileChapter
from hwrisk.security import Role, Viewer
from hwrisk.security.permissions import Permission
from hwrisk.web.paging import whole_number
from hwrisk.web.records import NavItem, Panel, Todo, TodoItem

GROUP = "处置能力"
REMINDED = (RenewalState.DUE_SOON, RenewalState.DUE_PASSED)


def _alarms(session: Session, user: Viewer, as_of: date) -> Todo:
    found = queries.load_alarms(session, user=user, as_of=as_of)
    lowest = queries.permit_settings(session, as_of=as_of).alarms[0]
    over = sum(1 for row in found if row.load.state == "bad")
    return Todo(
        len(found),
        note=f"其中超核准规模 {over} 条" if over else f"达到核准规模的 {lowest} % 及以上",
        state="bad" if over else "warn",
        state_label="超规模" if over else "预警",
        args={"alarm": str(lowest)},
    )


def _expired(session: Session, user: Viewer, as_of: date) -> Todo:
    asked = LicenceConditions(state=RenewalState.EXPIRED, place=HolderPlace.CITY)
    count = queries.count_licences(session, user=user, as_of=as_of, asked=asked)
    args = {"state": RenewalState.EXPIRED.value, "place": HolderPlace.CITY.value}
    return Todo(count, note="市内持证单位", state="bad", state_label="过期", args=args)


def _due(session: Session, *, as_of: date) -> Iterable[Due]:
    """Yield the licences of the city whose renewal is due within the longest lead or overdue, and not asked for."""
    system = Viewer.system()
    for state in REMINDED:
        asked = LicenceConditions(state=state, place=HolderPlace.CITY)
        rows = queries.licence_rows(session, user=system, as_of=as_of, asked=asked)
        heads = heads_of(session, as_of=as_of, licence_ids=[row.id for row in rows])
        for row in rows:
            yield from _of_licence(row, heads[row.id].office_code)


def _of_licence(row: LicenceRow, office: str | None) -> Iterable[Due]:
    told: list[dict[str, object]] = [{"to_role": Role.CITY}]
    if office is not None:
        told.append({"to_role": Role.COUNTY, "to_office": office})
    if row.unit_id is not None:
        told.append({"to_unit": row.unit_id})
    for whom in told:
        yield Due(
            key=f"{row.public_id}:{row.expires_on:%Y%m%d}:{row.renewal_due_on:%Y%m%d}",
            on=row.renewal_due_on,
            title=f"许可证 {row.licence_no}（{row.holder}）换证申请截止 {row.renewal_due_on:%Y-%m-%d}",
            body=f"有效期至 {row.expires_on:%Y-%m-%d}，须在期满前 30 个工作日申请换证。",
            link=f"/permits/{row.public_id}",
            **whom,  # type: ignore[arg-type]  # keywords by name
        )


def _leads(session: Session, as_of: date) -> tuple[int, ...]:
    return queries.permit_settings(session, as_of=as_of).reminder_days


REMINDERS = (
    ReminderSource(
        kind="licence-renewal",
        label="许可证换证申请",
        leads=_leads,
        due=_due,
        endpoint="permits.index",
        permission=Permission.PERMIT_READ,
        due_args={"state": RenewalState.DUE_SOON.value},
        overdue_args={"state": RenewalState.DUE_PASSED.value},
    ),
)


def _load_unit(session: Session, unit_id: int, as_of: date, user: Viewer) -> tuple[str, dict[str, object]] | None:
    rows = queries.licence_rows(session, user=user, as_of=as_of, asked=LicenceConditions(unit_id=unit_id))
    if not rows:
        return None
    return "permits/_unit_panel.html", {"rows": rows, "loads_url": url_for("permits.loads", text=rows[0].licence_no)}


_LINE_COLUMNS = (
    Column("licence_no", "许可证编号", lambda pair: pair[0].licence_no, kind="code", width=18),
    Column("line", "生产线", lambda pair: f"{pair[1].line_no} {pair[1].name}", width=20),
    Column("methods", "利用处置方式", lambda pair: "、".join(sorted(pair[1].methods)), kind="code", width=12),
    Column("grants", "核准类别", lambda pair: grants_label(pair[1].grants), width=36),
    Column("quantity", "核准规模（吨/年）", lambda pair: pair[1].quantity, kind="tonnes", width=14),
)
_LICENCE_COLUMNS = (
    Column("licence_no", "许可证编号", "licence_no", kind="code", width=18),
    Column("kind", "类别", "kind.label", width=8),
    Column("authority", "发证机关", "authority", width=18),
    Column("from", "有效期起", "valid_from", kind="day", width=11),
    Column("until", "有效期止", "expires_on", kind="day", width=11),
    Column("state", "状态", "state.label", width=14),
    Column("received", "本年接收（吨）", "received", kind="tonnes", width=14),
    Column("share", "占核准规模", "load.share", kind="percent", width=10),
)


def _chapter(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:
    rows = queries.licence_rows(session, user=user, as_of=as_of, asked=LicenceConditions(unit_id=unit_id))
    if not rows:
        return None
    alerts = [
        Alert(
            text=f"许可证 {row.licence_no}：{row.state.label}（申请截止 {row.renewal_due_on:%Y-%m-%d}）",
            state="bad" if row.state.kind == "bad" else "warn",
            endpoint="permits.show",
            args={"public_id": str(row.public_id)},
        )
        for row in rows
        if row.state.kind in {"bad", "warn"}
    ]
    alerts += [
        Alert(text=f"许可证 {row.licence_no}：{row.load.label}", endpoint="permits.loads")
        for row in rows
        if row.load.state == "bad"
    ]
    lines = [(row, line) for row in rows for line in row.term.lines]
    return Chapter(
        alerts=tuple(alerts),
        tables=(
            DossierTable(title="经营许可证", columns=_LICENCE_COLUMNS, rows=rows),
            DossierTable(title="生产线与核准类别", columns=_LINE_COLUMNS, rows=lines),
        ),
    )


def _visible(session: Session, user: Viewer, object_id: str) -> bool:
    number = whole_number(object_id)
    statement = select(Licence.id).where(Licence.id == number, queries.in_sight(user, as_of=today()))
    return number is not None and session.scalar(statement) is not None


def _link(session: Session, object_id: str) -> str | None:
    found = session.scalar(select(Licence.public_id).where(Licence.id == whole_number(object_id)))
    return None if found is None else f"/permits/{found}"


def _project_visible(session: Session, user: Viewer, object_id: str) -> bool:
    number = whole_number(object_id)
    return user.may(Permission.PERMIT_READ) and number is not None and session.get(DisposalProject, number) is not None


def _project_link(session: Session, object_id: str) -> str | None:
    found = session.scalar(select(DisposalProject.public_id).where(DisposalProject.id == whole_number(object_id)))
    return None if found is None else f"/permits/projects/{found}"


NAV = (
    NavItem("经营许可证", "permits.index", Permission.PERMIT_READ, GROUP),
    NavItem("经营规模预警", "permits.loads", Permission.PERMIT_READ, GROUP),
    NavItem("处置利用项目", "permits.projects", Permission.PERMIT_READ, GROUP),
)
TODOS = (
    TodoItem("条经营规模预警", _alarms, "permits.loads", Permission.PERMIT_READ),
    TodoItem("份许可证已过期", _expired, "permits.index", Permission.PERMIT_READ),
)
PANELS = (
    Panel(
        owner="unit", key="permits", label="经营许可证", order=30, permission=Permission.PERMIT_READ, load=_load_unit
    ),
)
CHAPTERS = (
    FileChapter(
        owner="unit", key="permits", label="经营许可证", order=30, permission=Permission.PERMIT_READ, load=_chapter
    ),
)
OWNERS = (
    Owner(kind="licence", label="经营许可证", visible=_visible, link=_link),
    Owner(kind="disposal_project", label="处置利用项目", visible=_project_visible, link=_project_link),
)
