"""How a facility stands on a day, and what of it counts: unknown is the worse of the two for the question asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from hwrisk.clock import local_day
from hwrisk.containment.measures import cubic_metres
from hwrisk.containment.models import (
    ContainmentKind,
    Facility,
    FacilityTest,
    FacilityVersion,
    Nature,
    Reading,
    ServiceState,
    TestResult,
    ValveState,
)
from hwrisk.containment.settings import NOTHING, ContainmentSettings, plain
from hwrisk.web.records import State

TIERS = {1: "一级 企业", 2: "二级 园区", 3: "三级 周边水体"}


class Sign(NamedTuple):
    """How a state is drawn (▲ bad, ◆ warn, ● good, ○ note), its word, and the sentence behind it."""

    kind: State
    word: str
    why: str = ""


class Counted(NamedTuple):
    """What counts for a question: the room in m³ or whether it may be used, and why, in words for the page."""

    room: Decimal
    is_usable: bool
    why: str
    is_assumed: bool
    """Whether the worse of two was taken for want of knowledge."""


@dataclass(frozen=True)
class FacilityStatus:
    """A facility on a day with what was last confirmed of it."""

    facility: Facility
    version: FacilityVersion
    kind: ContainmentKind
    settings: ContainmentSettings
    as_of: date
    level: Reading | None = None
    state: Reading | None = None
    valve_test: FacilityTest | None = None
    inspection: FacilityTest | None = None
    unit_name: str = ""
    park_name: str = ""

    @property
    def public_id(self) -> UUID:
        """The facility's public id."""
        return self.facility.public_id

    @property
    def name(self) -> str:
        """Its name on the day."""
        return self.version.name

    @property
    def is_volume(self) -> bool:
        """Whether it holds water."""
        return self.kind.nature is Nature.VOLUME

    @property
    def in_use(self) -> bool:
        """Whether it stands and may be used."""
        return self.version.service is ServiceState.IN_USE

    @property
    def tier_label(self) -> str:
        """Its tier in words."""
        return TIERS.get(self.kind.tier, "")

    @property
    def owner_label(self) -> str:
        """To whom it belongs: the enterprise, or who is named as owner, else the park."""
        return self.unit_name or self.version.owner_name or self.park_name

    @property
    def occupied(self) -> Decimal | None:
        """What was last confirmed as taken up, in m³."""
        return self.level.occupied if self.level else None

    @property
    def level_day(self) -> date | None:
        """Day on which the level was last confirmed."""
        return local_day(self.level.confirmed_at) if self.level else None

    @property
    def state_day(self) -> date | None:
        """Day on which the state was last confirmed."""
        return local_day(self.state.confirmed_at) if self.state else None

    @property
    def share(self) -> Fraction | None:
        """Share of the effective volume that is taken up, or None where either is not known."""
        if not self.version.effective_volume or self.occupied is None:
            return None
        return Fraction(self.occupied) / Fraction(self.version.effective_volume)

    @property
    def is_alarm(self) -> bool:
        """Whether more is taken up than may be outside an incident."""
        effective = self.version.effective_volume
        if not self.in_use or not self.is_volume or effective is None or self.occupied is None:
            return False
        return self.settings.is_alarm(effective, self.occupied)

    @property
    def confirm_due_on(self) -> date | None:
        """Last day in time for the next confirmation; None where there was never one, or none is asked for."""
        if not self.asks_confirmation:
            return None
        if self.is_volume:
            return self.settings.level_due_on(self.level_day) if self.level_day else None
        return self.settings.state_due_on(self.state_day) if self.state_day else None

    @property
    def asks_confirmation(self) -> bool:
        """Whether level or state has to be confirmed from time to time."""
        return self.in_use

    @property
    def is_unconfirmed(self) -> bool:
        """Whether what is known is too old, unknown, or nothing at all."""
        if not self.asks_confirmation:
            return False
        if not self.is_volume and self.state is not None and self.state.state is ValveState.UNKNOWN:
            return True
        due = self.confirm_due_on
        return due is None or due < self.as_of

    @property
    def test_due_on(self) -> date | None:
        """Last day in time for the next valve test; the day itself where there never was one; None: none is asked."""
        if not self.in_use or self.is_volume:
            return None
        if self.valve_test is None:
            return self.as_of - timedelta(days=1)
        return self.settings.next_due_on(self.valve_test.kind, self.valve_test.done_on)

    @property
    def inspection_due_on(self) -> date | None:
        """Last day in time for the next inspection; yesterday where there never was one."""
        if not self.in_use:
            return None
        if self.inspection is None:
            return self.as_of - timedelta(days=1)
        return self.settings.next_due_on(self.inspection.kind, self.inspection.done_on)

    @property
    def is_test_overdue(self) -> bool:
        """Whether a valve test is overdue."""
        return self.test_due_on is not None and self.test_due_on < self.as_of

    @property
    def is_inspection_overdue(self) -> bool:
        """Whether an inspection is overdue."""
        return self.inspection_due_on is not None and self.inspection_due_on < self.as_of

    @property
    def has_failed_test(self) -> bool:
        """Whether the last valve test failed."""
        return self.valve_test is not None and self.valve_test.result is TestResult.FAILED

    @property
    def sign(self) -> Sign:
        """How it stands at a glance."""
        if not self.in_use:
            return Sign("note", self.version.service.label)
        return self._volume_sign() if self.is_volume else self._device_sign()

    def room(self) -> Counted:
        """Return what of it counts as room for water: effective volume less what is taken up."""
        effective = self.version.effective_volume
        if not self.in_use:
            return Counted(NOTHING, False, f"{self.version.service.label}，不计入可用容积", False)
        if self.kind.is_v3:
            return Counted(NOTHING, True, "净空已计入 V3，这里不再重复计", False)
        if effective is None:
            return Counted(NOTHING, True, "有效容积不明，按没有可用容积计", True)
        if self.level is None or self.occupied is None or self.level_day is None:
            return Counted(NOTHING, True, "存量从未确认，按已满计", True)
        counted = self.settings.counted(effective, self.occupied, confirmed_on=self.level_day, as_of=self.as_of)
        if not self.is_unconfirmed:
            return Counted(
                effective - counted, True, f"{self.level_day} 确认存量 {cubic_metres(self.occupied)} m³", False
            )
        percent = plain(
            Decimal(self.settings.level_margin_percent.numerator) / self.settings.level_margin_percent.denominator
        )
        why = (
            f"存量 {cubic_metres(self.occupied)} m³ 是 {self.level_day} 确认的，已超过 {self.settings.level_days} 天，"
            f"加计有效容积的 {percent} %，按 {cubic_metres(counted)} m³ 计"
        )
        return Counted(effective - counted, True, why, True)

    def passage(self) -> Counted:
        """Return whether water on its way in or between basins may count on this valve, pump or pipe."""
        known = self.state.state if self.state else ValveState.UNKNOWN
        is_closed = known is ValveState.CLOSED
        refusals = (
            (not self.in_use, f"{self.version.service.label}，不能用", False),
            (known is ValveState.UNKNOWN, "状态不明，按不能用计", True),
            (known is ValveState.FAILED, f"{self.state_day} 确认故障，不能用", False),
            (self.has_failed_test, "最近一次启闭试验不合格，按不能用计", True),
            (self.is_unconfirmed, self._too_old("不能用"), True),
            (is_closed and self.kind.nature is Nature.CONVEYANCE, f"{self.state_day} 确认关闭，不能用", False),
            (is_closed and self.is_test_overdue, "现为关闭，启闭试验没有做或已过期，按打不开计", True),
        )
        for applies, why, is_assumed in refusals:
            if applies:
                return Counted(NOTHING, False, why, is_assumed)
        why = (
            "现为关闭，启闭试验合格，按可以开启计"
            if is_closed
            else f"{self.state_day} 确认{known.label if known else ''}"
        )
        return Counted(NOTHING, True, why, False)

    def outlet(self) -> Counted:
        """Return whether water may get out here; `is_usable` means open, and closed only where that is confirmed."""
        known = self.state.state if self.state else None
        if self.in_use and known is ValveState.CLOSED and not self.is_unconfirmed:
            return Counted(NOTHING, False, f"{self.state_day} 确认关闭", False)
        said = {
            ValveState.OPEN: (f"{self.state_day} 确认开启", False),
            ValveState.FAILED: (f"{self.state_day} 确认故障，按开启计", False),
            ValveState.CLOSED: (self._too_old("开启"), True),
        }
        why, is_assumed = said.get(known or ValveState.UNKNOWN, ("状态不明，按开启计", True))
        if not self.in_use:
            why, is_assumed = f"{self.version.service.label}，按开启计", True
        return Counted(NOTHING, True, why, is_assumed)

    def _too_old(self, taken_for: str) -> str:
        return f"状态是 {self.state_day} 确认的，已超过 {self.settings.state_days} 天，按{taken_for}计"

    def _volume_sign(self) -> Sign:
        if self.version.effective_volume is None:
            return Sign("warn", "容积不明", self.room().why)
        if self.level is None:
            return Sign("warn", "未确认", self.room().why)
        if self.is_alarm:
            return Sign("bad", "占用报警", f"平时占用超过有效容积的 {self.settings.alarm_share}")
        if self.is_unconfirmed:
            return Sign("warn", "确认过期", self.room().why)
        return Sign("good", "正常", self.room().why)

    def _device_sign(self) -> Sign:
        known = self.state.state if self.state else ValveState.UNKNOWN
        counted = self.outlet() if self.kind.is_outward else self.passage()
        signs = (
            (known is ValveState.FAILED, Sign("bad", "故障", counted.why)),
            (self.has_failed_test, Sign("bad", "试验不合格", "最近一次启闭试验不合格")),
            (self.kind.is_outward and known is ValveState.OPEN, Sign("bad", "外排口开启", counted.why)),
            (known is ValveState.UNKNOWN, Sign("warn", "状态不明", counted.why)),
            (self.is_unconfirmed, Sign("warn", "确认过期", counted.why)),
            (self.is_test_overdue, Sign("warn", "试验到期", "启闭试验没有做或已过期")),
        )
        return next((sign for applies, sign in signs if applies), Sign("good", known.label if known else "正常"))
