"""The outlines that maps are drawn with: those of `seeds/geo`, or a set the city section put in their place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.db.seeds import seed_rows
from hwrisk.errors import RuleViolation
from hwrisk.regions.models import RegionKind, RegionOutline
from hwrisk.regions.queries import CITY_LEVEL, region_names, regions
from hwrisk.regions.rules import read_outlines
from hwrisk.resources import resource_dir
from hwrisk.security.viewer import Viewer

SUPPLIED = "系统自带"
LONGEST_SOURCE = 400
LONGEST_NAME = 200


class OutlineSet(NamedTuple):
    """What maps are drawn with just now."""

    content: str
    """GeoJSON, in degrees of CGCS2000."""
    codes: tuple[str, ...]
    source: str
    label: str
    """系统自带, or name of the uploaded file with who put it in."""
    recorded_at: datetime | None
    """When it was uploaded; None for the supplied one."""


def current_outlines(session: Session, *, as_of: date) -> OutlineSet:
    """Return the set in use: the latest uploaded one, else the supplied one of the city, else an empty one."""
    row = session.scalars(
        select(RegionOutline).where(RegionOutline.superseded_at.is_(None)).order_by(RegionOutline.id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return _supplied(session, as_of)
    label = f"{row.file_name}（{row.uploader}上传）"
    return OutlineSet(row.content, tuple(row.codes.split()), row.source, label, row.recorded_at)


def outline_history(session: Session) -> Sequence[RegionOutline]:
    """Return every uploaded set, the latest first."""
    return session.scalars(select(RegionOutline).order_by(RegionOutline.id.desc())).all()


def without_outline(session: Session, *, as_of: date) -> list[str]:
    """Return the names of the districts that the set in use does not draw."""
    drawn = set(current_outlines(session, as_of=as_of).codes)
    rows = regions(session, RegionKind.ADMIN, as_of=as_of)
    return [row.name for row in rows if row.level != CITY_LEVEL and row.code not in drawn]


def replace_outlines(
    session: Session, content: bytes, *, file_name: str, source: str, as_of: date, actor: Viewer, at: datetime
) -> RegionOutline:
    """Put the outlines of a GeoJSON file in place of those in use and return them; the former stay as history.

    Raises:
        BadFile: the file cannot be used; the message says where and why.
        RuleViolation: nobody says where the outlines come from.
    """
    if not source.strip():
        raise RuleViolation("请填写界线的来源，有审图号的一并填写", field="source")
    read = read_outlines(content, names=_drawable(session, as_of))
    _supersede(session, at)
    row = RegionOutline(
        recorded_at=at,
        file_name=file_name[-LONGEST_NAME:],
        sha256=hashlib.sha256(content).hexdigest(),
        source=source.strip()[:LONGEST_SOURCE],
        uploader=actor.label,
        codes=" ".join(read.codes),
        positions=read.positions,
        content=json.dumps(read.collection, ensure_ascii=False, separators=(",", ":")),
    )
    session.add(row)
    session.flush()
    summary = {"file_name": row.file_name, "sha256": row.sha256, "codes": row.codes}
    audit.record(session, actor, "region.outline", "region_outline", row.id, summary=summary)
    return row


def restore_supplied(session: Session, *, actor: Viewer, at: datetime) -> None:
    """Draw maps with the supplied outlines again.

    Raises:
        RuleViolation: they are in use already.
    """
    if not _supersede(session, at):
        raise RuleViolation("现在用的就是系统自带的界线")
    audit.record(session, actor, "region.outline", "region_outline", 0, summary={"file_name": SUPPLIED})


def _supersede(session: Session, at: datetime) -> int:
    done: Any = session.execute(
        update(RegionOutline).where(RegionOutline.superseded_at.is_(None)).values(superseded_at=at)
    )
    return int(done.rowcount)


def _drawable(session: Session, as_of: date) -> Mapping[str, str]:
    """Return the regions that may have an outline: districts, and functional zones once somebody has one."""
    names = region_names(session, as_of=as_of)
    rows = [row for kind in RegionKind for row in regions(session, kind, as_of=as_of) if row.level != CITY_LEVEL]
    return {row.code: names[row.code] for row in rows}


def _supplied(session: Session, as_of: date) -> OutlineSet:
    cities = {row.code for row in regions(session, RegionKind.ADMIN, as_of=as_of) if row.level == CITY_LEVEL}
    for row in seed_rows("geo/outlines.csv"):
        if row["place_code"] in cities:
            content = (resource_dir("seeds") / "geo" / row["file"]).read_text(encoding="utf-8")
            codes = tuple(feature["properties"]["adcode"] for feature in json.loads(content)["features"])
            return OutlineSet(content, codes, f"{row['source']}（{row['licence']}）", SUPPLIED, None)
    return OutlineSet('{"type":"FeatureCollection","features":[]}', (), "没有自带界线", SUPPLIED, None)
