"""Settings of the rule packs that storage lists need."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from hwrisk.errors import NotFound
from hwrisk.ledger.rules import GENERATED_NOT_STORED
from hwrisk.rulepacks.queries import parameters

TARGETS = "indicator-targets"
LEAD_DAYS = "warning_lead_days"
NO_LEAD = 0


def warning_lead_days(session: Session, *, as_of: date) -> int:
    """Return how many days before the last lawful day a batch counts as due soon, by the rule pack (待核)."""
    try:
        settings = parameters(session, TARGETS, on=as_of).parameters["setting"]
    except NotFound:
        return NO_LEAD
    return next((int(row["values"]["days"]) for row in settings if row["key"] == LEAD_DAYS), NO_LEAD)


def days_to_store(session: Session, *, as_of: date) -> int | None:
    """Return how many days waste may wait for its 入库 before a warning, or None where no pack says so (待核)."""
    try:
        return int(parameters(session, GENERATED_NOT_STORED, on=as_of).parameters["days"])
    except NotFound:
        return None
