"""What passes between this service and the rooms that import: faults, rows, outcomes, contexts, kinds."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy.orm import Session

from hwrisk.db.types import Labelled
from hwrisk.imports.cells import Cell, shown
from hwrisk.imports.limits import Limits
from hwrisk.imports.packing import pack
from hwrisk.imports.template import Template
from hwrisk.security import Permission, Viewer


class Outcome(Labelled):
    """What an import would do with one row (检查结果)."""

    NEW = "new", "新增"
    CHANGED = "changed", "变更"
    UNCHANGED = "unchanged", "无变化"
    REFUSED = "refused", "有错误"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong, or doubtful, with one row or one of its cells: where, what stands there, what would be right."""

    row_no: int
    message: str
    right: str | None = None
    sheet: str = ""
    column: str = ""
    """Letter of the column, or "" when the whole row is meant."""
    title: str = ""
    value: str = ""

    @property
    def text(self) -> str:
        """Return the fault as one Chinese sentence."""
        sheet = f"工作表“{self.sheet}”" if self.sheet else ""
        if not self.title:
            return f"{sheet}第 {self.row_no} 行：{self.short}"
        place = f"“{self.title}”列（{self.column}{self.row_no}）" if self.column else f"“{self.title}”列"
        return f"{sheet}第 {self.row_no} 行{place}填的是“{self.value}”：{self.short}"

    @property
    def short(self) -> str:
        """Return the fault without its place, as it stands beside the row itself."""
        return f"{self.message}；应为：{self.right}" if self.right else self.message


def column_letter(index: int) -> str:
    """Return the letter of the column with the zero-based `index`: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


@dataclass(frozen=True)
class Layout:
    """Where the columns of a template stand on the sheet that was recognised."""

    sheet: str
    places: Mapping[str, int]
    """Zero-based column index by key."""
    titles: Mapping[str, str]


@dataclass(kw_only=True)
class ParsedRow:
    """One row of a file: typed values by column key; a blank or missing column is None."""

    row_no: int
    layout: Layout
    values: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    cells: Sequence[Cell] | None = None
    """The row as it was read, or None when it comes from the staging table."""
    repeat: int = 1
    """1 for the first row of the file with these very values, 2 for the second …; tells equal records apart."""

    def fault(self, key: str | None, message: str, right: str | None = None) -> Fault:
        """Return a fault of the cell `key`, or of the whole row with None."""
        sheet = self.layout.sheet
        if key is None or key not in self.layout.titles:
            return Fault(row_no=self.row_no, message=message, right=right, sheet=sheet)
        place = self.layout.places.get(key)
        column = "" if place is None else column_letter(place)
        return Fault(
            row_no=self.row_no, message=message, right=right, sheet=sheet,
            column=column, title=self.layout.titles[key], value=self._shown(key, place),
        )  # fmt: skip

    def _shown(self, key: str, place: int | None) -> str:
        if self.cells is None or place is None:
            return shown(self.values.get(key))
        return shown(self.cells[place] if place < len(self.cells) else None)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the values; equal rows have equal digests, see `repeat`."""
        text = json.dumps(pack(self.values), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@dataclass(kw_only=True)
class RowOutcome:
    """The verdict on one row; `payload` is what `apply` will get, by default the row's values."""

    outcome: Outcome
    messages: list[Fault] = field(default_factory=list)
    """Why the row is refused; a row with any message is refused."""
    warnings: list[Fault] = field(default_factory=list)
    before: Mapping[str, Any] | None = None
    """Present values of the fields that would change, by their Chinese names."""
    after: Mapping[str, Any] | None = None
    payload: Mapping[str, Any] | None = None
    title: str = ""
    """Short name of the row in the preview: unit, code, day."""

    @classmethod
    def of(
        cls,
        row: ParsedRow,
        *,
        exists: bool,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        payload: Mapping[str, Any] | None = None,
        title: str = "",
    ) -> RowOutcome:
        """Return 新增, 变更 or 无变化 by comparing `before` with `after`; only the fields that differ are kept."""
        if not exists:
            return cls(outcome=Outcome.NEW, after=after, payload=payload or row.values, title=title)
        old, new = before or {}, after or {}
        changed = [name for name in new if old.get(name) != new[name]]
        if not changed:
            return cls(outcome=Outcome.UNCHANGED, title=title)
        return cls(
            outcome=Outcome.CHANGED, before={name: old.get(name) for name in changed},
            after={name: new[name] for name in changed}, payload=payload or row.values, title=title,
        )  # fmt: skip

    def refuse(self, fault: Fault) -> RowOutcome:
        """Refuse the row because of `fault`; return self."""
        self.outcome = Outcome.REFUSED
        self.messages.append(fault)
        return self

    def warn(self, fault: Fault) -> RowOutcome:
        """Add a warning, which does not keep the row from being imported; return self."""
        self.warnings.append(fault)
        return self

    @classmethod
    def refused(cls, *faults: Fault, title: str = "") -> RowOutcome:
        """Return the verdict that the row is refused because of `faults`."""
        return cls(outcome=Outcome.REFUSED, messages=list(faults), title=title)


@dataclass
class CheckedRow:
    """A row with its verdict, as `check_all` gets it; call `outcome.refuse` or `outcome.warn` to add to it."""

    row: ParsedRow
    outcome: RowOutcome


@dataclass(frozen=True, kw_only=True)
class CheckContext:
    """For whom and as of which day a file is checked; `known` is what the kind's `prepare` has read."""

    user: Viewer
    as_of: date
    options: Mapping[str, str] = field(default_factory=dict)
    """What was chosen beside the file, for example the unit it is for."""
    known: Any = None


@dataclass(frozen=True, kw_only=True)
class ApplyContext:
    """Who accepts which batch, as of which day."""

    user: Viewer
    as_of: date
    batch_id: int
    batch_public_id: uuid.UUID
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StagedRow:
    """A checked row that is to be written: 新增 or 变更, with the payload its check has given."""

    row_no: int
    outcome: Outcome
    payload: dict[str, Any]


class Progress(Protocol):
    """What a long task offers: say how far it is, and stop when asked to."""

    def progress(self, done: int, total: int, message: str) -> None:
        """Note how far the work is."""

    def check_cancelled(self) -> None:
        """Raise when the work was cancelled."""


Prepare = Callable[[Session, CheckContext, Sequence[ParsedRow]], Any]
CheckRow = Callable[[Session, CheckContext, ParsedRow], RowOutcome]
CheckAll = Callable[[Session, CheckContext, Sequence[CheckedRow]], None]
Apply = Callable[[Session, ApplyContext, list[StagedRow]], dict[str, int]]
BaseVersion = Callable[[Session, CheckContext], str]


@dataclass(frozen=True, kw_only=True)
class ImportKind:
    """One kind of file that can be imported (导入种类), as a room offers it."""

    kind: str
    label: str
    permission: Permission
    template: Template
    check: CheckRow
    """Verdict on one row without faults of form; asks the database nothing: what it needs is in `context.known`."""
    apply: Apply
    """Write the new and changed rows in one transaction; returns counts by name. It flushes, never commits."""
    prepare: Prepare | None = None
    """Read in a few statements all that `check` needs for all rows; the result becomes `context.known`."""
    check_all: CheckAll | None = None
    """Look at all rows together: what only shows over the whole file, as stock running negative."""
    base_version: BaseVersion | None = None
    """A short text that changes whenever an answer of the checks could; without it accepting checks all rows again."""
    limits: Limits = field(default_factory=Limits)
