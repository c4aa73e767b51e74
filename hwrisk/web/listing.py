"""Filters of a list: declared once, read from the address, kept in every link, saved per account."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from werkzeug.datastructures import MultiDict

from hwrisk.imports.cells import CellError, parse_day

Choices = Sequence[tuple[str, str]]
MAX_TEXT = 100
MAX_PASTED = 2000
_PASTE_BREAK = re.compile(r"[\s,，;；、]+")


@dataclass(frozen=True)
class Filter:
    """One condition a list can be narrowed by (筛选条件)."""

    name: str
    label: str
    kind: Literal["choice", "text", "day", "flag", "paste"] = "text"
    choices: Choices | Callable[[], Choices] = ()
    """Value and Chinese label; a function is asked at each request, in its session."""
    all_label: str = ""
    """What the empty choice says; by default 全部 and the label."""

    def options(self) -> Choices:
        """Return the choices as (value, label)."""
        return self.choices() if callable(self.choices) else self.choices


@dataclass(frozen=True)
class Filters:
    """The conditions of one request, checked; what was not understood is in `problems` and does not act."""

    declared: tuple[Filter, ...]
    values: Mapping[str, str]
    """Accepted text by name; a condition that is not set has no key."""
    problems: tuple[str, ...] = ()
    options: Mapping[str, Choices] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """Return the text of a condition, or None when it is not set."""
        return self.values.get(name)

    def day(self, name: str) -> date | None:
        """Return the day of a condition, or None when it is not set."""
        text = self.values.get(name)
        return None if text is None else date.fromisoformat(text)

    def is_set(self, name: str) -> bool:
        """Tell whether a condition is set."""
        return name in self.values

    def pasted(self, name: str) -> tuple[str, ...]:
        """Return the items of a pasted list, each once, in order."""
        return tuple(dict.fromkeys(_PASTE_BREAK.split(self.values.get(name, "").strip()))) if self.is_set(name) else ()

    def link_args(self, **changes: str | None) -> dict[str, str]:
        """Return the arguments of a link to this list with `changes`; None takes a condition away."""
        merged: dict[str, str | None] = {**self.values, **changes}
        return {name: value for name, value in merged.items() if value is not None}

    def in_words(self) -> str:
        """Return the conditions in words for titles and exports: 管辖单位：灌云局；状态：已超期; empty without any."""
        return "；".join(f"{f.label}：{self._shown(f)}" for f in self.declared if f.name in self.values)

    def _shown(self, declared: Filter) -> str:
        value = self.values[declared.name]
        if declared.kind == "choice":
            return dict(self.options[declared.name]).get(value, value)
        if declared.kind == "paste":
            return f"粘贴的 {len(self.pasted(declared.name))} 项"
        return "是" if declared.kind == "flag" else value


def read_filters(declared: Sequence[Filter], args: MultiDict[str, str]) -> Filters:
    """Return the conditions that `args` (query arguments) state by the list `declared`."""
    values: dict[str, str] = {}
    problems: list[str] = []
    options: dict[str, Choices] = {}
    for item in declared:
        if item.kind == "choice":
            options[item.name] = item.options()
        text = args.get(item.name, "").replace("\x00", "").strip()
        if not text:
            continue
        accepted = _accepted(item, text, options)
        if accepted is None:
            problems.append(f"筛选条件“{item.label}”的值“{text[:MAX_TEXT]}”无效，未起作用")
        else:
            values[item.name] = accepted
    return Filters(tuple(declared), values, tuple(problems), options)


def _accepted(item: Filter, text: str, options: Mapping[str, Choices]) -> str | None:
    match item.kind:
        case "choice":
            return text if text in dict(options[item.name]) else None
        case "flag":
            return "1" if text in ("1", "true", "on") else None
        case "day":
            try:
                return parse_day(text).isoformat()
            except CellError:
                return None
        case "paste":
            items = _PASTE_BREAK.split(text)
            return "\n".join(items) if len(items) <= MAX_PASTED else None
        case _:
            return text if len(text) <= MAX_TEXT else None


@dataclass(frozen=True)
class ListColumn:
    """One column of a list on a page (列): its heading with the unit, and whether it may be hidden."""

    key: str
    title: str
    is_number: bool = False
    is_fixed: bool = False
    """Whether the column always stands (what the row is)."""


def chosen_columns(declared: Sequence[ListColumn], args: MultiDict[str, str]) -> tuple[ListColumn, ...]:
    """Return the columns a request asks for (argument `cols`, repeated), in declared order; none asked for: all."""
    asked = set(args.getlist("cols"))
    chosen = tuple(c for c in declared if c.is_fixed or c.key in asked)
    return chosen if asked & {c.key for c in declared} else tuple(declared)
