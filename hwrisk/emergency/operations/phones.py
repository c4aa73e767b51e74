"""Telephone numbers: who saw a whole one is on record, also when the database could not be written just then."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.emergency.models import Depot
from hwrisk.emergency.operations.hand import Hand
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

ACTION, KIND = "material.phone", "material_depot"
SPOOL = Path("spool") / "material-phones.jsonl"


def record_view(session: Session, public_id: UUID, *, hand: Hand, late: bool = False) -> None:
    """Record that a person saw the whole number of a depot; `late` tells that it is recorded afterwards."""
    depot_id = session.scalars(select(Depot.id).where(Depot.public_id == public_id)).one_or_none()
    if depot_id is not None:
        summary = {"查看时间": hand.instant.isoformat()} | ({"补记": "是"} if late else {})
        audit.record(session, hand.viewer, ACTION, KIND, depot_id, summary=summary)


def spool_view(home: Path, public_id: UUID, *, hand: Hand) -> None:
    """Note the act in a file of the data folder, from where the next run of the job records it."""
    path = home / SPOOL
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "depot": str(public_id), "account": hand.viewer.account_id, "person": hand.viewer.label,
        "at": hand.instant.isoformat(),
    }  # fmt: skip
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def record_spooled(session: Session, home: Path) -> int:
    """Record what was noted in the file, and return how many acts there were; the file is emptied."""
    path = home / SPOOL
    if not path.is_file():
        return 0
    taken = path.with_suffix(".taken")
    # Renamed first: what is noted meanwhile goes into a new file.
    path.replace(taken)
    lines = [json.loads(line) for line in taken.read_text(encoding="utf-8").splitlines() if line.strip()]
    for line in lines:
        at = datetime.fromisoformat(line["at"])
        viewer = Viewer(account_id=line["account"], label=line["person"], role=Role.DUTY)
        record_view(session, UUID(line["depot"]), hand=Hand(viewer=viewer, as_of=at.date(), at=at), late=True)
    taken.unlink()
    return len(lines)
