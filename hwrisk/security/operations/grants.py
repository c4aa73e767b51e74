"""Grants: what an account may see, from a day until a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.errors import RuleViolation
from hwrisk.security.actions import ACCOUNT, Action
from hwrisk.security.models import Account, AccountGrant
from hwrisk.security.roles import GRANTS_OF, NEEDS_END, GrantKind
from hwrisk.security.viewer import Viewer


def grant(
    session: Session,
    account: Account,
    kind: GrantKind,
    ref: str | int = "",
    *,
    valid_from: date,
    valid_until: date | None = None,
    actor: Viewer,
) -> AccountGrant:
    """Open something to an account on the days [valid_from, valid_until); it acts at the next request.

    `ref` is the code of an office, the id of a park or unit, and empty for the whole city.

    Raises:
        RuleViolation: the role cannot hold such a grant, the period is empty, or the same is open already.
    """
    code = str(ref).strip()
    _check(account, kind, code, valid_from, valid_until)
    made = AccountGrant(account_id=account.id, kind=kind, ref=code, valid_from=valid_from, valid_until=valid_until)
    if _is_open_already(session, made):
        raise RuleViolation("该账号在此期间已有相同授权")
    session.add(made)
    session.flush()
    summary = {"kind": kind, "ref": code, "from": valid_from, "until": valid_until}
    audit.record(session, actor, Action.GRANT, ACCOUNT, account.id, summary=summary)
    return made


def revoke(session: Session, held: AccountGrant, *, on: date, actor: Viewer) -> None:
    """End a grant: it does not hold on the day `on` any more; the row stays."""
    if not _end(held, on):
        return
    session.flush()
    summary = {"kind": held.kind, "ref": held.ref, "until": held.valid_until}
    audit.record(session, actor, Action.REVOKE, ACCOUNT, held.account_id, summary=summary)


def end_all_grants(session: Session, account: Account, *, on: date) -> int:
    """End all grants of an account on the day `on` and return how many there were."""
    held = session.scalars(
        select(AccountGrant).where(
            AccountGrant.account_id == account.id,
            or_(AccountGrant.valid_until.is_(None), AccountGrant.valid_until > on),
        )
    ).all()
    ended = sum(_end(one, on) for one in held)
    session.flush()
    return ended


def _end(held: AccountGrant, on: date) -> bool:
    if held.valid_until is not None and held.valid_until <= on:
        return False
    # A grant that has not begun becomes an empty period.
    held.valid_until = max(on, held.valid_from)
    return True


def _check(account: Account, kind: GrantKind, ref: str, valid_from: date, valid_until: date | None) -> None:
    if kind not in GRANTS_OF[account.role]:
        raise RuleViolation(f"角色“{account.role.label}”不能授予“{kind.label}”范围", field="kind")
    if kind is GrantKind.CITY and ref:
        raise RuleViolation("全市范围不需要填写对象", field="ref")
    if kind in {GrantKind.PARK, GrantKind.UNIT} and not (ref.isascii() and ref.isdigit()):
        raise RuleViolation(f"请选择{kind.label}", field="ref")
    if kind is GrantKind.OFFICE and not ref:
        raise RuleViolation("请选择管辖单位", field="ref")
    if valid_until is None and account.role in NEEDS_END:
        raise RuleViolation(f"角色“{account.role.label}”属于委托，必须填写截止日期", field="valid_until")
    if valid_until is not None and valid_until <= valid_from:
        raise RuleViolation("截止日期必须晚于起始日期", field="valid_until")


def _is_open_already(session: Session, wanted: AccountGrant) -> bool:
    same = select(AccountGrant.id).where(
        AccountGrant.account_id == wanted.account_id,
        AccountGrant.kind == wanted.kind,
        AccountGrant.ref == wanted.ref,
        or_(AccountGrant.valid_until.is_(None), AccountGrant.valid_until > wanted.valid_from),
    )
    if wanted.valid_until is not None:
        same = same.where(AccountGrant.valid_from < wanted.valid_until)
    return session.scalar(same.limit(1)) is not None
