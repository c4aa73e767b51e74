"""Files of one thing (档案): chapters that rooms hand in as plain data, drawn alike on a page and in a PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

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


class Section(NamedTuple):
    """A chapter that has something to show, with its label."""

    key: str
    label: str
    chapter: Chapter


class Warned(NamedTuple):
    """An alert and the chapter it comes from."""

    label: str
    alert: Alert


class Dossier(NamedTuple):
    """The file of one thing (档案): what to see first, then its chapters in order."""

    alerts: tuple[Warned, ...]
    sections: tuple[Section, ...]


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


_URGENCY = {"bad": 0, "warn": 1, "note": 2}
_offered: tuple[FileChapter, ...] = ()


def offer(chapters: Iterable[FileChapter]) -> None:
    """Keep the chapters of all rooms, in their order; the one list of rooms calls it once."""
    global _offered  # noqa: PLW0603 - the list of rooms stands above every report that draws from it
    _offered = tuple(sorted(chapters, key=lambda item: (item.order, item.key)))


def offered(owner: Literal["unit", "park"]) -> tuple[FileChapter, ...]:
    """Return the chapters of the files of `owner`, in order."""
    return tuple(chapter for chapter in _offered if chapter.owner == owner)


def gather(session: Session, chapters: Iterable[FileChapter], owner_id: int, *, as_of: date, user: Viewer) -> Dossier:
    """Return what `user` may see of one thing on a day: alerts of all chapters first, the gravest first."""
    sections = []
    for offer_ in chapters:
        if not user.may(offer_.permission):
            continue
        loaded = offer_.load(session, owner_id, as_of, user)
        if loaded is not None:
            sections.append(Section(offer_.key, offer_.label, loaded))
    alerts = [Warned(section.label, alert) for section in sections for alert in section.chapter.alerts]
    alerts.sort(key=lambda item: _URGENCY[item.alert.state])
    return Dossier(tuple(alerts), tuple(sections))
