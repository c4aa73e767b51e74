"""What a question of command is, and everything its answer shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from hwrisk.catalogue.chemicals.models import ChemicalSubstance
from hwrisk.catalogue.chemicals.queries import ListedIn
from hwrisk.emergency.lookup.names import Origin
from hwrisk.emergency.models import Compatibility, MaterialKind, ReviewState
from hwrisk.emergency.queries.kinds import CandidateRow
from hwrisk.emergency.queries.supply import DepotCard, Found, Supply
from hwrisk.emergency.settings import StockSettings


@dataclass(frozen=True)
class Asked:
    """A question: what stands in the box, and what was picked beside it."""

    text: str
    origin: str = ""
    """Where one looks from, when it is not named in the box."""
    amount: str = ""
    """How much is needed, when it is not named in the box."""


class SubstanceCard(NamedTuple):
    """A substance: what the three systems say, and the candidates of materials with their review state."""

    substance: ChemicalSubstance
    listed: tuple[ListedIn, ...]
    candidates: tuple[CandidateRow, ...]

    @property
    def reviewed(self) -> list[CandidateRow]:
        """Candidates that a person found suitable."""
        return self._found(Compatibility.SUITABLE)

    @property
    def unsuitable(self) -> list[CandidateRow]:
        """Materials that a person found unsuitable: a warning."""
        return self._found(Compatibility.UNSUITABLE)

    def _found(self, compatibility: Compatibility) -> list[CandidateRow]:
        return [
            row
            for row in self.candidates
            if row.kind and row.candidate.review is ReviewState.REVIEWED
            and row.candidate.compatibility is compatibility
        ]  # fmt: skip

    @property
    def waiting(self) -> list[CandidateRow]:
        """Candidates nobody has reviewed, a material each."""
        found: dict[int, CandidateRow] = {}
        for row in self.candidates:
            if row.kind and row.candidate.review is ReviewState.CANDIDATE:
                found.setdefault(row.kind.id, row)
        return list(found.values())

    @property
    def methods(self) -> list[CandidateRow]:
        """What the sources say to do, each text once."""
        found: dict[str, CandidateRow] = {}
        for row in self.candidates:
            found.setdefault(row.candidate.method, row)
        return list(found.values())


class Offer(NamedTuple):
    """A kind of material: who has it, nearest first, and which depots together reach the amount asked for."""

    kind: MaterialKind
    found: tuple[Found, ...]
    """All depots that have any: those that may give, nearest first (the most first where no origin is known), then the
    others."""
    shown: tuple[Supply, ...]
    """The nearest of them, as many as a phone shows."""
    wanted_milli: int | None
    plan: tuple[Supply, ...]
    """The smallest set of depots that reaches the amount, nearest first; where none does, the nearest that help."""
    problem: str = ""
    """Why the amount could not be taken, in Chinese."""

    @property
    def more(self) -> int:
        """How many depots are not shown."""
        return len(self.found) - len(self.shown)

    @property
    def free_milli(self) -> int:
        """What all depots together may give."""
        return sum(each.free_milli for each in self.found)

    @property
    def short_milli(self) -> int:
        """What is missing to the amount asked for."""
        return max((self.wanted_milli or 0) - self.free_milli, 0)

    def share_of(self, supply: Supply) -> int:
        """Return what a depot of the plan gives, the nearest giving first all they may."""
        left = self.wanted_milli or 0
        for each in self.plan:
            given = min(each.free_milli, left)
            if each is supply:
                return given
            left -= given
        return 0


class DepotStock(NamedTuple):
    """A depot and the names of what it has, with the usable amount."""

    card: DepotCard
    materials: tuple[str, ...]
    more: int


@dataclass
class Answer:
    """Everything the page shows."""

    asked: Asked
    as_of: date
    settings: StockSettings
    origin: Origin | None = None
    amount: str = ""
    """The amount asked for, as typed."""
    substances: list[SubstanceCard] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    depots: list[DepotStock] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Further names that begin with or hold a word: what else may be meant."""
    instead: list[tuple[str, str]] = field(default_factory=list)
    """Names near a word that nobody knows, each with the question asked anew with that name."""
    problems: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found."""
        return not (self.substances or self.offers or self.depots)
