"""The computed management class of units (管理类别计算值), beside what the authority has set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.key_list.queries.facts import judged_units
from hwrisk.key_list.rules import PACK_ID, Judgement
from hwrisk.rulepacks.records import VerdictChange, VerdictSource
from hwrisk.security.viewer import Viewer
from hwrisk.units.operations import StateRecord, UnitChange, record_states

MAX_CHANGES = 500
MAX_REASON = 200


def compute_classes(session: Session, *, as_of: date, actor: Viewer) -> dict[str, int]:
    """Bring the computed class of every unit up to what is known on `as_of`; what the authority set is not touched.

    Returns how many units were judged, how many changed, and for how many nothing is known; these stay as they were.
    """
    judged = unknown = 0
    records = []
    for row, verdict in judged_units(session, on=as_of, as_of=as_of):
        judged += 1
        if verdict.management_class is None:
            unknown += 1
        elif verdict.management_class is not row.version.class_computed:
            records.append(
                StateRecord(
                    unit=row.unit, from_day=as_of, changes=UnitChange(class_computed=verdict.management_class),
                    reason=_reason(verdict),
                )
            )  # fmt: skip
    changed = record_states(session, records, actor=actor) if records else 0
    return {"judged": judged, "changed": changed, "unknown": unknown}


def class_changes(
    session: Session, before: Mapping[str, Any] | None, after: Mapping[str, Any], as_of: date
) -> Sequence[VerdictChange]:
    """Return the units whose class a new version of the pack would change on `as_of`."""
    old = {row.id: verdict for row, verdict in judged_units(session, on=as_of, as_of=as_of, parameters=before or after)}
    changes = [
        VerdictChange(f"{row.name}（{row.unit_no}）", _label(old.get(row.id)), _label(verdict))
        for row, verdict in judged_units(session, on=as_of, as_of=as_of, parameters=after)
        if _label(old.get(row.id)) != _label(verdict)
    ]
    if len(changes) > MAX_CHANGES:
        rest = len(changes) - MAX_CHANGES
        changes = [*changes[:MAX_CHANGES], VerdictChange(f"另有 {rest} 家单位", "—", "—")]
    return changes


def _label(verdict: Judgement | None) -> str:
    found = verdict.management_class if verdict else None
    return found.label if found else "不能判定"


def _reason(verdict: Judgement) -> str:
    tonnes = f"，{verdict.tonnes} 吨" if verdict.tonnes is not None else ""
    return f"按 {verdict.clause} 计算：{verdict.basis}{tonnes}"[:MAX_REASON]


VERDICTS = VerdictSource(PACK_ID, "单位的管理类别", class_changes)
