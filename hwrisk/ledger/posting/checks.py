"""Checks of a draft that do not depend on its kind: form of its values, days, unit, numbers, facilities."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from hwrisk.catalogue.rules import check_code
from hwrisk.db.types import MAX_TONNES, to_units
from hwrisk.errors import RuleViolation
from hwrisk.ledger.drafts import INTO_STORE, Draft
from hwrisk.ledger.models import EntryKind
from hwrisk.units.models import UnitStatus

if TYPE_CHECKING:
    from hwrisk.ledger.posting.engine import Posting

FIRST_DAY = date(1990, 1, 1)
CLOSED = {UnitStatus.CLOSED_CLEARED, UnitStatus.DEREGISTERED, UnitStatus.MERGED}
AFTER_CLOSURE = {EntryKind.RECEIVED, EntryKind.SELF_TREATED}
"""What may still end after the gate was shut: loads on their way, and treatment that had begun."""
NATIONAL_DIGITS = 14
_normal_code = lru_cache(maxsize=4096)(check_code)
"""The same few codes come again and again in a ledger; what is refused is not remembered."""
NAMES_WASTE = INTO_STORE | {EntryKind.GENERATED}
UNSHOWN = {"Cc", "Cs"}
"""Control characters and half characters; PostgreSQL would refuse some of them."""
TEXTS = {
    "entry_no": ("记录编号", 32),
    "batch_no": ("入库批次编码", 32),
    "predecessor_no": ("所依据的记录编号", 32),
    "waste_name": ("废物名称", 100),
    "method_code": ("利用处置方式代码", 8),
    "receiver_name": ("接收单位", 200),
    "receiver_licence_no": ("接收单位许可证编号", 64),
    "provincial_no": ("省内编号", 32),
    "remark": ("备注", 1000),
    "source_ref": ("来源", 100),
}


def checked(posting: Posting, draft: Draft) -> Draft:
    """Return `draft` with its waste code in normal form.

    Raises:
        RuleViolation: something about it is impossible, whatever its kind.
    """
    _check_quantity(draft)
    _check_texts(draft)
    _check_days(draft, posting.hand.as_of)
    _check_unit(posting, draft)
    if draft.waste_code or draft.kind in NAMES_WASTE:
        code = _normal_code(draft.waste_code)
        if code != draft.waste_code:
            draft = replace(draft, waste_code=code)
    if draft.method_code is not None and draft.method_code not in posting.context.methods:
        raise RuleViolation(f"利用处置方式代码“{draft.method_code}”不在代码表中，请填写如 R9、D10", field="method_code")
    for facility_id, field in ((draft.facility_id, "facility_id"), (draft.to_facility_id, "to_facility_id")):
        facility = posting.context.facilities.get(facility_id or 0)
        if facility_id is not None and (facility is None or facility.unit_id != draft.unit_id):
            raise RuleViolation("贮存设施不属于该单位，请核对设施编码", field=field)
    _check_numbers(posting, draft)
    return draft


def _check_quantity(draft: Draft) -> None:
    if not draft.quantity.is_finite() or draft.quantity <= 0:
        raise RuleViolation("数量必须大于 0 吨", field="quantity")
    if draft.quantity > MAX_TONNES:
        raise RuleViolation(f"数量超过 {MAX_TONNES} 吨，请核对单位是否为吨", field="quantity")
    try:
        to_units(draft.quantity)
    except ValueError as error:
        raise RuleViolation("数量最多四位小数（精确到 0.1 千克）", field="quantity") from error


def _check_texts(draft: Draft) -> None:
    for field, (what, longest) in TEXTS.items():
        text = getattr(draft, field)
        if not text:
            continue
        if len(text) > longest:
            raise RuleViolation(f"{what}最多 {longest} 个字，现为 {len(text)} 个", field=field)
        # What can be printed has none of them; what cannot may still be a wide space.
        if not text.isprintable() and any(unicodedata.category(character) in UNSHOWN for character in text):
            raise RuleViolation(f"{what}中有换行或不可显示的字符，请删除", field=field)


def _check_days(draft: Draft, as_of: date) -> None:
    for field in ("occurred_on", "completed_on", "first_stored_on"):
        day = getattr(draft, field)
        if day is not None and day > as_of:
            raise RuleViolation(f"日期 {day:%Y-%m-%d} 晚于今天，请核对", field=field)
        if day is not None and day < FIRST_DAY:
            raise RuleViolation(f"日期 {day:%Y-%m-%d} 过早，请核对年份", field=field)


def _check_unit(posting: Posting, draft: Draft) -> None:
    unit = posting.context.units.get(draft.unit_id)
    version = posting.context.version_on(draft.unit_id, draft.occurred_on)
    if unit is None or version is None:
        raise RuleViolation("没有找到该单位，请核对单位编号", field="unit_id")
    if not unit.is_supervised:
        raise RuleViolation(f"{version.name} 未纳入监管名录，不能登记台账；请先在单位名录中纳入", field="unit_id")
    if version.status in CLOSED and draft.kind not in AFTER_CLOSURE:
        raise RuleViolation(
            f"{version.name} 在 {draft.occurred_on:%Y-%m-%d} 的状态为“{version.status.label}”，"
            f"不能登记{draft.kind.label}",
            field="occurred_on",
        )
    if version.status is UnitStatus.CLOSED_UNCLEARED and not version.responsible_party:
        raise RuleViolation(f"{version.name} 关停未清零，须先在单位名录中登记责任主体，由责任主体填报", field="unit_id")


def _check_numbers(posting: Posting, draft: Draft) -> None:
    if draft.entry_no:
        posting.claim_number(draft.unit_id, draft.entry_no)
    number = draft.national_no
    if number is None:
        return
    if draft.kind is not EntryKind.ENTRUSTED:
        raise RuleViolation("国家联单编号只填在委外记录上", field="national_no")
    if not (number.isascii() and number.isdigit() and len(number) == NATIONAL_DIGITS):
        raise RuleViolation(f"国家联单编号应为 {NATIONAL_DIGITS} 位数字，现为“{number}”", field="national_no")
    posting.claim_manifest(number, draft)
