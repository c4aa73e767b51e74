"""What the register says of a unit in its file (一企一档：基本情况、沿革、公开资料)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.reporting import Column
from hwrisk.reporting.dossier import Alert, Chapter, DossierTable, Fact, FileChapter
from hwrisk.rulepacks.trust import Trust
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units import listing, queries
from hwrisk.units.models import UnitStatus, UnitVersion

SEES_PHONES = frozenset({Role.CITY, Role.COUNTY, Role.COMMAND, Role.DUTY, Role.ENTERPRISE})
"""Who works with the people behind the numbers; the others see the ends of a number alone."""
HISTORY = 60
SHOWN_DIGITS = 4
CLOSED = (UnitStatus.CLOSED_UNCLEARED, UnitStatus.SUSPENDED)
SOURCE_COLUMNS = (
    Column("name", "来源所用名称", "name_as_published", width=24),
    Column("role", "类型", "role_text", width=12),
    Column("fact", "内容", "fact", width=44),
    Column("year", "年份", lambda row: str(row.year or ""), kind="code", width=8),
    Column("trust", "可信程度", lambda row: Trust(row.trust).label, kind="code", width=10),
    Column("source", "来源", "source", width=36),
)


def masked_phone(phone: str, *, role: Role) -> str:
    """Return a phone number as `role` may see it: whole, or its ends alone."""
    if not phone or role in SEES_PHONES:
        return phone
    if len(phone) <= SHOWN_DIGITS:
        return "*" * len(phone)
    return f"{phone[:3]}{'*' * (len(phone) - SHOWN_DIGITS)}{phone[-1]}"


def basics(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:
    """Return facts and history of a unit: as on the day, by what is known now."""
    unit = queries.units_by_id(session, [unit_id])[unit_id]
    version = queries.version_on(session, unit_id, as_of=as_of)
    names = listing.names_on(session, as_of)
    line = names.line(queries.UnitRow(unit, version))
    number = unit.identity_no or unit.identity_kind.label
    facts = (
        Fact(label="单位编号", value=unit.unit_no),
        Fact(label="身份标识", value=f"{unit.identity_kind.label} {number}" if unit.identity_no else number),
        Fact(label="状态", value=version.status.label, unverified=not unit.is_supervised),
        Fact(label="单位类型", value=version.role.label),
        Fact(label="管理类别（部门核定）", value=_label(version.class_set), note=version.class_reason),
        Fact(label="管理类别（计算）", value=_label(version.class_computed)),
        Fact(label="管辖单位", value=line.office),
        Fact(label="行政区划", value=line.admin),
        Fact(label="化工园区", value=line.park or "—"),
        Fact(label="经营许可证编号", value=version.licence_no or "—"),
        Fact(label="行业代码", value=unit.industry_code or "—"),
        Fact(label="投运日期", value=f"{unit.started_on:%Y-%m-%d}" if unit.started_on else "—"),
        Fact(label="地址", value=version.address or "—"),
        Fact(label="联系人", value=version.contact or "—"),
        Fact(label="联系电话", value=masked_phone(version.contact_phone, role=user.role) or "—"),
        Fact(label="责任主体", value=version.responsible_party or "—"),
    )
    known = [row for row in queries.history(session, unit_id) if row.superseded_at is None and row.valid_from <= as_of]
    columns = (
        Column("from", "起", "valid_from", kind="day", width=12),
        Column("until", "至（不含）", "valid_until", kind="day", width=12),
        Column("name", "名称", "name", width=28),
        Column("status", "状态", "status.label", kind="code", width=11),
        Column("office", "管辖单位", lambda row: names.region(row.office_code), width=16),
        Column("role", "单位类型", "role.label", kind="code", width=12),
        Column("class", "管理类别", lambda row: _label(row.management_class), kind="code", width=10),
        Column("reason", "理由", "reason", width=30),
    )
    note = f"只列最近 {HISTORY} 次" if len(known) > HISTORY else ""
    table = DossierTable(title="沿革", columns=columns, rows=known[:HISTORY], note=note)
    return Chapter(alerts=_alerts(version, is_supervised=unit.is_supervised), facts=facts, tables=(table,))


def published(session: Session, unit_id: int, as_of: date, user: Viewer) -> Chapter | None:  # noqa: ARG001 - one form
    """Return what was published about a unit, as published, or None."""
    rows = queries.sources_of(session, unit_id)
    if not rows:
        return None
    table = DossierTable(title="公开资料摘录", columns=SOURCE_COLUMNS, rows=rows)
    return Chapter(tables=(table,), notes=("照公开来源原样摘录，所载内容待核。",))


def _alerts(version: UnitVersion, *, is_supervised: bool) -> tuple[Alert, ...]:
    found = []
    if not is_supervised:
        found.append(Alert(text="公开资料，未纳入监管名录，各项内容待核", state="note"))
    if version.status in CLOSED:
        party = f"，责任主体：{version.responsible_party}" if version.responsible_party else ""
        state = "bad" if version.status is UnitStatus.CLOSED_UNCLEARED else "warn"
        found.append(Alert(text=f"{version.status.label}{party}", state=state))  # type: ignore[arg-type]  # one of the three
    if version.class_set is not None and version.class_computed not in {None, version.class_set}:
        computed = _label(version.class_computed)
        found.append(Alert(text=f"管理类别核定为{version.class_set.label}，计算为{computed}", state="note"))
    return tuple(found)


def _label(value: object) -> str:
    return str(getattr(value, "label", "—")) if value is not None else "—"


CHAPTERS = (
    FileChapter(
        owner="unit", key="basics", label="基本情况", order=10, permission=Permission.UNIT_READ, load=basics
    ),
    FileChapter(
        owner="unit", key="published", label="公开资料", order=900, permission=Permission.UNIT_READ, load=published
    ),
)  # fmt: skip
