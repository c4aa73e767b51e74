"""Loading the law table and the rule packs that come with the system."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.errors import RuleViolation
from hwrisk.resources import resource_dir
from hwrisk.rulepacks.models import Law, LawKind
from hwrisk.rulepacks.operations import Change, activate, load_pack, put_clause, put_law
from hwrisk.rulepacks.records import CaseRunner
from hwrisk.rulepacks.trust import Trust


class SeedOutcome(NamedTuple):
    """What seeding did: rows of the law table and versions of packs, and in plain Chinese what was left undone."""

    added: int
    changed: int
    unchanged: int
    notes: tuple[str, ...]


def seed(
    session: Session, *, runners: Iterable[CaseRunner], recorded_at: datetime, folder: Path | None = None
) -> SeedOutcome:
    """Load the law table and every rule pack of `seeds/`, and activate the packs whose cases come out right.

    Loading again changes nothing. A pack that cannot be loaded or activated is left as it is and named in the notes.
    """
    root = folder or resource_dir("seeds")
    counts = Counter([*_seed_laws(session, root / "law" / "laws.csv"), *_seed_clauses(session, root / "law")])
    notes: list[str] = []
    known_runners = tuple(runners)
    for path in sorted((root / "rules").glob("*.toml")):
        try:
            counts[_seed_pack(session, path, runners=known_runners, recorded_at=recorded_at)] += 1
        except RuleViolation as violation:
            notes.append(violation.message)
    return SeedOutcome(counts[Change.ADDED], counts[Change.CHANGED], counts[Change.UNCHANGED], tuple(notes))


def _seed_laws(session: Session, path: Path) -> Iterator[Change]:
    for row in _rows(path):
        yield put_law(
            session,
            law_key=row["law_key"],
            values={
                "kind": LawKind(row["kind"]),
                "title": row["title"],
                "document_no": row["document_no"],
                "region": row["region"],
                "effective_from": _day(row["effective_from"]),
                "effective_until": _day(row["effective_until"]),
                "source": row["source"],
                "clause": row["clause"],
                "trust": Trust(row["trust"]),
                "date_trust": Trust(row["date_trust"]),
                "note": row["note"],
            },
        )


def _seed_clauses(session: Session, folder: Path) -> Iterator[Change]:
    laws = {law.law_key: law for law in session.scalars(select(Law))}
    for row in _rows(folder / "clauses.csv"):
        yield put_clause(
            session,
            laws[row["law_key"]],
            subject=row["subject"],
            values={
                "clause": row["clause"],
                "brief": row["brief"],
                "source": row["source"],
                "trust": Trust(row["trust"]),
                "note": row["note"],
            },
        )


def _seed_pack(session: Session, path: Path, *, runners: Iterable[CaseRunner], recorded_at: datetime) -> Change:
    pack = load_pack(session, path.read_text(encoding="utf-8"), actor=None, recorded_at=recorded_at)
    if pack.activated_at is not None:
        return Change.UNCHANGED
    activate(session, pack, runners=runners, actor=None, recorded_at=recorded_at)
    return Change.ADDED


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
