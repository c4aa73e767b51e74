"""The conditions and columns of the unit list, shared by page and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from hwrisk.db.types import Labelled
from hwrisk.parks.queries import park_names
from hwrisk.regions.queries import region_names
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import ManagementClass, UnitRole, UnitStatus
from hwrisk.units.queries import UNDECIDED, UnitConditions, UnitRow, unit_rows

WHETHER = {"yes": "已纳入", "no": "未纳入（公开资料）"}
PENDING = "待定"
"""What stands where no source states the region."""


class UnitLine(NamedTuple):
    """One line of the list: a unit's state with the names behind its codes."""

    row: UnitRow
    office: str
    admin: str
    park: str

    @property
    def is_differing(self) -> bool:
        """Whether the class set by the authority is not the computed one."""
        version = self.row.version
        return version.class_set is not None and version.class_set is not version.class_computed


class Names(NamedTuple):
    """Names behind the codes of a list."""

    regions: Mapping[str, str]
    parks: Mapping[int, str]

    def line(self, row: UnitRow) -> UnitLine:
        """Return the line of a row."""
        version = row.version
        return UnitLine(
            row,
            self.region(version.office_code),
            self.region(version.admin_code),
            self.parks.get(version.park_id, "") if version.park_id is not None else "",
        )

    def region(self, code: str | None) -> str:
        """Return the name of a region, or 待定."""
        return PENDING if code is None else self.regions.get(code, code)


def names_on(session: Session, as_of: date) -> Names:
    """Return the names of regions on `as_of`, and of parks."""
    return Names(region_names(session, as_of=as_of), park_names(session))


def lines(session: Session, user: Viewer, values: Mapping[str, str], *, as_of: date) -> list[UnitLine]:
    """Return all lines of the list under the conditions of its address, in the order of the list."""
    names = names_on(session, as_of)
    return [names.line(row) for row in unit_rows(session, user, conditions_of(values), as_of=as_of)]


def conditions_of(values: Mapping[str, str]) -> UnitConditions:
    """Return the conditions that the arguments of a list state; what is not understood sets none."""
    whether = values.get("supervised")
    return UnitConditions(
        text=values.get("text"),
        pasted=tuple(filter(None, values.get("pasted", "").split("\n"))),
        office=values.get("office"),
        admin=values.get("admin"),
        park=values.get("park"),
        status=UnitStatus.of(values.get("status")),
        role=UnitRole.of(values.get("role")),
        management_class=ManagementClass.of(values.get("class")),
        class_differs=values.get("differs") == "1",
        supervised=None if whether not in WHETHER else whether == "yes",
    )


def in_words(values: Mapping[str, str], names: Names, parks: Mapping[str, str]) -> str:
    """Return the conditions of an export in words; `parks` are names by code."""
    asked = conditions_of(values)
    parts = [
        ("查找", asked.text),
        ("名单", f"粘贴的 {len(asked.pasted)} 项" if asked.pasted else None),
        ("管辖单位", _region_words(asked.office, names)),
        ("行政区划", _region_words(asked.admin, names)),
        ("化工园区", parks.get(asked.park, asked.park) if asked.park else None),
        ("状态", asked.status and asked.status.label),
        ("单位类型", asked.role and asked.role.label),
        ("管理类别", asked.management_class and asked.management_class.label),
        ("核定与计算不一致", "是" if asked.class_differs else None),
        ("监管名录", WHETHER.get(values.get("supervised", ""))),
    ]
    return "；".join(f"{label}：{words}" for label, words in parts if words)


def labels(kind: type[Labelled]) -> Sequence[tuple[str, str]]:
    """Return value and label of every member, for a filter or a form."""
    return [(str(member), member.label) for member in kind]


def _region_words(code: str | None, names: Names) -> str | None:
    if not code:
        return None
    return PENDING if code == UNDECIDED else names.region(code)
