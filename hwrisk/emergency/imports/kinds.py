"""Import of kinds of materials (物资品种)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from hwrisk.catalogue.chemicals.rules import plain_name
from hwrisk.clock import now
from hwrisk.emergency import measures
from hwrisk.emergency.models import MaterialFunction, MaterialKind
from hwrisk.emergency.operations import kinds as operations
from hwrisk.emergency.operations.hand import Hand
from hwrisk.emergency.queries.kinds import active_kinds
from hwrisk.imports import (
    ApplyContext,
    CheckContext,
    ImportKind,
    ParsedRow,
    RowOutcome,
    StagedRow,
    Template,
    choice_column,
    code_column,
    text_column,
)
from hwrisk.security.permissions import Permission

YES_NO = {"是": True, "否": False}
FIELDS = {
    "name": "物资名称", "function": "功能类别", "category": "细类", "unit": "计量单位", "is_consumable": "消耗品",
    "aliases": "别名",
}  # fmt: skip
TEMPLATE = Template(
    sheet="物资品种",
    version="2026.1",
    unique_by=("name",),
    columns=(
        code_column("code", "物资编码", max_length=24, is_required=False, note="新品种不填", example="WZ-001"),
        text_column("name", "物资名称", synonyms=("名称", "物资", "资源名称"), max_length=100, example="活性炭"),
        choice_column("function", "功能类别", MaterialFunction, synonyms=("功能", "类别"), example="污染物降解"),
        text_column("category", "细类", is_required=False, max_length=32, example="吸附剂"),
        text_column("unit", "计量单位", synonyms=("单位",), max_length=8, example="吨",
                    note="、".join(measures.MEASURES)),
        choice_column("is_consumable", "消耗品", YES_NO, is_required=False, note="不填为是", example="是"),
        text_column("aliases", "别名", is_required=False, max_length=400, note="用分号隔开", width=30),
    ),
    notes=("一行一个品种；名称或编码与已登记的相同即为修改。", "同一文件重复导入不产生变化。"),
)  # fmt: skip


class _Known(NamedTuple):
    by_code: Mapping[str, MaterialKind]
    by_name: Mapping[str, MaterialKind]
    aliases: Mapping[str, str]
    """Name of the kind by each plain alias."""


def _prepare(session: Session, _context: CheckContext, _rows: Sequence[ParsedRow]) -> _Known:
    kinds = active_kinds(session)
    return _Known(
        {kind.code: kind for kind in kinds},
        {plain_name(kind.name): kind for kind in kinds},
        {plain_name(alias): kind.name for kind in kinds for alias in kind.names[2:]},
    )


def _check(session: Session, context: CheckContext, row: ParsedRow) -> RowOutcome:  # noqa: ARG001 - asks nothing more
    known, name = context.known, row.values["name"]
    unit = measures.unit_named(row.values["unit"])
    if unit not in measures.MEASURES:
        return RowOutcome.refused(
            row.fault("unit", "没有这个计量单位", "、".join(measures.MEASURES)), title=name
        )  # fmt: skip
    code = row.values.get("code")
    kind = known.by_code.get(code) if code else known.by_name.get(plain_name(name))
    if code and kind is None:
        return RowOutcome.refused(row.fault("code", f"没有编码为“{code}”的物资", "新品种不填编码"), title=name)
    owner = known.aliases.get(plain_name(name))
    if owner is not None and (kind is None or owner != kind.name):
        return RowOutcome.refused(row.fault("name", f"“{name}”是已登记物资“{owner}”的别名", "不必另立品种"), title=name)
    consumable = row.values.get("is_consumable")
    values = {
        "name": name,
        "function": MaterialFunction(row.values["function"]).value,
        "category": row.values.get("category") or "",
        "unit": unit,
        "is_consumable": True if consumable is None else consumable,
        "aliases": (row.values.get("aliases") or "").replace("；", ";"),
    }
    after = {label: _text(values[field]) for field, label in FIELDS.items()}
    before = {label: _text(getattr(kind, field)) for field, label in FIELDS.items()} if kind else None
    payload = {"id": kind.id if kind else None, **values}
    return RowOutcome.of(row, exists=kind is not None, before=before, after=after, payload=payload, title=name)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return MaterialFunction(value).label if value in set(MaterialFunction) else str(value)


def _apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Register the new kinds and change the known ones."""
    hand = Hand(viewer=context.user, as_of=context.as_of, at=now())
    changed = 0
    for row in rows:
        facts = operations.facts_from(row.payload)
        if row.payload["id"] is None:
            operations.register_kind(session, facts, hand=hand)
        else:
            kind = session.get_one(MaterialKind, row.payload["id"])
            changed += operations.change_kind(session, kind, facts, is_active=kind.is_active, hand=hand)
    return {"新增品种": len([row for row in rows if row.payload["id"] is None]), "变更品种": changed}


KINDS = ImportKind(
    kind="material-kinds",
    label="应急物资品种",
    permission=Permission.MATERIAL_REVIEW,
    template=TEMPLATE,
    prepare=_prepare,
    check=_check,
    apply=_apply,
)
