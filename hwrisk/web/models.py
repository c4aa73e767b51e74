"""Tables of the web: what a person has not finished typing, forms that took effect, and the filters a person keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwrisk.clock import now
from hwrisk.db.base import Base, PublicId
from hwrisk.db.types import UtcDateTime

DRAFTS_KEPT = timedelta(days=30)
"""How long an untouched draft is kept."""
SENT_KEPT = timedelta(days=30)
"""How long it is remembered that a form took effect; nobody sends an older page again."""


class Draft(Base):
    """What a person typed into one form and has not sent yet (草稿); kept for `DRAFTS_KEPT`."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("account_id", "form_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    form_key: Mapped[str] = mapped_column(String(120))
    """Which form about which row, e.g. `storage.extend:<public id>`."""
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Raw text by field name, each a list, as a browser sends it."""
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)


class SentForm(Base):
    """A form that took effect (已提交的表单), so that the same page sent again does not do so twice."""

    __tablename__ = "sent_form"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Fingerprint of the account and the number that was drawn with the form."""
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SavedFilter(PublicId, Base):
    """Conditions of one list that a person keeps under a name (已存筛选)."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("account_id", "endpoint", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    endpoint: Mapped[str] = mapped_column(String(80))
    """The list, by its route."""
    name: Mapped[str] = mapped_column(String(40))
    args: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
