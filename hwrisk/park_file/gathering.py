"""Everything there is of one park on a day (一园一档): head, alerts, chapters of all rooms; page and files ask here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hwrisk.db.history import in_force
from hwrisk.errors import NotFound
from hwrisk.parks.models import Park
from hwrisk.parks.scope import visible_parks
from hwrisk.regions.queries import region_names
from hwrisk.reporting.dossier import Fact, gather, offered
from hwrisk.reporting.files import FileDocument
from hwrisk.rulepacks import Trust
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import UnitVersion

KIND = "化工园区环境风险一园一档"
NOTE = "公开数据照原文并列；标“待核”的未经核实"


def park_by_code(session: Session, text: str, *, user: Viewer) -> Park:
    """Return the park with this code or public id, in sight of `user` as a whole: an operator has no park file.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    plain = text.strip()
    found = select(Park).where(_is_named(plain), visible_parks(user))
    park = None if user.role is Role.OPERATOR else session.scalars(found).one_or_none()
    if park is None:
        raise NotFound(f"没有编码为“{plain[:40]}”的园区，或不在您的查看范围内")
    return park


def park_file(session: Session, park: Park, *, as_of: date, user: Viewer) -> FileDocument:
    """Return the file of a park in sight as it stands on `as_of`, by what is known now."""
    return FileDocument(
        kind=KIND,
        name=park.name,
        number=park.code,
        as_of=as_of,
        head=_head(session, park, as_of=as_of),
        dossier=gather(session, offered("park"), park.id, as_of=as_of, user=user),
        note=NOTE,
    )


def _is_named(text: str) -> ColumnElement[bool]:
    try:
        return Park.public_id == UUID(text)
    except ValueError:
        return Park.code == text.upper()


def _head(session: Session, park: Park, *, as_of: date) -> tuple[Fact, ...]:
    names = region_names(session, as_of=as_of)
    units = session.scalar(select(func.count()).where(UnitVersion.park_id == park.id, in_force(UnitVersion, as_of)))
    year = f"（{park.recognised_year} 年）" if park.recognised_year else ""
    return (
        Fact(label="园区编码", value=park.code, note="自编"),
        Fact(label="所在地（原文）", value=park.location or "未写明"),
        Fact(label="行政区划", value=names.get(park.admin_code or "", "待定")),
        Fact(label="管辖单位", value=names.get(park.office_code or "", "待定")),
        Fact(
            label="认定情况", value=f"{park.recognition}{year}" if park.recognition else "未公布",
            unverified=not Trust(park.trust).is_verified,
        ),
        Fact(label="在册企业", value=f"{units or 0} 家"),
    )  # fmt: skip
