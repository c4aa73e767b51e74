"""Posting the rows of an accepted file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from hwrisk.db.chunks import chunked
from hwrisk.imports import ApplyContext, StagedRow
from hwrisk.ledger.drafts import Hand
from hwrisk.ledger.imports.checking import NewFacility, draft_of, new_facilities, order_of
from hwrisk.ledger.posting import post_many
from hwrisk.ledger.storage.models import FacilityKind, StorageFacility
from hwrisk.ledger.storage.operations import register_facility


def apply(session: Session, context: ApplyContext, rows: list[StagedRow]) -> dict[str, int]:
    """Register facilities that are new and post all rows as one posting."""
    payloads = [row.payload for row in sorted(rows, key=lambda row: (*order_of(row.payload), row.row_no))]
    ids = _registered(session, context, payloads)
    hand = Hand(viewer=context.user, as_of=context.as_of)
    posted = post_many(session, [draft_of(payload, ids) for payload in payloads], hand)
    return {"台账记录": len(posted.entry_ids), "新批次": posted.batches, "新登记设施": len(ids)}


def _registered(session: Session, context: ApplyContext, payloads: list[dict[str, Any]]) -> dict[NewFacility, int]:
    wanted = new_facilities(payloads)
    ids = _existing(session, wanted)
    first_days = _first_days(payloads)
    for (unit_id, code), new in wanted.items():
        if (unit_id, code) not in ids:
            facility = register_facility(
                session, unit_id=unit_id, code=code, name=new["name"], kind=FacilityKind(new["kind"]), capacity=None,
                valid_from=first_days[(unit_id, code)], actor=context.user,
            )  # fmt: skip
            ids[(unit_id, code)] = facility.id
    return ids


def _existing(session: Session, wanted: Mapping[NewFacility, object]) -> dict[NewFacility, int]:
    """Return those that somebody registered since the check."""
    found: dict[NewFacility, int] = {}
    for chunk in chunked(sorted(wanted)):
        rows = session.scalars(
            select(StorageFacility).where(tuple_(StorageFacility.unit_id, StorageFacility.code).in_(chunk))
        )
        found.update(((row.unit_id, row.code), row.id) for row in rows)
    return found


def _first_days(payloads: list[dict[str, Any]]) -> dict[NewFacility, date]:
    days: dict[NewFacility, date] = {}
    for payload in payloads:
        if payload["new_facility"]:
            key = (payload["unit_id"], payload["new_facility"]["code"])
            days[key] = min(payload["occurred_on"], days.get(key, payload["occurred_on"]))
    return days
