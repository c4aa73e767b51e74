"""Everything there is of one unit on a day (一企一档): head, alerts, chapters of all rooms; page and files ask here."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.errors import NotFound
from hwrisk.reporting.dossier import Dossier, Fact, gather, offered
from hwrisk.security.viewer import Viewer
from hwrisk.units import listing, queries
from hwrisk.units.models import Unit, UnitVersion
from hwrisk.units.queries import UnitRow, on_or_first
from hwrisk.units.scope import in_scope


class EnterpriseFile(NamedTuple):
    """The file of one unit on a day."""

    unit: Unit
    version: UnitVersion
    as_of: date
    head: tuple[Fact, ...]
    dossier: Dossier

    @property
    def title(self) -> str:
        """What the file is called."""
        return f"{self.version.name}危险废物环境管理档案"


def enterprise_file(session: Session, row: UnitRow, *, as_of: date, user: Viewer) -> EnterpriseFile:
    """Return the file of a unit in sight as it stands on `as_of`, by what is known now."""
    version = queries.version_on(session, row.id, as_of=as_of)
    head = _head(session, row.unit, version, as_of=as_of)
    dossier = gather(session, offered("unit"), row.id, as_of=as_of, user=user)
    return EnterpriseFile(row.unit, version, as_of, head, dossier)


def unit_by_number(session: Session, number: str, *, user: Viewer, as_of: date) -> UnitRow:
    """Return the unit with our own number, or public id, in sight of `user` today.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    text = number.strip()
    unit_id = session.scalar(
        select(Unit.id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .where(_is_named(text), on_or_first(today()), in_scope(user))
    )
    if unit_id is None:
        raise NotFound(f"没有单位编号为“{text[:40]}”的单位，或不在您的管辖范围内")
    unit = queries.units_by_id(session, [unit_id])[unit_id]
    return UnitRow(unit, queries.version_on(session, unit_id, as_of=as_of))


def _is_named(text: str) -> ColumnElement[bool]:
    try:
        return Unit.public_id == UUID(text)
    except ValueError:
        return Unit.unit_no == text.upper()


def _head(session: Session, unit: Unit, version: UnitVersion, *, as_of: date) -> tuple[Fact, ...]:
    line = listing.names_on(session, as_of).line(UnitRow(unit, version))
    number = f"{unit.identity_kind.label} {unit.identity_no}" if unit.identity_no else unit.identity_kind.label
    shown = version.management_class
    computed = version.class_computed
    note = "部门核定" if version.class_set else "按数据计算"
    if version.class_set and computed and computed is not version.class_set:
        note += f"；计算为{computed.label}"
    return (
        Fact(label="单位编号", value=unit.unit_no),
        Fact(label="身份标识", value=number),
        Fact(label="管辖单位", value=line.office),
        Fact(label="行政区划", value=line.admin),
        Fact(label="化工园区", value=line.park or "不在园区"),
        Fact(label="状态", value=version.status.label, unverified=not unit.is_supervised),
        Fact(label="单位类型", value=version.role.label),
        Fact(label="管理类别", value=shown.label if shown else "未定", note=note if shown else ""),
        Fact(label="经营许可证", value=version.licence_no or "无"),
    )
