"""What lists of stored waste are narrowed by, and whose waste a person sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from hwrisk.db.types import Labelled
from hwrisk.imports.cells import half_width
from hwrisk.ledger.models import UnitWaste
from hwrisk.ledger.storage.models import BatchTag, DisposalPlan, StorageBatch
from hwrisk.regions.models import RegionVersion
from hwrisk.units.models import Unit, UnitVersion

UNDECIDED = "-"
"""Filter value for units whose region no source states (待定)."""


class StorageState(Labelled):
    """Where a batch stands towards its limit (状态)."""

    OVERDUE = "overdue", "已超期"
    DUE_SOON = "due_soon", "将到期"
    PENDING = "pending", "到期待批"


@dataclass(frozen=True, kw_only=True)
class StorageConditions:
    """What a list of stored waste is narrowed by; None sets no condition."""

    state: StorageState = StorageState.OVERDUE
    """OVERDUE includes what waits for a decision on its extension (到期待批)."""
    office: str | None = None
    admin: str | None = None
    """Administrative division; a county stands for its towns too."""
    stream: str | None = None
    tag: BatchTag | None = None
    reason: str | None = None
    without_plan: bool = False
    text: str | None = None
    """Words of unit name, unit number, batch number or waste; letters are also taken as pinyin."""
    pasted: Sequence[str] = ()
    """Batch numbers."""
    unit_id: int | None = None


def conditions_from(values: Mapping[str, str]) -> StorageConditions:
    """Return the conditions that the arguments of a list's address state; unknown values set none."""
    return StorageConditions(
        state=_one_of(StorageState, values.get("state")) or StorageState.OVERDUE,
        office=values.get("office") or None,
        admin=values.get("admin") or None,
        stream=values.get("stream") or None,
        tag=_one_of(BatchTag, values.get("tag")),
        reason=values.get("reason") or None,
        without_plan=bool(values.get("no_plan")),
        text=values.get("text") or None,
        pasted=tuple((values.get("numbers") or "").split()),
    )


def where_unit(asked: StorageConditions) -> list[ColumnElement[bool]]:
    """Return the conditions on `Unit` and `UnitVersion`."""
    found: list[ColumnElement[bool]] = []
    if asked.unit_id is not None:
        found.append(Unit.id == asked.unit_id)
    if asked.office is not None:
        found.append(_in_region(UnitVersion.office_code, asked.office))
    if asked.admin is not None:
        found.append(_in_district(asked.admin))
    return found


def where_batch(asked: StorageConditions, plan: Any = DisposalPlan) -> list[ColumnElement[bool]]:
    """Return the conditions on `StorageBatch`, `UnitWaste` and the latest plan (outer-joined as `plan`)."""
    found: list[ColumnElement[bool]] = []
    if asked.stream is not None:
        found.append(UnitWaste.tag_confirmed == asked.stream)
    if asked.tag is not None:
        found.append(StorageBatch.tag == asked.tag)
    if asked.reason is not None:
        found.append(plan.reason == asked.reason)
    if asked.without_plan:
        found.append(plan.id.is_(None))
    if asked.pasted:
        found.append(StorageBatch.batch_no.in_(asked.pasted))
    return found + words(asked.text, StorageBatch.batch_no, StorageBatch.waste_code, StorageBatch.waste_name)


def words(text: str | None, *columns: Any) -> list[ColumnElement[bool]]:
    """Return for each word the condition that the unit or one of `columns` has it; letters are pinyin too."""
    return [or_(*unit_has(word), *has(word, columns)) for word in words_of(text)]


def words_of(text: str | None) -> list[str]:
    """Return the words a list is searched for."""
    return half_width(text or "").split()


def unit_has(word: str) -> list[ColumnElement[bool]]:
    """Return the conditions on `Unit` and `UnitVersion` that one of their names has the word, or the pinyin has it."""
    found = has(word, (UnitVersion.name, UnitVersion.short_name, Unit.unit_no, Unit.identity_no))
    if word.isascii() and word.isalnum():
        found.append(UnitVersion.pinyin.contains(word.lower(), autoescape=True))
    return found


def has(word: str, columns: Sequence[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions that each of `columns` has the word, in capital or small letters."""
    # Without letters there is nothing to be made small in every row.
    if any(character.isascii() and character.isalpha() for character in word):
        return [column.icontains(word, autoescape=True) for column in columns]
    return [column.contains(word, autoescape=True) for column in columns]


def _in_region(column: Any, code: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if code == UNDECIDED else column == code
    return found


def _in_district(code: str) -> ColumnElement[bool]:
    towns = select(RegionVersion.region_code).where(RegionVersion.parent_code == code)
    return or_(_in_region(UnitVersion.admin_code, code), UnitVersion.admin_code.in_(towns))


def _one_of(kind: type[Any], value: str | None) -> Any:
    return next((member for member in kind if member.value == value), None)
