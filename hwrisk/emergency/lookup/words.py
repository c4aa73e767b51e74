"""What the words of a question mean: coordinates, an amount, a CAS number, or names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

from hwrisk.catalogue.chemicals.rules import check_cas, looks_like_cas, plain_name
from hwrisk.emergency.measures import split_amount, unit_named
from hwrisk.errors import RuleViolation
from hwrisk.regions.geodesy import Point, parse_point

MAX_QUESTION = 80
MAX_WORDS = 8
_BREAK = re.compile(r"[\s；;、。？?！!]+")
_DEPOT_WORD = re.compile(r"(?:环境)?(?:应急)?(?:物资)?(?:储备)?仓?库$")
_COMMA_BREAK = re.compile(r"[，,]")

T = TypeVar("T")


class Typed(NamedTuple):
    """A question taken apart."""

    names: tuple[str, ...]
    """Words that name something: substances, materials, depots, places."""
    cas: tuple[str, ...]
    point: Point | None
    amount: tuple[Decimal, str] | None
    """Number and unit word, as `6.5吨`."""
    problems: tuple[str, ...]


class Named(NamedTuple):
    """One thing that may be meant by a word, with all its names."""

    id: int
    names: tuple[str, ...]
    sounds: str
    """Initials and full pinyin, separated by blanks."""


def take_apart(question: str) -> Typed:
    """Return what the words of `question` are by their form."""
    names: list[str] = []
    cas: list[str] = []
    problems: list[str] = []
    point: Point | None = None
    amount: tuple[Decimal, str] | None = None
    for word in _words(question):
        try:
            found = parse_point(word, field="q")
        except RuleViolation as violation:
            problems.append(violation.message)
            continue
        if found is not None:
            point = found
        elif looks_like_cas(word):
            try:
                cas.append(check_cas(word))
            except RuleViolation as violation:
                problems.append(violation.message)
        elif (sized := _amount(word)) is not None:
            amount = sized
        else:
            names.append(word)
    return Typed(tuple(names[:MAX_WORDS]), tuple(cas), point, amount, tuple(problems))


def meant(word: str, things: Sequence[Named]) -> tuple[list[int], bool]:
    """Return the ids of what `word` may mean, best first, and whether one is called exactly so.

    An exact name leaves all others out; then come names that begin with it, that hold it, and pinyin that begins so.
    """
    plain = plain_name(word)
    if not plain:
        return [], False
    is_sound = plain.isascii() and plain.isalpha()
    ranked: list[tuple[int, int, int]] = []
    for place, thing in enumerate(things):
        rank = _rank(plain, thing, is_sound=is_sound)
        if rank is not None:
            ranked.append((rank, place, thing.id))
    ranked.sort()
    exact = [id_ for rank, _, id_ in ranked if rank == 0]
    return (exact, True) if exact else ([id_ for _, _, id_ in ranked], False)


def meant_depots(word: str, depots: Sequence[Named]) -> tuple[list[int], bool]:
    """Return what `meant` does for depots, which people call 灌云物资库 whatever stands between the two words."""
    found, is_exact = meant(word, depots)
    stem = _DEPOT_WORD.sub("", word)
    if found or stem == word or len(stem) < 2:
        return found, is_exact
    return meant(stem, depots)[0], False


def _rank(plain: str, thing: Named, *, is_sound: bool) -> int | None:
    best: int | None = None
    for name in thing.names:
        if name == plain:
            return 0
        if name.startswith(plain):
            best = 1
        elif best is None and len(plain) > 1 and plain in name:
            best = 2
    if best is None and is_sound and len(plain) > 1:
        sounds = thing.sounds.split()
        if plain in sounds:
            return 3
        if any(sound.startswith(plain) for sound in sounds):
            return 4
    return best


def _words(question: str) -> list[str]:
    text = unicodedata.normalize("NFKC", question[:MAX_QUESTION])
    words: list[str] = []
    for word in _BREAK.split(text):
        # A comma parts words, but joins the two numbers of a coordinate and stands inside names as 1,2-二氯乙烷.
        is_whole = any(character.isdigit() for character in word)
        words += [word] if is_whole else _COMMA_BREAK.split(word)
    return [word for word in words if word]


def _amount(word: str) -> tuple[Decimal, str] | None:
    found = split_amount(word)
    if found is None or (found[1] and unit_named(found[1]) is None):
        return None
    return found
