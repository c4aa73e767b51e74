"""Loading the names found in public sources as units outside the bureau's register (公开资料，未纳入监管名录)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import now
from hwrisk.db.seeds import seed_number, seed_rows, upsert
from hwrisk.parks.models import Park
from hwrisk.units.models import IdentityKind, UnitRole, UnitSource, UnitStatus
from hwrisk.units.operations import NewUnit, UnitChange, register_units
from hwrisk.units.rules import Identity

Row = dict[str, str]
IN_USE_FROM = date(2015, 1, 1)
"""The register begins here, as the regions do; no source says since when a site exists."""
REASON = "公开资料装入"
_OPERATOR_ROLES = frozenset({"集中处置", "危废处置"})
_IDLE_ROLES = frozenset({"已关停地块", "已停产地块", "污染地块"})


def seed(session: Session, *, folder: Path | None = None) -> int:
    """Register the units of `seeds/units/public_units.csv` and keep each published line; return how many are new.

    A unit that was seeded before stays as people have made it since; only its published lines are kept up.
    """
    rows = sorted(seed_rows("units/public_units.csv", folder=folder), key=lambda row: (row["unit_key"], row["ref"]))
    groups = [list(lines) for _, lines in groupby(rows, key=lambda row: row["unit_key"])]
    owners = dict(session.execute(select(UnitSource.ref, UnitSource.unit_id)).all())
    new = [lines for lines in groups if not any(line["ref"] in owners for line in lines)]
    units = register_units(session, _registrations(session, new), actor=None, recorded_at=now())
    for lines, unit in zip(new, units, strict=True):
        owners.update((line["ref"], unit.id) for line in lines)
    for lines in groups:
        owner = next(owners[line["ref"]] for line in lines if line["ref"] in owners)
        owners.update((line["ref"], owner) for line in lines)
    return len(units) + upsert(session, UnitSource, {r["ref"]: _source(r, owners[r["ref"]]) for r in rows}, key="ref")


def _registrations(session: Session, groups: Sequence[list[Row]]) -> list[NewUnit]:
    parks = dict(session.execute(select(Park.code, Park.id)).all())
    return [_registration(lines, parks) for lines in groups]


def _registration(lines: list[Row], parks: dict[str, int]) -> NewUnit:
    first = lines[0]
    return NewUnit(
        identity=_identity(lines),
        state=UnitChange(
            name=first["name_as_published"],
            address=_first(lines, "location_as_published"),
            # Whether a closed site is cleared no source says; 停产 claims the least.
            status=UnitStatus.SUSPENDED if _is_any(lines, _IDLE_ROLES) else UnitStatus.OPERATING,
            role=UnitRole.OPERATOR if _is_any(lines, _OPERATOR_ROLES) else UnitRole.GENERATOR,
            admin_code=_first(lines, "admin_code") or None,
            office_code=_first(lines, "office_code") or None,
            park_id=parks.get(_first(lines, "park_code")),
        ),
        valid_from=IN_USE_FROM,
        reason=REASON,
        is_supervised=False,
        source=first["source"],
        note="公开资料，未纳入监管名录；状态、单位类型和所属均待核",
    )


def _identity(lines: list[Row]) -> Identity:
    if number := _first(lines, "uscc"):
        return Identity(IdentityKind.USCC, number)
    return Identity(IdentityKind.UNKNOWN, None, "公开资料未载统一社会信用代码")


def _is_any(lines: list[Row], roles: frozenset[str]) -> bool:
    return any(line["role"] in roles for line in lines)


def _first(lines: list[Row], column: str) -> str:
    return next((line[column] for line in lines if line[column]), "")


def _source(row: Row, unit_id: int) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "name_as_published": row["name_as_published"],
        "location": row["location_as_published"],
        "role_text": row["role"],
        "fact": row["fact"],
        "year": seed_number(row["year"]),
        "source": row["source"],
        "trust": row["trust"],
        "note": row["note"],
    }
