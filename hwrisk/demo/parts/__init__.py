"""What each room adds to the demonstration: one module a room, built after the units and their ledgers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from random import Random
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.demo.parts import assessment, capacity, containment, emergency, key_list, permits
from hwrisk.demo.parts.context import DemoContext, Part
from hwrisk.parks.models import Park
from hwrisk.security import Viewer
from hwrisk.units.models import IdentityKind, Unit

Progress = Callable[[str, int, int], None]
"""What is being made, how many parts are done, how many there are."""
PARTS: tuple[Part, ...] = (
    Part("重点监管单位清单", key_list.build),
    Part("规范化评估", assessment.build),
    Part("三级防控", containment.build),
    Part("应急物资", emergency.build),
    Part("经营许可证", permits.build),
    Part("能力平衡", capacity.build),
)
"""In the order in which they are built."""


def build_parts(session: Session, *, as_of: date, at: datetime, progress: Progress | None = None) -> dict[str, int]:
    """Build every part on the city that stands, and return how many rows each made.

    Each has a sequence of chances of its own, so that one that changes leaves the others as they were.
    """
    # Nothing may be invented of a name from a public source but the ledger that says so: they are not handed out.
    invented = select(Unit.id).where(Unit.is_demo, Unit.identity_kind != IdentityKind.UNKNOWN).order_by(Unit.id)
    unit_ids = session.scalars(invented).all()
    parks = {park.code: park.id for park in session.scalars(select(Park).order_by(Park.id))}
    made = {}
    for done, part in enumerate(PARTS):
        if progress is not None:
            progress(part.name, done, len(PARTS))
        context = DemoContext(
            session=session,
            as_of=as_of,
            at=at,
            random=Random(crc32(part.name.encode())),  # noqa: S311 - made-up data, the same every time
            unit_ids=unit_ids,
            parks=parks,
            viewer=Viewer.system(),
        )
        made[part.name] = part.build(context)
        session.flush()
    return made


__all__ = ["PARTS", "DemoContext", "Part", "build_parts"]
