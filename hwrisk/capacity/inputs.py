"""What a computation is made of, as plain data that can be kept and computed again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hwrisk.permits.models import GrantMode
from hwrisk.permits.rules import Grant

Packed = dict[str, Any]
QUANTITIES = ("generated", "own", "city", "province", "outside", "abroad", "unknown", "collected")
"""Of a ledger row, in whole 0.1 kg: generated, treated by the unit itself, and entrusted by where it went."""


@dataclass(frozen=True)
class LedgerRow:
    """What the ledger holds of one waste of one office by one method in the year; whole 0.1 kg."""

    code: str
    office: str
    """Empty where no source states the office (待定)."""
    method: str
    """Empty for what was generated, and where no method is recorded."""
    generated: int = 0
    own: int = 0
    city: int = 0
    province: int = 0
    outside: int = 0
    abroad: int = 0
    unknown: int = 0
    """Receivers that no licence and no name in the register tells (去向不明)."""
    collected: int = 0
    """Handed to a unit that only collects and stores."""

    @property
    def entrusted(self) -> int:
        """Everything entrusted, wherever it went."""
        return self.city + self.province + self.outside + self.abroad + self.unknown + self.collected


@dataclass(frozen=True)
class LineInput:
    """A licensed line of the city while one term of its licence holds; quantities in whole 0.1 kg."""

    key: str
    """Licence number and line, e.g. 苏证1/L1; a project has its reference."""
    licence_no: str
    public_id: str
    holder: str
    line_no: str
    name: str
    office: str
    methods: tuple[str, ...]
    grants: tuple[tuple[str, str, str], ...]
    """Mode, category, code; empty: whatever its methods suit."""
    annual: int
    months: int
    cap: int
    group: str
    """Key of the cap over the licence, or empty."""
    place: tuple[float, float] | None = None

    @property
    def entries(self) -> frozenset[Grant]:
        """What it may take, as the rules of licences read it."""
        return frozenset(Grant(GrantMode(mode), category, code) for mode, category, code in self.grants)


@dataclass(frozen=True)
class Inputs:
    """Everything a computation rests on."""

    year: int
    as_of: str
    months: int
    """Months of the year that count."""
    pack_version: str
    ledger: tuple[LedgerRow, ...]
    lines: tuple[LineInput, ...]
    groups: Mapping[str, int]
    """Caps over licences, in whole 0.1 kg."""
    centres: Mapping[str, tuple[float, float]]
    names: Mapping[str, str]
    """Names of offices by code."""
    methods: Mapping[str, list[str]] = field(default_factory=dict)
    """Methods that suit a category, where the pack lists them."""

    def pack(self) -> Packed:
        """Return the inputs as plain data."""
        return json.loads(json.dumps(asdict(self), ensure_ascii=False))  # type: ignore[no-any-return]

    @classmethod
    def unpack(cls, data: Packed) -> Inputs:
        """Return the inputs that `pack` gave."""
        return cls(
            **{
                **data,
                "ledger": tuple(LedgerRow(**row) for row in data["ledger"]),
                "lines": tuple(_line(row) for row in data["lines"]),
                "centres": {code: (place[0], place[1]) for code, place in data["centres"].items()},
            }
        )

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the inputs."""
        text = json.dumps(self.pack(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _line(row: Packed) -> LineInput:
    place = row["place"]
    return LineInput(
        **{
            **row,
            "methods": tuple(row["methods"]),
            "grants": tuple((grant[0], grant[1], grant[2]) for grant in row["grants"]),
            "place": None if place is None else (place[0], place[1]),
        }
    )


@dataclass(frozen=True)
class AddedPlant:
    """A project that is taken as running (情景中的项目)."""

    ref: str
    name: str
    office: str
    method: str
    categories: tuple[str, ...]
    """Empty: every category its method suits."""
    capacity: int
    """Whole 0.1 kg a year, as assumed."""


@dataclass(frozen=True)
class Scenario:
    """What is assumed otherwise than it is (情景)."""

    off: tuple[str, ...] = ()
    """Keys of lines that stand still."""
    projects: tuple[AddedPlant, ...] = ()
    percent: Mapping[str, int] = field(default_factory=dict)
    """Change of what is generated, in per cent, by category; * for all others."""

    def pack(self) -> Packed:
        """Return the scenario as plain data."""
        return json.loads(json.dumps(asdict(self), ensure_ascii=False))  # type: ignore[no-any-return]

    @classmethod
    def unpack(cls, data: Packed) -> Scenario:
        """Return the scenario that `pack` gave; the empty one for no data."""
        projects = tuple(
            AddedPlant(**{**row, "categories": tuple(row["categories"])}) for row in data.get("projects", ())
        )
        return cls(off=tuple(data.get("off", ())), projects=projects, percent=dict(data.get("percent", {})))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is assumed otherwise."""
        return not (self.off or self.projects or any(self.percent.values()))
