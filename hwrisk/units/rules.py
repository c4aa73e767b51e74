"""Rules of the unit register: identity, status, and the management class of HJ 1259."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import CellError, parse_identity, parse_uscc
from hwrisk.units.models import IdentityKind, ManagementClass, UnitStatus

UNIT_NO_PREFIX = "LYG"
UNIT_NO_DIGITS = 6

KEY_TONNES = Decimal(100)
"""Source: HJ 1259—2022 4.2.1 a)."""
SIMPLIFIED_TONNES = Decimal(10)
"""Source: HJ 1259—2022 4.2.1 b)."""
FULL_YEARS = 3

NEXT_STATUS: dict[UnitStatus, frozenset[UnitStatus]] = {
    UnitStatus.OPERATING: frozenset(UnitStatus),
    UnitStatus.SUSPENDED: frozenset(UnitStatus),
    # What a closed site still holds must be gone before it disappears from the register.
    UnitStatus.CLOSED_UNCLEARED: frozenset({UnitStatus.CLOSED_CLEARED, UnitStatus.MERGED}),
    UnitStatus.CLOSED_CLEARED: frozenset({UnitStatus.DEREGISTERED, UnitStatus.MERGED}),
    UnitStatus.DEREGISTERED: frozenset(),
    UnitStatus.MERGED: frozenset(),
}
"""Which status may follow which on a day; a status that was recorded wrongly is corrected from its own first day on."""
WITHOUT_STOCK = frozenset({UnitStatus.CLOSED_CLEARED, UnitStatus.DEREGISTERED})
"""States that say nothing is left; they are refused while stock is."""


class Identity(NamedTuple):
    """How a unit is identified: kind, number in its normal form, and the reason where it is not the USCC."""

    kind: IdentityKind
    number: str | None
    reason: str = ""


class ClassLimits(NamedTuple):
    """What parts the management classes: tonnes a year, and full years in operation."""

    key_tonnes: Decimal = KEY_TONNES
    simplified_tonnes: Decimal = SIMPLIFIED_TONNES
    full_years: int = FULL_YEARS


HJ_1259 = ClassLimits()


class Reference(NamedTuple):
    """The yearly tonnes that decide the class (取值): None where not known, and in words which they are."""

    quantity: Decimal | None
    basis: str
    year: int | None = None
    """Year they were generated in, or None for a figure of documents."""


class ClassVerdict(NamedTuple):
    """The computed management class with what it rests on; `quantity` is None where no quantity decided."""

    management_class: ManagementClass
    clause: str
    quantity: Decimal | None
    basis: str
    """In words which quantity was taken, for page and export."""


def check_identity(kind: IdentityKind, number: str | None, reason: str = "") -> Identity:
    """Return the identity in its normal form.

    Raises:
        RuleViolation: a wrong check digit, no number, or another kind than the USCC without a reason.
    """
    text, why = (number or "").strip(), reason.strip()
    if kind is not IdentityKind.USCC and not why:
        raise RuleViolation(f"以“{kind.label}”代替统一社会信用代码，须写明理由", field="identity_reason")
    if kind in {IdentityKind.UNKNOWN, IdentityKind.OWNERLESS, IdentityKind.MILITARY} and not text:
        return Identity(kind, None, why)
    try:
        return Identity(kind, parse_uscc(text) if kind is IdentityKind.USCC else parse_identity(text), why)
    except CellError as error:
        remedy = f"（{error.right}）" if error.right else ""
        raise RuleViolation(error.message + remedy, field="identity_no") from error


def check_status(
    status: UnitStatus, *, responsible_party: str, clearance_document: str, reason: str, has_stock: bool
) -> None:
    """Check that a status has what it asks for.

    Raises:
        RuleViolation: 关停未清零 without a responsible party, 关停已清零 without its document, 并入 without saying
            where, or waste still in store where the status says that none is left.
    """
    if status is UnitStatus.CLOSED_UNCLEARED and not responsible_party:
        raise RuleViolation(
            "关停未清零的单位须写明责任主体（企业、管理人、园区管委会或代处置的政府）", field="responsible_party"
        )
    if status is UnitStatus.CLOSED_CLEARED and not clearance_document:
        raise RuleViolation("关停已清零须写明清零证明文件的名称和文号", field="clearance_document")
    if status is UnitStatus.MERGED and not reason:
        raise RuleViolation("并入其他单位的，须在变更理由中写明并入哪个单位", field="reason")
    if status in WITHOUT_STOCK and has_stock:
        raise RuleViolation(f"台账仍有贮存量，不能改为“{status.label}”；请先办理出库、转移或更正", field="status")


def check_transition(before: UnitStatus, after: UnitStatus) -> None:
    """Check that a unit may go from one status to another.

    Raises:
        RuleViolation: it may not.
    """
    if before is after or after in NEXT_STATUS[before]:
        return
    allowed = "、".join(status.label for status in UnitStatus if status in NEXT_STATUS[before])
    remedy = f"只能改为{allowed}" if allowed else "不能再变更状态，需恢复的请新登记一个单位"
    raise RuleViolation(f"状态不能由“{before.label}”直接改为“{after.label}”，{remedy}", field="status")


def management_class(
    *,
    as_of: date,
    annual_tonnes: Mapping[int, Decimal],
    started_on: date | None,
    approved_tonnes: Decimal | None = None,
    has_own_treatment: bool = False,
    has_licence: bool = False,
    cycle_exceeds_three_years: bool = False,
    limits: ClassLimits = HJ_1259,
) -> ClassVerdict | None:
    """Return the management class (管理类别) of one production site on `as_of`, or None where no quantity is known.

    Args:
        annual_tonnes: tonnes generated by calendar year; a year without record has no key.
        started_on: first day of production; None counts as three years in operation, and the basis says so.
        approved_tonnes: the larger quantity of 环评 and 排污许可 documents, tonnes a year.
        cycle_exceeds_three_years: whether the waste arises at intervals of more than three years.

    Source: HJ 1259—2022 4.2.1, 4.2.3. That "the last three years" are the calendar years before `as_of` is our reading.
    """
    if has_own_treatment or has_licence:
        basis = "持有经营许可证" if has_licence else "有自行利用处置设施"
        return ClassVerdict(ManagementClass.KEY, "HJ 1259—2022 4.2.1 a)", None, basis)
    quantity, basis, _ = reference_quantity(
        as_of=as_of,
        annual_tonnes=annual_tonnes,
        started_on=started_on,
        approved_tonnes=approved_tonnes,
        cycle_exceeds_three_years=cycle_exceeds_three_years,
        limits=limits,
    )
    if quantity is None:
        return None
    if quantity >= limits.key_tonnes:
        return ClassVerdict(ManagementClass.KEY, "HJ 1259—2022 4.2.1 a)", quantity, basis)
    if quantity >= limits.simplified_tonnes:
        return ClassVerdict(ManagementClass.SIMPLIFIED, "HJ 1259—2022 4.2.1 b)", quantity, basis)
    return ClassVerdict(ManagementClass.REGISTERED, "HJ 1259—2022 4.2.1 c)", quantity, basis)


def reference_quantity(
    *,
    as_of: date,
    annual_tonnes: Mapping[int, Decimal],
    started_on: date | None,
    approved_tonnes: Decimal | None = None,
    cycle_exceeds_three_years: bool = False,
    limits: ClassLimits = HJ_1259,
) -> Reference:
    """Return the yearly tonnes that decide the class; of two equal years the later one.

    Source: HJ 1259—2022 4.2.3.
    """
    full = limits.full_years
    years = full if started_on is None else years_in_operation(started_on, as_of)
    if cycle_exceeds_three_years or years < 1:
        why = "产生周期大于3年" if cycle_exceeds_three_years else "未投运或投运不满1年"
        return Reference(approved_tonnes, f"{why}，取环评、排污许可等文件的较大核算量")
    if years >= full:
        span, basis = range(as_of.year - full, as_of.year), f"近{full}年年最大量"
        if started_on is None:
            basis += f"（投运日期未登记，按满{full}年计，待核）"
    else:
        span, basis = range(started_on.year if started_on else as_of.year, as_of.year + 1), "投运期间年最大量"
    largest = max((annual_tonnes[year] for year in span if year in annual_tonnes), default=None)
    year = (
        max((year for year in span if annual_tonnes.get(year) == largest), default=None)
        if largest is not None
        else None
    )
    return Reference(largest, basis, year)


def years_in_operation(started_on: date, as_of: date) -> int:
    """Return the full years from the first day of production to `as_of`; negative before it.

    Source: 民法典 第二百零二条: what begins on 29 February has completed its year on the last day of February.
    """
    years = as_of.year - started_on.year
    last_day_of_february = (as_of.month, as_of.day) == (2, 28) and not _is_leap(as_of.year)
    if (started_on.month, started_on.day) == (2, 29) and last_day_of_february:
        return years
    return years - ((as_of.month, as_of.day) < (started_on.month, started_on.day))


def unit_no(year: int, number: int) -> str:
    """Return our own unit number; its form is never taken for a national one."""
    return f"{UNIT_NO_PREFIX}-{year:04d}-{number:0{UNIT_NO_DIGITS}d}"


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
