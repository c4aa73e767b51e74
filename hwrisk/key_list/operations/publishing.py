"""Publishing a version, which then never changes, and what that does to the units' management class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.key_list.models import (
    BasisKind,
    Change,
    KeyList,
    KeyListEntry,
    ListState,
    Origin,
    ReviewState,
)
from hwrisk.key_list.operations.proposing import KIND, entry_of, in_order, require_draft
from hwrisk.key_list.queries.lists import list_in_force, next_published
from hwrisk.key_list.rules import Judgement
from hwrisk.regions.queries import region_names
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import ManagementClass, UnitVersion
from hwrisk.units.operations import StateRecord, UnitChange, record_states
from hwrisk.units.queries import UnitRow, units_by_id, versions_on

MAX_NOTICE = 100
MAX_TITLE = 200
MAX_CLASS_REASON = 200


class Notice(NamedTuple):
    """The notice by which a list is published (公告)."""

    number: str
    published_on: date
    effective_on: date
    title: str = ""


class FormerLine(NamedTuple):
    """One line of a list that was published before this system was there."""

    row: UnitRow
    basis: str
    tonnes: Decimal | None


def publish(
    session: Session,
    key_list: KeyList,
    *,
    notice_no: str,
    notice_title: str,
    published_on: date,
    as_of: date,
    actor: Viewer,
    effective_on: date | None = None,
) -> None:
    """Publish a draft by a notice and set the management class of its units; from then on it never changes.

    Raises:
        RuleViolation: no number, a day in the future or before the draft's lists, lines nobody checked, objections
            nobody decided, nothing listed, or no draft.
    """
    require_draft(session, key_list)
    notice = Notice(notice_no.strip(), published_on, effective_on or published_on, notice_title.strip()[:MAX_TITLE])
    _check_notice(session, key_list, notice, as_of=as_of)
    _check_lines(session, key_list)
    entries = session.scalars(select(KeyListEntry).where(KeyListEntry.list_id == key_list.id)).all()
    in_order(session, entries, as_of=as_of)
    _close(session, key_list, entries, notice, actor=actor)
    push_classes(session, key_list, entries, actor=actor)


def take_former(
    session: Session,
    lines: Sequence[FormerLine],
    *,
    year: int,
    notice_no: str,
    published_on: date,
    source: str,
    as_of: date,
    actor: Viewer,
) -> KeyList:
    """Take a list that was published before as a version of its year, published on its own day; return it.

    Raises:
        RuleViolation: no number, a day in the future, or the year has a list.
    """
    if session.scalar(select(func.count()).select_from(KeyList).where(KeyList.year == year)):
        raise RuleViolation(f"{year}年已有清单，不能再导入；需要变动请办理调整", field="year")
    key_list = KeyList(
        year=year, version_no=1, judged_on=published_on, reason=source[:200], recorded_by=actor.label[:64]
    )
    before = list_in_force(session, as_of=published_on)
    key_list.based_on_id = before.id if before else None
    notice = Notice(notice_no.strip(), published_on, published_on)
    _check_notice(session, key_list, notice, as_of=as_of)
    session.add(key_list)
    session.flush()
    names = region_names(session, as_of=as_of)
    entries = [_former(key_list, line, names) for line in lines]
    session.add_all(in_order(session, entries, as_of=as_of))
    session.flush()
    _close(session, key_list, entries, notice, actor=actor)
    push_classes(session, key_list, entries, actor=actor)
    return key_list


def push_classes(session: Session, key_list: KeyList, entries: Sequence[KeyListEntry], *, actor: Viewer) -> int:
    """Set the management class of the units of a published list from its first day on; return how many changed.

    Whoever was on the list before and is no longer gets the computed class back; where the rules still say key, the
    authority's decision not to list it is kept as 简化管理. Source: HJ 1259—2022 4.2.2.
    """
    begins = key_list.effective_on
    if begins is None:
        raise ValueError("a list that is not published sets no class")
    following = next_published(session, after=begins)
    until = following.effective_on if following else None
    listed = {entry.unit_id for entry in entries if entry.is_listed}
    leaving = _listed_before(session, key_list) - listed
    units = units_by_id(session, listed | leaving)
    versions = versions_on(session, leaving, as_of=begins)
    reason = f"{key_list.label}清单（{key_list.notice_no}）"[:MAX_CLASS_REASON]
    records = []
    for unit_id in sorted(listed | leaving):
        change = _listed_class(reason) if unit_id in listed else _left_class(versions.get(unit_id), reason)
        records.append(
            StateRecord(unit=units[unit_id], from_day=begins, until=until, changes=change, reason=f"公布{reason}")
        )
    return record_states(session, records, actor=actor)


def _listed_class(reason: str) -> UnitChange:
    return UnitChange(class_set=ManagementClass.KEY, class_reason=f"列入{reason}"[:MAX_CLASS_REASON])


def _left_class(version: UnitVersion | None, reason: str) -> UnitChange:
    if version is not None and version.class_computed is ManagementClass.KEY:
        return UnitChange(class_set=ManagementClass.SIMPLIFIED, class_reason=f"未列入{reason}"[:MAX_CLASS_REASON])
    return UnitChange(class_set=None, class_reason="")


def _listed_before(session: Session, key_list: KeyList) -> set[int]:
    if key_list.based_on_id is None:
        return set()
    rows = session.scalars(
        select(KeyListEntry.unit_id).where(KeyListEntry.list_id == key_list.based_on_id, KeyListEntry.is_listed)
    )
    return set(rows)


def _check_notice(session: Session, key_list: KeyList, notice: Notice, *, as_of: date) -> None:
    if not notice.number:
        raise RuleViolation("请填写公告（通知）文号", field="notice_no")
    if "号" not in notice.number:
        # A published list is never changed, so a slip in its number would stand for ever.
        raise RuleViolation(f"文号“{notice.number[:30]}”不完整，请照公告填写，如 连环发〔2026〕1号", field="notice_no")
    if len(notice.number) > MAX_NOTICE:
        raise RuleViolation(f"文号最多 {MAX_NOTICE} 个字", field="notice_no")
    _check_days(session, key_list, notice, as_of=as_of)
    taken = session.scalars(
        select(KeyList).where(KeyList.notice_no == notice.number, KeyList.state == ListState.PUBLISHED).limit(1)
    ).one_or_none()
    if taken is not None:
        raise RuleViolation(f"文号 {notice.number} 已用于{taken.label}清单，请核对", field="notice_no")


def _check_days(session: Session, key_list: KeyList, notice: Notice, *, as_of: date) -> None:
    day, year = notice.published_on, key_list.year
    if day > as_of:
        raise RuleViolation("公布日期不能晚于今天", field="published_on")
    if notice.effective_on < day:
        raise RuleViolation("执行日期不能早于公布日期", field="effective_on")
    if abs(day.year - year) > 1:
        raise RuleViolation(f"公布日期 {day:%Y-%m-%d} 不在 {year} 年度前后，请核对", field="published_on")
    base = session.get(KeyList, key_list.based_on_id) if key_list.based_on_id else None
    if base is not None and base.effective_on is not None and notice.effective_on < base.effective_on:
        earliest = f"{base.effective_on:%Y-%m-%d}"
        raise RuleViolation(f"执行日期不能早于上一份清单的执行日期，请填 {earliest} 或以后的日期", field="effective_on")


def _check_lines(session: Session, key_list: KeyList) -> None:
    rows = session.execute(
        select(KeyListEntry.review, KeyListEntry.office_name, KeyListEntry.is_listed).where(
            KeyListEntry.list_id == key_list.id
        )
    ).all()
    if not any(is_listed for _, _, is_listed in rows):
        raise RuleViolation("清单中没有列入的单位，不能公布")
    for state, words in ((ReviewState.PENDING, "尚未核对"), (ReviewState.OBJECTED, "县（区）有异议、市局尚未决定")):
        waiting = Counter(office for review, office, _ in rows if review is state)
        if waiting:
            where = "、".join(f"{office} {count} 家" for office, count in sorted(waiting.items()))
            raise RuleViolation(f"还有 {sum(waiting.values())} 家{words}（{where}），办完后才能公布")


def _close(
    session: Session, key_list: KeyList, entries: Sequence[KeyListEntry], notice: Notice, *, actor: Viewer
) -> None:
    # The lines first: once the list is published the database refuses them.
    session.flush()
    key_list.notice_no, key_list.notice_title = notice.number, notice.title
    key_list.published_on, key_list.effective_on = notice.published_on, notice.effective_on
    key_list.published_at, key_list.published_by = now(), actor.label[:64]
    key_list.listed_count = sum(1 for entry in entries if entry.is_listed)
    key_list.state = ListState.PUBLISHED
    session.flush()
    summary = {
        "year": key_list.year, "version": key_list.version_no, "notice_no": notice.number,
        "published_on": notice.published_on.isoformat(), "effective_on": notice.effective_on.isoformat(),
        "listed": key_list.listed_count,
    }  # fmt: skip
    audit.record(session, actor, "key_list.publish", KIND, key_list.id, summary=summary)


def _former(key_list: KeyList, line: FormerLine, names: dict[str, str]) -> KeyListEntry:
    verdict = Judgement(
        management_class=ManagementClass.KEY, basis_kind=_basis_kind(line.basis), basis=line.basis, clause="",
        tonnes=line.tonnes, year=None, figures=[], is_unverified=True,
    )  # fmt: skip
    return entry_of(
        key_list, line.row, verdict, names=names, origin=Origin.IMPORTED, change=Change.KEPT, is_listed=True,
        review=ReviewState.DECIDED, note="照公布的清单导入",
    )  # fmt: skip


def _basis_kind(text: str) -> BasisKind:
    if "许可证" in text:
        return BasisKind.LICENCE
    if "自行" in text:
        return BasisKind.OWN_TREATMENT
    return BasisKind.GENERATION if "产生量" in text or "100" in text else BasisKind.DECISION
