"""What must always hold of accounts and grants, for `hwrisk verify`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from hwrisk.db.checks import Check
from hwrisk.security.models import Account, AccountGrant, DutyPost
from hwrisk.security.roles import GRANTS_OF, GrantKind, Role

_BY_NUMBER = frozenset({GrantKind.PARK, GrantKind.UNIT})


def misplaced_grants(session: Session) -> list[str]:
    """Return one Chinese sentence for each open grant that its account's role cannot hold or that names nothing."""
    held = session.scalars(
        select(AccountGrant)
        .join(AccountGrant.account)
        .options(contains_eager(AccountGrant.account))
        .where(AccountGrant.valid_until.is_(None))
        .order_by(AccountGrant.id)
    )
    return [
        f"账号“{grant.account.username}”的第 {grant.id} 号授权（{grant.kind.label} {grant.ref}）与角色不符或对象无效"
        for grant in held
        if grant.kind not in GRANTS_OF[grant.account.role] or not _names_something(grant)
    ]


def posts_without_account(session: Session) -> list[str]:
    """Return one Chinese sentence for each active duty post whose device cannot sign in as a duty post."""
    posts = session.execute(
        select(DutyPost.name, Account.username)
        .join(DutyPost.account)
        .where(DutyPost.is_active, (Account.role != Role.DUTY) | ~Account.is_active)
        .order_by(DutyPost.id)
    )
    return [f"值班岗“{post}”的账号“{username}”已停用或角色不是值班岗" for post, username in posts]


def _names_something(grant: AccountGrant) -> bool:
    if grant.kind in _BY_NUMBER:
        return grant.ref.isascii() and grant.ref.isdigit()
    return bool(grant.ref) is (grant.kind is GrantKind.OFFICE)


CHECKS = (
    Check("security.grants", "授权与角色相符", misplaced_grants),
    Check("security.posts", "值班岗账号可用", posts_without_account),
)
