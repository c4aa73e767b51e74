"""Reading the tables of `seeds/` and keeping them in the database by their natural keys."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.resources import resource_dir


def seed_rows(name: str, *, folder: Path | None = None) -> list[dict[str, str]]:
    """Return the rows of one table of `seeds/` (as `regions/regions.csv`), by column."""
    with ((folder or resource_dir("seeds")) / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seed_day(text: str) -> date | None:
    """Return a day of a seed table, or None where it is blank."""
    return date.fromisoformat(text) if text else None


def seed_number(text: str) -> int | None:
    """Return a whole number of a seed table, or None where it is blank: the source gives none."""
    return int(text) if text else None


def upsert(session: Session, model: type[Any], rows: Mapping[Any, Mapping[str, Any]], *, key: str) -> int:
    """Keep `rows` (values by the natural key in column `key`) and return how many are new or changed.

    Rows of the database that are not in `rows` stay.
    """
    present = {getattr(row, key): row for row in session.scalars(select(model))}
    touched = 0
    for value, columns in rows.items():
        row = present.get(value)
        if row is None:
            session.add(model(**{key: value}, **columns))
            touched += 1
        elif changed := {name: new for name, new in columns.items() if getattr(row, name) != new}:
            for name, new in changed.items():
                setattr(row, name, new)
            touched += 1
    session.flush()
    return touched
