"""Drawing up a version: by the rules for a year, or as an amendment of the published one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.db.locks import hold_until_commit
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
from hwrisk.key_list.queries.facts import Judged, judged_units, rule_pack
from hwrisk.key_list.queries.lists import latest_of_year, list_in_force, open_draft
from hwrisk.key_list.rules import Judgement
from hwrisk.regions.models import RegionKind
from hwrisk.regions.queries import region_names, regions
from hwrisk.security.viewer import Viewer
from hwrisk.units.queries import UnitRow, units_by_id, versions_on

KIND = "key_list"
_DRAFT_LOCK = 0x6877_7269_736B_0007
COPIED = (
    "unit_id", "seq_no", "is_listed", "unit_name", "identity_no", "admin_code", "admin_name", "office_code",
    "office_name", "industry", "basis_kind", "basis", "clause", "tonnes", "tonnes_year", "figures", "is_unverified",
)  # fmt: skip
MAX_BASIS = 300
GONE_NOTE = "已注销、并入或者清零，不再列入"
NO_DATA_NOTE = "缺少年产生量数据，规则不能判定，暂按上一份清单保留，请县（区）核对"


def propose(session: Session, year: int, *, as_of: date, actor: Viewer) -> KeyList:
    """Draw up the draft of a year by the rules: who enters, who stays, who leaves, with figures.

    Whoever was listed before and cannot be judged for want of figures stays, and says so; nobody leaves in silence.

    Raises:
        RuleViolation: another year than this or the next, a draft is open, or the year's list is published.
    """
    if year not in {as_of.year, as_of.year + 1}:
        raise RuleViolation(f"只能测算 {as_of.year} 年或 {as_of.year + 1} 年的清单；以前年度的请用导入", field="year")
    _refuse_second_draft(session)
    published = _published_of(session, year)
    if published is not None:
        raise RuleViolation(f"{published.label}清单已公布（{published.notice_no}），需要变动请办理调整", field="year")
    judged_on = max(as_of, date(year, 1, 1))
    before = list_in_force(session, as_of=as_of)
    key_list = KeyList(
        year=year,
        version_no=_next_version(session, year),
        based_on_id=before.id if before else None,
        judged_on=judged_on,
        pack_version=rule_pack(session, on=judged_on).version,
        reason="按规则测算",
        recorded_by=actor.label[:64],
    )
    session.add(key_list)
    session.flush()
    entries = _proposed(session, key_list, before, judged_on=judged_on, as_of=as_of)
    session.add_all(in_order(session, entries, as_of=as_of))
    session.flush()
    _note(session, key_list, entries, "key_list.propose", actor)
    return key_list


def amend(session: Session, base: KeyList, *, reason: str, as_of: date, actor: Viewer) -> KeyList:
    """Open the next version of a published list: a copy of it, in which units are added and struck with reasons.

    Raises:
        RuleViolation: no reason, the list is not the latest published one of its year, or a draft is open.
    """
    if not reason.strip():
        raise RuleViolation("请写明调整的原因", field="reason")
    _refuse_second_draft(session)
    latest = _published_of(session, base.year)
    if latest is None or latest.id != base.id:
        raise RuleViolation("只能在本年度最新公布的清单上调整，请打开最新一版办理")
    key_list = KeyList(
        year=base.year,
        version_no=_next_version(session, base.year),
        based_on_id=base.id,
        judged_on=as_of,
        pack_version=base.pack_version,
        reason=reason.strip()[:200],
        recorded_by=actor.label[:64],
    )
    session.add(key_list)
    session.flush()
    rows = session.scalars(select(KeyListEntry).where(KeyListEntry.list_id == base.id, KeyListEntry.is_listed)).all()
    entries = [_carried(key_list, row) for row in rows]
    session.add_all(entries)
    session.flush()
    _note(session, key_list, entries, "key_list.amend", actor)
    return key_list


def discard(session: Session, key_list: KeyList, *, reason: str, actor: Viewer) -> None:
    """Give a draft up; it stays readable for the city.

    Raises:
        RuleViolation: no reason, or it is no draft.
    """
    if not reason.strip():
        raise RuleViolation("请写明作废的原因", field="reason")
    require_draft(session, key_list)
    key_list.state = ListState.DISCARDED
    key_list.reason = f"{key_list.reason}；作废：{reason.strip()}"[:200]
    session.flush()
    audit.record(session, actor, "key_list.discard", KIND, key_list.id, summary={"reason": reason.strip()})


def require_draft(session: Session, key_list: KeyList) -> None:
    """Lock a version and make sure that it is still a draft.

    Raises:
        RuleViolation: it was published or given up.
    """
    session.refresh(key_list, with_for_update=True)
    if key_list.state is not ListState.DRAFT:
        raise RuleViolation(why_settled(key_list))


def why_settled(key_list: KeyList) -> str:
    """Return why a version that is no draft cannot be changed, and what to do instead."""
    if key_list.state is ListState.PUBLISHED:
        return f"{key_list.label}清单已公布，不能修改；需要变动请办理调整"
    return f"这份清单{key_list.state.label}，不能再修改"


def in_order(session: Session, entries: Iterable[KeyListEntry], *, as_of: date) -> list[KeyListEntry]:
    """Return lines numbered in official order: listed ones by district, then by unit name; the others after them."""
    districts = {r.code: place for place, r in enumerate(regions(session, RegionKind.ADMIN, as_of=as_of))}
    last = len(districts)
    ordered = sorted(
        entries,
        key=lambda e: (not e.is_listed, districts.get(e.admin_code or "", last), e.unit_name, e.unit_id),
    )
    for number, entry in enumerate(ordered, start=1):
        entry.seq_no = number
    return ordered


def entry_of(
    key_list: KeyList,
    row: UnitRow,
    verdict: Judgement,
    *,
    names: Mapping[str, str],
    origin: Origin,
    change: Change,
    is_listed: bool,
    **more: Any,
) -> KeyListEntry:
    """Return a new line of a draft, with everything as it stands now."""
    version = row.version
    return KeyListEntry(
        list_id=key_list.id,
        unit_id=row.id,
        seq_no=0,
        is_listed=is_listed,
        origin=origin,
        change=change,
        unit_name=version.name,
        identity_no=row.unit.identity_no or "",
        admin_code=version.admin_code,
        admin_name=names.get(version.admin_code or "", "待定"),
        office_code=version.office_code,
        office_name=names.get(version.office_code or "", "待定"),
        industry=row.unit.industry_code,
        **{**_of_verdict(verdict), **more},
    )


def _of_verdict(verdict: Judgement) -> dict[str, Any]:
    return {
        "basis_kind": verdict.basis_kind,
        "basis": verdict.basis[:MAX_BASIS],
        "clause": verdict.clause,
        "tonnes": verdict.tonnes,
        "tonnes_year": verdict.year,
        "figures": verdict.figures,
        "is_unverified": verdict.is_unverified,
    }


def _proposed(
    session: Session, key_list: KeyList, before: KeyList | None, *, judged_on: date, as_of: date
) -> list[KeyListEntry]:
    names = region_names(session, as_of=as_of)
    earlier = _listed(session, before)
    found: dict[int, KeyListEntry] = {}
    for judged in judged_units(session, on=judged_on, as_of=as_of):
        entry = _judged_entry(key_list, judged, earlier.get(judged.row.id), names)
        if entry is not None:
            found[judged.row.id] = entry
    gone = [old for unit_id, old in earlier.items() if unit_id not in found]
    found.update(_gone(session, key_list, gone, as_of=as_of))
    return list(found.values())


def _judged_entry(
    key_list: KeyList, judged: Judged, earlier: KeyListEntry | None, names: Mapping[str, str]
) -> KeyListEntry | None:
    row, verdict = judged
    given: dict[str, Any] = {"names": names, "origin": Origin.RULE}
    if verdict.is_key:
        change = Change.NEW if earlier is None else Change.KEPT
        return entry_of(key_list, row, verdict, change=change, is_listed=True, **given)
    if earlier is None:
        return None
    if verdict.management_class is None:
        return entry_of(
            key_list, row, verdict, change=Change.KEPT, is_listed=True, note=NO_DATA_NOTE, is_unverified=True,
            basis_kind=earlier.basis_kind, basis=f"上一份清单：{earlier.basis}"[:MAX_BASIS], **given,
        )  # fmt: skip
    tonnes = f"{verdict.basis}，{verdict.tonnes} 吨"
    note = f"按规则为{verdict.management_class.label}（{tonnes}，{verdict.clause}）"
    return entry_of(key_list, row, verdict, change=Change.LEAVING, is_listed=False, note=note, **given)


def _gone(
    session: Session, key_list: KeyList, earlier: Iterable[KeyListEntry], *, as_of: date
) -> dict[int, KeyListEntry]:
    rows = list(earlier)
    units = units_by_id(session, [old.unit_id for old in rows])
    versions = versions_on(session, [old.unit_id for old in rows], as_of=as_of)
    found = {}
    for old in rows:
        entry = _carried(key_list, old)
        entry.origin, entry.change, entry.review = Origin.RULE, Change.LEAVING, ReviewState.PENDING
        version = versions.get(old.unit_id)
        state = f"（{version.status.label}）" if version else ""
        is_out = units[old.unit_id].is_supervised
        entry.is_listed, entry.note = False, f"{GONE_NOTE}{state}" if is_out else "已移出监管名录，不再列入"
        found[old.unit_id] = entry
    return found


def _listed(session: Session, before: KeyList | None) -> dict[int, KeyListEntry]:
    if before is None:
        return {}
    rows = session.scalars(select(KeyListEntry).where(KeyListEntry.list_id == before.id, KeyListEntry.is_listed))
    return {row.unit_id: row for row in rows}


def _carried(key_list: KeyList, row: KeyListEntry) -> KeyListEntry:
    return KeyListEntry(
        list_id=key_list.id,
        origin=Origin.CARRIED,
        change=Change.KEPT,
        review=ReviewState.DECIDED,
        **{name: getattr(row, name) for name in COPIED},
    )


def _refuse_second_draft(session: Session) -> None:
    # Two people at once must not open two drafts.
    hold_until_commit(session, _DRAFT_LOCK)
    draft = open_draft(session)
    if draft is not None:
        raise RuleViolation(f"{draft.label}清单的草稿正在核对，请先公布或者作废后再办理")


def _published_of(session: Session, year: int) -> KeyList | None:
    return latest_of_year(session, year, as_of=date.max)


def _next_version(session: Session, year: int) -> int:
    return (session.scalar(select(func.max(KeyList.version_no)).where(KeyList.year == year)) or 0) + 1


def _note(session: Session, key_list: KeyList, entries: list[KeyListEntry], action: str, actor: Viewer) -> None:
    counts = {change.value: sum(1 for entry in entries if entry.change is change) for change in Change}
    bases = {kind.value: sum(1 for e in entries if e.is_listed and e.basis_kind is kind) for kind in BasisKind}
    summary = {"year": key_list.year, "version": key_list.version_no, **counts, "basis": bases}
    audit.record(session, actor, action, KIND, key_list.id, summary=summary)
