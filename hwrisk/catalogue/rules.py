"""Rules of the catalogue: what a waste code is, and which stream an own name points to."""

from __future__ import annotations

from collections.abc import Iterable

from hwrisk.catalogue.models import StreamTag
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells.base import CellError
from hwrisk.imports.cells.codes import UNSORTED, parse_waste_code

STREAM = "stream"
"""Kind of the tags that are proposed from names; the other kind, circumstance, is set by a person alone."""


def check_code(text: str) -> str:
    """Return the waste code (废物代码) in its normal form, `900-041-49`; `900-000-XX` is one of them.

    Whether the edition of the day lists the code is another question: see `queries.judge_codes`.

    Raises:
        RuleViolation: malformed, or its category is outside HW01–HW50.

    Source: 国家危险废物名录（2021年版） 附表; for 900-000-XX 国家危险废物名录（2025年版） 第六条第二款.
    """
    try:
        return parse_waste_code(text)
    except CellError as error:
        remedy = f"（{error.right}）" if error.right else ""
        raise RuleViolation(error.message + remedy, field="waste_code") from error


def category_of(code: str) -> str:
    """Return the waste category (废物类别) of a code in normal form, as HW08; empty for 900-000-XX."""
    return "" if code == UNSORTED else f"HW{code[-2:]}"


def propose_tag(name: str, tags: Iterable[StreamTag]) -> str | None:
    """Return the tag of the stream that a waste's own name points to, or None; a person confirms it.

    The longest name found within it decides, so that 废乳化液油 is not taken for oil.
    """
    plain = name.replace(" ", "")
    found = [
        (len(alias), tag.tag)
        for tag in tags
        if tag.kind == STREAM
        for alias in (tag.label, *tag.aliases.split(";"))
        if alias and alias in plain
    ]
    return max(found, key=lambda match: match[0])[1] if found else None
