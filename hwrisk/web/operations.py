"""Writes of drafts, forms that took effect, and saved filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hwrisk.errors import RuleViolation
from hwrisk.security.rules import fingerprint
from hwrisk.security.viewer import Viewer
from hwrisk.web import queries
from hwrisk.web.models import DRAFTS_KEPT, SENT_KEPT, Draft, SavedFilter, SentForm

MAX_DRAFT_FIELDS = 1000
MAX_DRAFT_LENGTH = 200_000
MAX_FORM_KEY = 120
MAX_FILTER_NAME = 40
MAX_SAVED_FILTERS = 20
MAX_SAVED_LENGTH = 4000


def keep_draft(session: Session, *, user: Viewer, form_key: str, data: Mapping[str, list[str]], at: datetime) -> Draft:
    """Keep what a person has typed into a form so far, in place of what was kept before.

    Raises:
        RuleViolation: the form's key or its content is too long to be kept.
    """
    length = sum(len(name) + sum(map(len, values)) for name, values in data.items())
    if not 0 < len(form_key) <= MAX_FORM_KEY or len(data) > MAX_DRAFT_FIELDS or length > MAX_DRAFT_LENGTH:
        raise RuleViolation("内容太长，不能存为草稿，请尽快提交")
    kept = queries.draft(session, user=user, form_key=form_key)
    if kept is None:
        kept = Draft(account_id=user.account_id, form_key=form_key)
        session.add(kept)
    kept.data = {name: list(values) for name, values in data.items()}
    kept.updated_at = at
    session.flush()
    return kept


def drop_draft(session: Session, *, user: Viewer, form_key: str) -> None:
    """Forget a draft: it was sent, or its person does not want it any more."""
    session.execute(delete(Draft).where(Draft.account_id == user.account_id, Draft.form_key == form_key))


def drop_old_drafts(session: Session, *, at: datetime) -> int:
    """Forget drafts nobody has touched for `DRAFTS_KEPT`; return how many (a step of the housekeeping job)."""
    dropped = session.scalars(delete(Draft).where(Draft.updated_at < at - DRAFTS_KEPT).returning(Draft.id)).all()
    return len(dropped)


def note_sent(session: Session, *, user: Viewer, number: str, at: datetime) -> None:
    """Note, in the transaction of its effect, that the form with this number took effect.

    Raises:
        RuleViolation: it did so before.
    """
    mark = fingerprint(f"{user.account_id}:{number}")
    try:
        # The key decides between two that arrive at once: the second waits for the first and then finds its row.
        with session.begin_nested():
            session.add(SentForm(mark=mark, sent_at=at))
    except IntegrityError:
        raise RuleViolation(
            "这张表单刚才已经提交成功，没有重复登记；请先到列表中核对，确实要再登记一次的，请再点一次保存"
        ) from None


def drop_old_sent(session: Session, *, at: datetime) -> int:
    """Forget forms that took effect longer ago than `SENT_KEPT`; return how many (a step of the housekeeping job)."""
    dropped = session.scalars(delete(SentForm).where(SentForm.sent_at < at - SENT_KEPT).returning(SentForm.mark)).all()
    return len(dropped)


def save_filter(session: Session, *, user: Viewer, endpoint: str, name: str, args: Mapping[str, str]) -> SavedFilter:
    """Keep the conditions of a list under a name; the same name replaces what was there.

    Raises:
        RuleViolation: no name, no condition, or too many kept already.
    """
    name = name.strip()
    if not name or len(name) > MAX_FILTER_NAME:
        raise RuleViolation(f"请给筛选条件起个名字，不超过 {MAX_FILTER_NAME} 个字", field="name")
    if not args or sum(len(k) + len(v) for k, v in args.items()) > MAX_SAVED_LENGTH:
        raise RuleViolation("请先选好筛选条件再保存；粘贴的长名单不能保存", field="name")
    mine = (SavedFilter.account_id == user.account_id, SavedFilter.endpoint == endpoint)
    kept = session.scalar(select(SavedFilter).where(*mine, SavedFilter.name == name))
    if kept is None:
        if (session.scalar(select(func.count()).where(*mine)) or 0) >= MAX_SAVED_FILTERS:
            raise RuleViolation(f"每个列表最多保存 {MAX_SAVED_FILTERS} 个筛选条件，请先删去不用的", field="name")
        kept = SavedFilter(account_id=user.account_id, endpoint=endpoint, name=name)
        session.add(kept)
    kept.args = dict(args)
    session.flush()
    return kept


def drop_filter(session: Session, saved: SavedFilter) -> None:
    """Forget saved conditions."""
    session.delete(saved)
    session.flush()
