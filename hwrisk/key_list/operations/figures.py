"""Yearly figures of other sources than the ledger, and what documents say; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.db.chunks import chunked
from hwrisk.errors import RuleViolation
from hwrisk.key_list.models import AnnualGeneration, GenerationDocument
from hwrisk.key_list.queries.facts import standing_figure
from hwrisk.security.viewer import Viewer
from hwrisk.units.models import Unit

KIND = "annual_generation"
FIRST_YEAR = 2000


class Figure(NamedTuple):
    """Tonnes of a unit in a year and where they come from."""

    unit_id: int
    year: int
    tonnes: Decimal
    source: str


def record_figure(
    session: Session, unit: Unit, *, year: int, tonnes: Decimal, source: str, as_of: date, actor: Viewer
) -> bool:
    """Record the tonnes a unit generated in a year by a source; tell whether anything changed.

    Raises:
        RuleViolation: no source, or a year that is not over, or long past.
    """
    return bool(record_figures(session, [Figure(unit.id, year, tonnes, source)], as_of=as_of, actor=actor))


def record_figures(
    session: Session, figures: Sequence[Figure], *, as_of: date, actor: Viewer, at: datetime | None = None
) -> int:
    """Record many yearly figures and return how many changed something; earlier ones stay readable.

    Raises:
        RuleViolation: as `record_figure`.
    """
    recorded_at = at or now()
    for figure in figures:
        check_figure(figure, as_of=as_of)
    known = standing_figures(session, {figure.unit_id for figure in figures}, lock=True)
    changed = 0
    for figure in figures:
        before = known.get((figure.unit_id, figure.year))
        if before is not None and (before.tonnes, before.source) == (figure.tonnes, figure.source):
            continue
        if before is not None:
            before.superseded_at = recorded_at
        row = AnnualGeneration(**figure._asdict(), recorded_by=actor.label[:64], recorded_at=recorded_at)
        session.add(row)
        session.flush()
        known[(figure.unit_id, figure.year)] = row
        changed += 1
        summary = {
            "year": figure.year,
            "before": str(before.tonnes) if before is not None else None,
            "after": str(figure.tonnes),
            "source": figure.source,
        }
        audit.record(session, actor, "annual_generation.record", "unit", figure.unit_id, summary=summary)
    return changed


def check_figure(figure: Figure, *, as_of: date) -> None:
    """Check that a yearly figure may be.

    Raises:
        RuleViolation: no source, or a year that is not over, or long past.
    """
    if not figure.source.strip():
        raise RuleViolation("请写明数据来源，如“2025年度申报”", field="source")
    if figure.year >= as_of.year:
        raise RuleViolation(f"{figure.year}年还没有过完，年度产生量只登记已过完的年度", field="year")
    if figure.year < FIRST_YEAR:
        raise RuleViolation(f"年度 {figure.year} 太早，最早登记到 {FIRST_YEAR} 年，请核对", field="year")


def standing_figures(
    session: Session, unit_ids: Iterable[int], *, lock: bool = False
) -> dict[tuple[int, int], AnnualGeneration]:
    """Return the yearly figures known now by unit and year; `lock` lets nobody add others meanwhile."""
    found: dict[tuple[int, int], AnnualGeneration] = {}
    for chunk in chunked(sorted(set(unit_ids))):
        if lock:
            session.execute(select(Unit.id).where(Unit.id.in_(chunk)).order_by(Unit.id).with_for_update())
        rows = session.scalars(select(AnnualGeneration).where(AnnualGeneration.unit_id.in_(chunk), standing_figure()))
        found.update(((row.unit_id, row.year), row) for row in rows)
    return found


def record_document(
    session: Session,
    unit: Unit,
    *,
    from_day: date,
    approved_tonnes: Decimal | None,
    has_own_treatment: bool,
    is_long_cycle: bool,
    document: str,
    actor: Viewer,
) -> GenerationDocument:
    """Record what documents say of a unit from a day on: approved tonnes, own treatment facilities, long cycles.

    Raises:
        RuleViolation: no document is named, or a later record exists.
    """
    if not document.strip():
        raise RuleViolation("请写明依据的文件名称和文号", field="document")
    at = now()
    session.execute(select(Unit.id).where(Unit.id == unit.id).with_for_update())
    open_rows = session.scalars(
        select(GenerationDocument).where(
            GenerationDocument.unit_id == unit.id,
            GenerationDocument.superseded_at.is_(None),
            GenerationDocument.valid_until.is_(None),
        )
    ).all()
    for before in open_rows:
        if before.valid_from > from_day:
            raise RuleViolation(
                f"已有自 {before.valid_from:%Y-%m-%d} 起的登记，生效日期不能更早；请改为该日或以后", field="from_day"
            )
        _close(session, before, from_day, at)
    row = GenerationDocument(
        unit_id=unit.id, approved_tonnes=approved_tonnes, has_own_treatment=has_own_treatment,
        is_long_cycle=is_long_cycle, document=document.strip(), valid_from=from_day, recorded_by=actor.label[:64],
        recorded_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    summary = {
        "from_day": from_day.isoformat(),
        "approved_tonnes": None if approved_tonnes is None else str(approved_tonnes),
        "own_treatment": has_own_treatment,
        "long_cycle": is_long_cycle,
        "document": document.strip(),
    }
    audit.record(session, actor, "generation_document.record", "unit", unit.id, summary=summary)
    return row


def _close(session: Session, before: GenerationDocument, day: date, at: datetime) -> None:
    """End a record on a day by a new row, so that what was known before stays readable."""
    before.superseded_at = at
    if before.valid_from == day:
        return
    kept = (
        "unit_id", "approved_tonnes", "has_own_treatment", "is_long_cycle", "document", "valid_from", "recorded_by",
    )  # fmt: skip
    session.add(GenerationDocument(**{name: getattr(before, name) for name in kept}, valid_until=day, recorded_at=at))
