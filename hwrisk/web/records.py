"""What a room hands to the web: entries of the menu, of the to-do page and of its head figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from sqlalchemy.orm import Session

from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer

State = Literal["bad", "warn", "good", "note"]
"""How a state is drawn: ▲ bad, ◆ soon, ● good, ○ neutral."""

NAV_GROUPS = ("", "单位与台账", "评估与整改", "处置能力", "园区与应急", "导入与导出", "基础数据", "系统管理")
"""Groups of the menu from top to bottom; a group that is not named here comes after them."""


@dataclass(frozen=True)
class NavItem:
    """One entry of the left menu (菜单项); drawn for whoever has its permission."""

    label: str
    endpoint: str
    permission: Permission
    group: str = ""
    count: Callable[[Session, Viewer, date], int] | None = None
    """Returns how many matters wait behind the entry; 0 draws no badge."""
    args: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    """Query argument by which the page takes a question as typed in the search box; empty where it takes none."""


@dataclass(frozen=True)
class Todo:
    """How much of one kind waits (待办), as counted for one person on one day."""

    count: int
    note: str = ""
    """What the person should know first, e.g. 最早 2024-09-12."""
    state: State = "note"
    state_label: str = ""
    """The word in the frame, e.g. 逾期; empty draws none."""
    args: Mapping[str, str] = field(default_factory=dict)
    """Query arguments that open exactly the counted rows."""


@dataclass(frozen=True)
class TodoItem:
    """One line of the to-do page (待办事项); a count of 0 is not drawn."""

    label: str
    """What stands after the number, e.g. 批次已超期."""
    count: Callable[[Session, Viewer, date], Todo]
    endpoint: str
    permission: Permission = Permission.HOME_READ


@dataclass(frozen=True)
class RoomTodos:
    """What waits in one room, for pages that group matters by room."""

    name: str
    """The folder, e.g. ledger."""
    label: str
    todos: tuple[TodoItem, ...]


@dataclass(frozen=True)
class Figure:
    """A headline figure as it is shown (指标值): value, unit, what it is made of, and its target."""

    value: str
    """Ready to show: 89.53, 无超期, 数据不全（1家未报）."""
    unit: str = ""
    of: str = ""
    """Numerator, denominator and target in words: 132.5000 / 148.0000 吨 · 目标 100 %."""
    state: State = "note"
    share: Fraction | None = None
    """Length of the bar as a share of 1, or None for no bar."""
    target: Fraction | None = None
    """Where the target stands on the bar, or None."""
    unverified: bool = False
    """Whether a rule that is not verified decides in it (待核)."""
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HomeFigure:
    """One figure at the head of the to-do page (首页指标); it links to its rows."""

    label: str
    value: Callable[[Session, Viewer, date], Figure | None]
    """Returns the figure, or None where there is nothing to show this person."""
    endpoint: str
    permission: Permission


@dataclass(frozen=True)
class Panel:
    """A part of somebody else's page (页面分栏): what an upper room shows on the page of a unit, a park …"""

    owner: str
    """Kind of the page, e.g. unit."""
    key: str
    label: str
    order: int
    permission: Permission
    load: Callable[[Session, int, date, Viewer], tuple[str, dict[str, object]] | None]
    """Given the owner's id and the day, returns template and context, or None to show nothing."""


@dataclass(frozen=True)
class Objection:
    """What an upper room has against an act on a row of a lower one (异议), e.g. stock left in a unit to be struck."""

    owner: str
    """Kind of the row, e.g. unit."""
    act: str
    """Which act, e.g. clear."""
    find: Callable[[Session, int, date], str | None]
    """Given the row's id and the day, returns why the act must not be done, in Chinese, or None."""
