"""The table of the search index."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.db import fulltext
from hwrisk.db.base import Base


class SearchEntry(Base):
    """One thing that can be found (检索条目); made from other rows, and can be made anew from them at any time."""

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("kind", "ref"), Index("ix_search_entry_unit", "unit_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    ref: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    subtitle: Mapped[str] = mapped_column(String(300), default="")
    link: Mapped[str] = mapped_column(String(300))
    office_code: Mapped[str | None] = mapped_column(String(32))
    park_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    permission: Mapped[str] = mapped_column(String(64), default="")
    """Permission a viewer must hold, or empty."""
    boost: Mapped[int] = mapped_column(default=0)
    plain_title: Mapped[str] = mapped_column(String(400))
    """The title without spaces and signs, in small letters, to tell exact hits from others."""
    plain_codes: Mapped[str] = mapped_column(Text, default="")
    """The codes likewise, each between two spaces."""
    tokens: Mapped[str] = mapped_column(Text)
    """What the full-text index reads, see `rules.tokens`."""


TABLE = cast(Table, SearchEntry.__table__)
TOKENS = "tokens"
fulltext.attach(TABLE, TOKENS)
