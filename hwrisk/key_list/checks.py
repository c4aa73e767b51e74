"""What must always hold of the key list (自检)."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hwrisk.clock import today
from hwrisk.db.checks import Check
from hwrisk.db.history import in_force
from hwrisk.key_list.models import KeyList, KeyListEntry, ListState
from hwrisk.key_list.queries.lists import list_in_force
from hwrisk.units.models import ManagementClass, Unit, UnitVersion

MOST = 200


def classes_differ(session: Session) -> list[str]:
    """Return a sentence for each unit whose class set by the authority is not what the list in force says."""
    day = today()
    current = list_in_force(session, as_of=day)
    if current is None:
        return []
    on_list = select(KeyListEntry.unit_id).where(KeyListEntry.list_id == current.id, KeyListEntry.is_listed).subquery()
    is_key = func.coalesce(UnitVersion.class_set, "") == ManagementClass.KEY.value
    rows = session.execute(
        select(Unit.unit_no, UnitVersion.name, on_list.c.unit_id)
        .join(UnitVersion, UnitVersion.unit_id == Unit.id)
        .outerjoin(on_list, on_list.c.unit_id == Unit.id)
        .where(
            in_force(UnitVersion, day),
            or_(on_list.c.unit_id.is_(None) & is_key, on_list.c.unit_id.is_not(None) & ~is_key),
        )
        .order_by(Unit.unit_no)
        .limit(MOST)
    )
    return [
        f"单位 {number}（{name}）{'列入' if listed else '未列入'}{current.label}清单，部门核定的管理类别却"
        f"{'不是' if listed else '是'}重点监管"
        for number, name, listed in rows
    ]


def wrong_counts(session: Session) -> list[str]:
    """Return a sentence for each published list whose count is not that of its lines."""
    counted = (
        select(KeyListEntry.list_id, func.count().label("listed"))
        .where(KeyListEntry.is_listed)
        .group_by(KeyListEntry.list_id)
        .subquery()
    )
    listed = func.coalesce(counted.c.listed, 0)
    rows = session.execute(
        select(KeyList.year, KeyList.version_no, KeyList.listed_count, listed)
        .outerjoin(counted, counted.c.list_id == KeyList.id)
        .where(KeyList.state == ListState.PUBLISHED, KeyList.listed_count != listed)
        .order_by(KeyList.id)
        .limit(MOST)
    )
    return [f"{year}年清单第{number}版记的列入 {kept} 家，实有 {real} 家" for year, number, kept, real in rows]


CHECKS = (
    Check("key_list.classes", "现行清单与部门核定的重点监管单位一致", classes_differ),
    Check("key_list.counts", "已公布清单的家数与条目一致", wrong_counts),
)
