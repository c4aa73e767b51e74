"""The person (or the system) a query is drawn for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hwrisk.security.models import Account, AccountGrant
from hwrisk.security.permissions import Permission, permissions_of
from hwrisk.security.roles import CITY_WIDE, GRANTS_OF, GrantKind, Role


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who asks, what they may do, and which rows they may see; ids only, without the rows behind them."""

    account_id: int | None
    label: str
    role: Role
    is_city_wide: bool = False
    offices: frozenset[str] = frozenset()
    """Codes of the supervising offices (管辖单位) whose units are in sight."""
    parks: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    permissions: frozenset[Permission] = field(default=frozenset(), repr=False)

    @classmethod
    def system(cls) -> Viewer:
        """Return the viewer of jobs and commands: the whole city, every permission."""
        return cls(account_id=None, label="系统", role=Role.CITY, is_city_wide=True, permissions=frozenset(Permission))

    @classmethod
    def acting(cls, account: Account) -> Viewer:
        """Return `account` as the one who acts, for the audit trail: without scope or permissions."""
        return cls(account_id=account.id, label=account.label, role=account.role)

    def may(self, permission: Permission) -> bool:
        """Tell whether the viewer holds `permission`."""
        return permission in self.permissions


def viewer_of(session: Session, account: Account, *, on: date) -> Viewer:
    """Return what `account` is and sees on the day `on`; a disabled account sees and may nothing."""
    if not account.is_active:
        return Viewer.acting(account)
    held = grants_in_force(session, account, on=on)
    refs = {kind: [grant.ref for grant in held if grant.kind is kind] for kind in GrantKind}
    return Viewer(
        account_id=account.id,
        label=account.label,
        role=account.role,
        is_city_wide=account.role in CITY_WIDE or bool(refs[GrantKind.CITY]),
        offices=frozenset(refs[GrantKind.OFFICE]),
        parks=frozenset(map(int, refs[GrantKind.PARK])),
        units=frozenset(map(int, refs[GrantKind.UNIT])),
        permissions=permissions_of(account.role),
    )


def grants_in_force(session: Session, account: Account, *, on: date) -> Sequence[AccountGrant]:
    """Return the grants that open something to `account` on the day `on`: of a kind its present role may hold."""
    allowed = GRANTS_OF[account.role]
    if not allowed:
        return []
    return session.scalars(
        select(AccountGrant)
        .where(
            AccountGrant.account_id == account.id,
            AccountGrant.kind.in_(allowed),
            AccountGrant.valid_from <= on,
            or_(AccountGrant.valid_until.is_(None), AccountGrant.valid_until > on),
        )
        .order_by(AccountGrant.id)
    ).all()
