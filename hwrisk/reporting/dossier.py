"""Files of one thing (档案): chapters that rooms hand in as plain data, drawn alike on a page and in a PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy.orm import Session

from hwrisk.reporting.report import Column
from hwrisk.security import Permission, Viewer


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One labelled value, ready to show (事项)."""

    label: str
    value: str
    note: str = ""
    unverified: bool = False
    """Whether a rule that is not verified decided it (待核)."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something the reader must see first (警示)."""

    text: str
    state: Literal["bad", "warn", "note"] = "bad"
    endpoint: str = ""
    """Page that shows the rows behind it, or empty."""
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DossierTable:
    """A table of a chapter; long ones are cut by the room, which then says so in `note` and links to the whole."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Any]
    note: str = ""
    endpoint: str = ""
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """What one room knows of the thing on the day."""

    alerts: tuple[Alert, ...] = ()
    facts: tuple[Fact, ...] = ()
    tables: tuple[DossierTable, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FileChapter:
    """One chapter of the file of a unit or a park (档案分章), offered by a room."""

    owner: Literal["unit", "park"]
    key: str
    label: str
    order: int
    permission: Permission
    load: Callable[[Session, int, date, Viewer], Chapter | None]
    """Given the owner's internal id, the day and the reader, returns the chapter, or None where there is nothing."""
