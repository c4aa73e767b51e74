"""Declarative base, naming convention and the columns every business table shares."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid6 import uuid7

from hwrisk.clock import now
from hwrisk.db.types import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables; every constraint gets a name, so that migrations can speak of it."""

    metadata = MetaData(naming_convention=NAMING)


def new_public_id() -> uuid.UUID:
    """Return a fresh identifier for the outside world (UUIDv7, roughly ordered by time)."""
    # uuid6 has its own subclass; the plain class is what drivers know.
    return uuid.UUID(int=uuid7().int)


class PublicId:
    """Mixin: the identifier used in addresses, QR codes and packages; integers stay inside."""

    public_id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True, default=new_public_id, sort_order=-5)


class Recorded:
    """Mixin: when a row was recorded; rows of facts are added, never overwritten."""

    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, sort_order=90)
