"""Security (账号与权限): accounts, grants, sign-ins, attempts, and duty posts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwrisk.clock import now
from hwrisk.db.base import Base, PublicId, Recorded
from hwrisk.db.types import EnumValue, UtcDateTime
from hwrisk.security.roles import AttemptKind, AttemptOutcome, GrantKind, Role, RosterPart


class Account(PublicId, Base):
    """One person's, or one duty post's, way in (账号); never deleted, only disabled."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    """Sign-in name in its normal form, see `rules.normal_username`."""
    display_name: Mapped[str] = mapped_column(String(64))
    department: Mapped[str] = mapped_column(String(64), default="")
    role: Mapped[Role] = mapped_column(EnumValue(Role), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    """argon2id, or None while no password was ever set: nobody can sign in."""
    pin_hash: Mapped[str | None] = mapped_column(String(255))
    """argon2id of the PIN used at a duty post (值班口令), or None."""
    phone: Mapped[str] = mapped_column(String(32), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    """The present password is a one-time password handed over by somebody else."""
    one_time_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant from which the one-time password no longer opens, or None when the password is the person's own."""
    password_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    """Wrong passwords in a row since the last sign-in or the last lock."""
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def label(self) -> str:
        """Department and name, as pages and the audit trail show the person."""
        return f"{self.department} {self.display_name}".strip()


class AccountGrant(Recorded, Base):
    """What an account may see, on the days [valid_from, valid_until) (数据授权)."""

    __tablename__ = "account_grant"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="period_ordered"),
        Index("ix_account_grant_scope", "kind", "ref"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[GrantKind] = mapped_column(EnumValue(GrantKind))
    ref: Mapped[str] = mapped_column(String(32), default="")
    """Code of the office, or id of the park or unit as digits; empty for the whole city."""
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    """First day on which the grant no longer holds, or None while open."""

    account: Mapped[Account] = relationship(lazy="raise")


class PasswordHistory(Base):
    """A password used before (历史密码), kept as a hash so that it is not used again at once."""

    __tablename__ = "password_history"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebSession(Base):
    """One sign-in on one device (登录会话); ended, never reopened."""

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the cookie: whoever reads the database cannot use it."""
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Accurate to about a minute, later when the database could not be written."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")

    account: Mapped[Account] = relationship(lazy="raise")


class LoginAttempt(Base):
    """One attempt to sign in or to confirm by PIN (登录尝试)."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_address", "address", "kind", "at"),
        Index("ix_login_attempt_name", "name_hash", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[AttemptKind] = mapped_column(EnumValue(AttemptKind))
    outcome: Mapped[AttemptOutcome] = mapped_column(EnumValue(AttemptOutcome))
    address: Mapped[str] = mapped_column(String(64), default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    name_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the typed name; the name itself is not kept, as people type their password there."""


class DutyPost(PublicId, Base):
    """A place that is manned around the clock (值班岗); its device signs in with the post's own account."""

    __tablename__ = "duty_post"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    account: Mapped[Account] = relationship(lazy="raise")


class DutyRoster(Recorded, Base):
    """Who is on at a duty post during [starts_at, ends_at) (值班表)."""

    __tablename__ = "duty_roster"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="shift_ordered"),
        Index("ix_duty_roster_shift", "post_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("duty_post.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    part: Mapped[RosterPart] = mapped_column(EnumValue(RosterPart), default=RosterPart.OFFICER)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Instant the shift was taken off the roster, or None."""

    account: Mapped[Account] = relationship(lazy="raise")
