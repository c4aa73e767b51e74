"""How texts and questions become tokens.

Chinese has no spaces, and most words are two characters long, too short for indexes of three. So each run of
characters is cut into overlapping pairs, and a question is asked as the phrase of its pairs, which is found exactly
where its characters stand together. Single characters are kept beside for questions of one. Each token is written in
hexadecimal code points: the parsers of both engines would cut `900-041-49`, or characters they do not know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from hwrisk.resources import late

MAX_TEXT = 4000
"""Characters of a text that are searched; PostgreSQL counts places in a text up to 16,383."""
MAX_QUESTION = 100
MAX_RUNS = 8
BREAK = "z"
"""Stands between two runs, so that no phrase is found across them."""

# The signs inside a code are left out, of texts and questions alike: 900-041-49 is found as 900-041, 04149, 90004149.
_INNER_SIGN = re.compile(r"(?<=[0-9a-z])[-‐‑–—_./](?=[0-9a-z])")

_RUN = re.compile(r"[0-9A-Za-z]+|[^\W_\x00-\x7f]+")


class Question(NamedTuple):
    """A question to the index."""

    groups: tuple[tuple[tuple[str, ...], ...], ...]
    """All groups must be met, each by any of its phrases of tokens; empty when there is nothing to look for."""
    plain: str
    """The question without spaces and signs, in small letters."""


def normal(text: str) -> str:
    """Return `text` with full-width forms made plain, in small letters, without the signs inside codes."""
    return _INNER_SIGN.sub("", unicodedata.normalize("NFKC", text).lower())


def runs(text: str) -> list[str]:
    """Return the runs of `text` that are searched: of Latin letters and digits, and of all other letters."""
    return _RUN.findall(normal(text))


def plain(text: str) -> str:
    """Return `text` without spaces and signs, in small letters."""
    return "".join(runs(text))


def tokens(title: str, others: Iterable[str]) -> str:
    """Return the tokens of a thing: pairs and single characters of all its texts, and the pinyin of its title."""
    found = [run for text in (title, *others) for run in runs(text[:MAX_TEXT])]
    phrases = [_pairs(run) for run in found if len(run) > 1]
    phrases += [_pairs(sound, "p") for run in runs(title) for sound in _pinyin(run) if len(sound) > 1]
    singles = [_single(character) for character in sorted(set("".join(found)))]
    return f" {BREAK} ".join(" ".join(phrase) for phrase in (*phrases, singles) if phrase)


def question_of(text: str) -> Question:
    """Return what to ask the index for `text`; letters alone are looked for in pinyin too (full, or first letters)."""
    found = runs(text[:MAX_QUESTION])[:MAX_RUNS]
    return Question(tuple(_group(run) for run in found), "".join(found))


def _group(run: str) -> tuple[tuple[str, ...], ...]:
    if len(run) == 1:
        return ((_single(run),),)
    if run.isascii() and run.isalpha():
        return (_pairs(run), _pairs(run, "p"))
    return (_pairs(run),)


@lru_cache(maxsize=8192)
def _pairs(run: str, letter: str = "x") -> tuple[str, ...]:
    # Names of units and wastes and the days of a month come again with every batch.
    return tuple(f"{letter}{ord(first):x}{letter}{ord(second):x}" for first, second in pairwise(run))


def _single(character: str) -> str:
    return f"s{ord(character):x}"


def _pinyin(run: str) -> tuple[str, str]:
    """Return the full pinyin of a run of Chinese and its first letters; both empty for other runs."""
    if run.isascii():
        return "", ""
    syllables: list[str] = late("pypinyin").lazy_pinyin(run, errors="ignore")
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)
