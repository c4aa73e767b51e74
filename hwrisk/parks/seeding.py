"""Loading the park register and every figure published about parks, wastes, facilities and resources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hwrisk.db.seeds import seed_number, seed_rows, upsert
from hwrisk.parks.models import Park, PublishedFact

Row = dict[str, str]
Table = dict[str, dict[str, Any]]


def seed(session: Session, *, folder: Path | None = None) -> int:
    """Keep parks by code and published figures by their reference; return how many rows are new or changed."""
    touched = upsert(session, Park, _parks(folder), key="code")
    facts = {**_park_facts(folder), **_resources(folder), **_facilities(folder), **_waste_figures(folder)}
    return touched + upsert(session, PublishedFact, facts, key="ref")


def _parks(folder: Path | None) -> Table:
    return {
        row["park_code"]: {
            "name": row["name"],
            "aliases": row["aliases"],
            "location": row["location_as_published"],
            "admin_code": row["admin_code"] or None,
            "office_code": row["office_code"] or None,
            "recognition": row["recognition"],
            "recognised_year": seed_number(row["recognised_year"]),
            "source": row["source"],
            "trust": row["trust"],
            "note": row["note"],
        }
        for row in seed_rows("parks/parks.csv", folder=folder)
    }


def _park_facts(folder: Path | None) -> Table:
    return {
        row["ref"]: _fact(
            row,
            topic="park",
            subject=row["name_as_published"],
            location=row["location_as_published"],
            attribute=row["attribute"],
            conflict_group=row["conflict_group"],
            park_code=row["park_code"] or None,
        )
        for row in seed_rows("parks/park_facts.csv", folder=folder)
    }


def _resources(folder: Path | None) -> Table:
    return {
        row["ref"]: _fact(
            row,
            topic="resource",
            subject=row["area_as_published"],
            attribute=row["resource"],
            qualifier=row["status_as_published"],
            park_code=row["park_code"] or None,
        )
        for row in seed_rows("parks/public_resources.csv", folder=folder)
    }


def _facilities(folder: Path | None) -> Table:
    return {
        row["ref"]: _fact(
            row | {"value": row["capacity"], "unit": row["capacity_unit"]},
            topic="facility",
            subject=row["name_as_published"],
            location=row["location_as_published"],
            attribute="；".join(text for text in (row["kind"], row["method"]) if text),
            qualifier=row["status_as_published"],
        )
        for row in seed_rows("units/public_facilities.csv", folder=folder)
    }


def _waste_figures(folder: Path | None) -> Table:
    return {
        row["ref"]: _fact(row, topic="waste", subject=row["scope"], attribute=row["metric"], qualifier=row["qualifier"])
        for row in seed_rows("units/public_waste_figures.csv", folder=folder)
    }


def _fact(
    row: Row,
    *,
    topic: str,
    subject: str,
    attribute: str,
    location: str = "",
    qualifier: str = "",
    conflict_group: str = "",
    park_code: str | None = None,
) -> dict[str, Any]:
    return {
        "topic": topic,
        "park_code": park_code,
        "subject": subject,
        "location": location,
        "attribute": attribute,
        "value": row["value"],
        "unit": row["unit"],
        "year": seed_number(row["year"]),
        "qualifier": qualifier,
        "conflict_group": conflict_group,
        "source": row["source"],
        "trust": row["trust"],
        "note": row["note"],
    }
