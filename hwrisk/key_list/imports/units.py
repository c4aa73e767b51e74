"""Which unit a row means: by number, identity or name, among those in sight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from hwrisk.imports import CheckContext, Fault, ParsedRow, TemplateColumn, text_column
from hwrisk.imports.cells import near_names
from hwrisk.ledger.imports.known import Known, UnitRef, load_units

UNIT_COLUMN: TemplateColumn = text_column(
    "unit", "单位", width=30, synonyms=("单位名称", "企业名称"),
    note="单位编号、统一社会信用代码或全称", example="连云港示例化工有限公司",
)  # fmt: skip


def units_named(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> Known:
    """Return the units in sight that the rows may mean."""
    texts: Iterable[str] = (row.values["unit"] for row in rows if row.values.get("unit"))
    return load_units(session, context, texts)


def unit_of(row: ParsedRow, known: Known) -> tuple[UnitRef | None, Fault | None]:
    """Return the unit of a row, or what is wrong with how it is named."""
    text = row.values["unit"]
    found = {ref.id: ref for ref in known.units.get(text.upper(), [])}
    if len(found) == 1:
        return next(iter(found.values())), None
    if found:
        numbers = "、".join(ref.unit_no for ref in found.values())
        return None, row.fault("unit", f"有 {len(found)} 家单位叫“{text}”", f"填写单位编号（{numbers}）")
    near = "、".join(near_names(text, known.unit_names)) or "先在单位名录中登记"
    return None, row.fault("unit", f"没有找到单位“{text}”，或不在您的管辖范围内", near)
