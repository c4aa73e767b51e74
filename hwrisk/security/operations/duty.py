"""Duty posts: set up, manned by the roster, and acts confirmed by a person's PIN."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import local
from hwrisk.db.locks import try_at_once
from hwrisk.db.session import Database
from hwrisk.errors import RuleViolation
from hwrisk.security.actions import POST, Action
from hwrisk.security.hashing import matches
from hwrisk.security.models import Account, DutyPost, DutyRoster, LoginAttempt
from hwrisk.security.operations.attempts import Attempt, note, refuse_hurry, row_of
from hwrisk.security.permissions import HOLDERS, Permission, permissions_of
from hwrisk.security.policy import signin_rules
from hwrisk.security.queries import on_duty
from hwrisk.security.roles import AttemptKind, AttemptOutcome, Role, RosterPart
from hwrisk.security.rules import check_shift, fingerprint
from hwrisk.security.viewer import Viewer


def create_post(session: Session, *, name: str, account: Account, actor: Viewer) -> DutyPost:
    """Return a new duty post whose device signs in with `account`.

    Raises:
        RuleViolation: no name, the name or the account is in use, or the account is not of the role 值班岗.
    """
    title = name.strip()
    if not title:
        raise RuleViolation("请填写值班岗名称", field="name")
    if account.role is not Role.DUTY:
        raise RuleViolation(f"值班岗须使用“{Role.DUTY.label}”角色的账号", field="account")
    taken = select(DutyPost.id).where((DutyPost.name == title) | (DutyPost.account_id == account.id))
    if session.scalar(taken.limit(1)) is not None:
        raise RuleViolation("该名称或账号已用于其他值班岗", field="name")
    post = DutyPost(name=title, account_id=account.id)
    session.add(post)
    session.flush()
    audit.record(session, actor, Action.POST_CREATE, POST, post.id, summary={"name": title})
    return post


def put_on_roster(
    session: Session,
    post: DutyPost,
    person: Account,
    *,
    starts_at: datetime,
    ends_at: datetime,
    actor: Viewer,
    part: RosterPart = RosterPart.OFFICER,
) -> DutyRoster:
    """Put a person on at a post during [starts_at, ends_at).

    Raises:
        RuleViolation: the period is empty, the person is disabled or no person but a post, or already on then.
    """
    if ends_at <= starts_at:
        raise RuleViolation("下班时间必须晚于上班时间", field="ends_at")
    if not person.is_active or person.role is Role.DUTY:
        raise RuleViolation("请选择在用的个人账号", field="person")
    clash = select(DutyRoster.id).where(
        DutyRoster.post_id == post.id,
        DutyRoster.account_id == person.id,
        DutyRoster.part == part,
        DutyRoster.cancelled_at.is_(None),
        DutyRoster.starts_at < ends_at,
        DutyRoster.ends_at > starts_at,
    )
    if session.scalar(clash.limit(1)) is not None:
        raise RuleViolation(
            f"{person.display_name}在 {local(starts_at):%m月%d日 %H:%M} 至 {local(ends_at):%m月%d日 %H:%M} 之间已排班，"
            "请改时间、换人，或先取消原来的班",
            field="starts_at",
        )
    shift = DutyRoster(post_id=post.id, account_id=person.id, part=part, starts_at=starts_at, ends_at=ends_at)
    session.add(shift)
    session.flush()
    summary = {"person": person.label, "part": part, "from": starts_at, "until": ends_at}
    audit.record(session, actor, Action.ROSTER, POST, post.id, summary=summary)
    return shift


def enter_shifts(
    session: Session,
    post: DutyPost,
    person: Account,
    *,
    starts_at: datetime,
    ends_at: datetime,
    times: int = 1,
    every_days: int = 1,
    at: datetime,
    actor: Viewer,
) -> list[DutyRoster]:
    """Put a person on at a post `times` times, each shift `every_days` days after the one before; all or none.

    Raises:
        RuleViolation: a shift is reversed, past or taken, the person may not stand at a post, or the post is closed.
    """
    # Two who enter the same shift at once are told apart by the lock of the post.
    session.refresh(post, with_for_update=True)
    if not post.is_active:
        raise RuleViolation(f"值班岗“{post.name}”已停用，不能排班")
    if not person.is_active or person.role not in HOLDERS[Permission.DUTY_STAND]:
        raise RuleViolation("请选择在用的个人账号，只有固废科和应急指挥的人员可以当班", field="person")
    made = []
    for number in range(times):
        later = timedelta(days=number * every_days)
        check_shift(starts_at + later, ends_at + later, at=at)
        made.append(
            put_on_roster(session, post, person, starts_at=starts_at + later, ends_at=ends_at + later, actor=actor)
        )
    return made


def withdraw_shift(session: Session, shift: DutyRoster, *, at: datetime, actor: Viewer) -> None:
    """Cancel a shift that has not begun; the row stays.

    Raises:
        RuleViolation: it has begun or is over: who was on is not rewritten.
    """
    if shift.cancelled_at is None and shift.starts_at <= at:
        raise RuleViolation("这个班已经开始，不能取消；要换人，请从现在起另排一班")
    cancel_shift(session, shift, at=at, actor=actor)


def cancel_shift(session: Session, shift: DutyRoster, *, at: datetime, actor: Viewer) -> None:
    """Take a shift off the roster from the instant `at` on; the row stays."""
    if shift.cancelled_at is not None:
        return
    shift.cancelled_at = at
    session.flush()
    audit.record(session, actor, Action.ROSTER_CANCEL, POST, shift.post_id, summary={"shift": shift.id})


def confirm_pin(database: Database, post_id: int, person_id: int, pin: str, *, address: str, at: datetime) -> Viewer:
    """Return the person as the one who acts at a duty post: the post's sight and permissions, the person's name.

    A wrong PIN slows the address and never locks the post. A right one needs no writing, so that it is accepted also
    while the database cannot be written.

    Raises:
        RuleViolation: wrong PIN, the person is not on, has no PIN, or the address must wait.
    """
    with database.session() as session:
        refuse_hurry(session, address, AttemptKind.PIN, at=at, rules=signin_rules())
        post = session.get(DutyPost, post_id)
        person = _person_on(session, post, person_id, at)
        viewer = _at_post(person, post)
        stored = person.pin_hash
    if stored is None:
        raise RuleViolation("您尚未设置值班口令，请用本人账号登录，在右上角姓名菜单的“值班口令”中设置", field="pin")
    attempt = Attempt(
        kind=AttemptKind.PIN,
        name_hash=fingerprint(f"post:{post_id}"),
        account_id=person_id,
        stored=stored,
        is_right=matches(stored, pin),
        address=address,
        at=at,
    )
    if attempt.is_right:
        try_at_once(database, insert(LoginAttempt).values(row_of(AttemptOutcome.OK, attempt)))
        return viewer
    with database.unit_of_work() as session:
        note(session, AttemptOutcome.WRONG, attempt)
    raise RuleViolation("值班口令不正确", field="pin")


def _person_on(session: Session, post: DutyPost | None, person_id: int, at: datetime) -> Account:
    if post is not None and post.is_active:
        for shift in on_duty(session, post, at):
            if shift.account_id == person_id:
                return shift.account
    raise RuleViolation("该人员当前不在本岗值班表上", field="person")


def _at_post(person: Account, post: DutyPost | None) -> Viewer:
    place = f"（{post.name}）" if post else ""
    return Viewer(
        account_id=person.id,
        label=f"{person.label}{place}",
        role=Role.DUTY,
        is_city_wide=True,
        permissions=permissions_of(Role.DUTY),
    )
