"""Why a revised value differs from the frozen one: the units that stand otherwise, and what was recorded since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hwrisk.assessment.models import Assessment, Exclusion, SampleDraw, SampledUnit
from hwrisk.db.chunks import chunked
from hwrisk.indicators.compliance.computing import UnitRow
from hwrisk.indicators.compliance.explanation import UnitDetail, details, row_of_stored
from hwrisk.indicators.compliance.models import ComplianceRow
from hwrisk.indicators.models import IndicatorValue
from hwrisk.indicators.periods import ONE_DAY
from hwrisk.units.models import UnitVersion


class Difference(NamedTuple):
    """One unit that stands otherwise in the revised value; a side that does not have it is None."""

    detail: UnitDetail
    before: UnitRow | None
    after: UnitRow | None


class Cause(NamedTuple):
    """One thing recorded after the frozen value was drawn that touches a unit that differs."""

    recorded_at: datetime
    label: str
    text: str
    """What was recorded, in words."""
    recorded_by: str
    unit_name: str
    assessment: UUID | None
    """Public id of an assessment; else None."""


class Changes(NamedTuple):
    """Why two values differ: the units, and what was recorded between the two cut-offs."""

    differences: list[Difference]
    causes: list[Cause]


class _Window(NamedTuple):
    after: datetime
    until: datetime

    def covers(self, column: Any) -> Any:
        return (column > self.after) & (column <= self.until)


def changes(session: Session, frozen: IndicatorValue, revised: IndicatorValue) -> Changes:
    """Return what makes `revised` differ from `frozen`: units by id, causes by the instant recorded.

    A cause is an assessment closed or withdrawn, an exclusion, a drawing or a unit state recorded after the cut-off of
    the frozen value, and not after the revised one's, on a unit that differs.
    """
    before, after = _rows(session, frozen), _rows(session, revised)
    touched = sorted(unit_id for unit_id in {*before, *after} if before.get(unit_id) != after.get(unit_id))
    shown = details(session, [after.get(i) or before[i] for i in touched], day=revised.period_end - ONE_DAY)
    differences = [Difference(d, before.get(i), after.get(i)) for i, d in zip(touched, shown, strict=True)]
    window = _Window(frozen.known_at, revised.known_at)
    names = {d.row.unit_id: d.unit_name for d in shown}
    year = revised.period_start.year
    found = [
        *_assessment_causes(session, names, year, window),
        *_coverage_causes(session, names, year, window),
        *_unit_causes(session, names, window),
    ]
    return Changes(differences, sorted(found, key=lambda cause: (cause.recorded_at, cause.label, cause.text)))


def _rows(session: Session, value: IndicatorValue) -> dict[int, UnitRow]:
    rows = session.scalars(select(ComplianceRow).where(ComplianceRow.value_id == value.id))
    return {row.unit_id: row_of_stored(row) for row in rows}


def _assessment_causes(session: Session, names: dict[int, str], year: int, window: _Window) -> list[Cause]:
    found = []
    for row in _touching(
        session, Assessment, names, Assessment.year.in_((year - 1, year)),
        or_(window.covers(Assessment.closed_at), window.covers(Assessment.withdrawn_at)),
    ):  # fmt: skip
        kind = "复查" if row.recheck_of_id else "评估"
        text = (
            f"{row.assessment_no} {row.assessed_on:%Y-%m-%d} {row.level.label} {row.grade.label if row.grade else ''}"
        )
        name = names[row.unit_id]
        if row.closed_at is not None and window.after < row.closed_at <= window.until:
            found.append(Cause(row.closed_at, f"{kind}办结", text, row.closed_by, name, row.public_id))
        if row.withdrawn_at is not None and window.after < row.withdrawn_at <= window.until:
            reason = f"{text}（{row.withdrawn_reason}）" if row.withdrawn_reason else text
            found.append(Cause(row.withdrawn_at, f"{kind}撤回", reason, row.withdrawn_by, name, row.public_id))
    return found


def _coverage_causes(session: Session, names: dict[int, str], year: int, window: _Window) -> list[Cause]:
    found = []
    for row in _touching(
        session, Exclusion, names, Exclusion.year == year,
        or_(window.covers(Exclusion.recorded_at), window.covers(Exclusion.withdrawn_at)),
    ):  # fmt: skip
        is_gone = row.withdrawn_at is not None and row.withdrawn_at > window.after
        at, label = (row.withdrawn_at, "撤销不具备评估条件") if is_gone else (row.recorded_at, "不具备评估条件")
        found.append(Cause(at, label, row.reason, row.recorded_by, names[row.unit_id], None))
    for chunk in chunked(sorted(names)):
        drawn = session.execute(
            select(SampledUnit.unit_id, SampleDraw)
            .join(SampleDraw, SampleDraw.id == SampledUnit.draw_id)
            .where(
                SampledUnit.unit_id.in_(chunk),
                SampleDraw.year == year,
                or_(window.covers(SampleDraw.recorded_at), window.covers(SampleDraw.withdrawn_at)),
            )
        )
        for unit_id, draw in drawn:
            text = f"{draw.drawn_on:%Y-%m-%d} 抽查"
            found.append(
                Cause(draw.withdrawn_at or draw.recorded_at, "抽查名单", text, draw.recorded_by, names[unit_id], None)
            )
    return found


def _unit_causes(session: Session, names: dict[int, str], window: _Window) -> list[Cause]:
    return [
        Cause(
            row.recorded_at, "单位情形",
            f"自 {row.valid_from:%Y-%m-%d}：{row.status.label}，管辖单位 {row.office_code or '待定'}"
            + (f"（{row.reason}）" if row.reason else ""),
            row.recorded_by, row.name, None,
        )
        for row in _touching(session, UnitVersion, names, window.covers(UnitVersion.recorded_at))
    ]  # fmt: skip


def _touching(session: Session, table: Any, names: Iterable[int], *conditions: Any) -> Sequence[Any]:
    found: list[Any] = []
    for chunk in chunked(sorted(names)):
        found += session.scalars(select(table).where(table.unit_id.in_(chunk), *conditions).order_by(table.id))
    return found
