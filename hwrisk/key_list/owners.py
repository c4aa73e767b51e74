"""Who sees what belongs to the key list, for services and rooms that point at it by kind and id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.clock import today
from hwrisk.key_list.models import KeyList, KeyListEntry
from hwrisk.key_list.queries.lists import visible_state
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.units.scope import visible_unit_ids
from hwrisk.web.paging import whole_number


def _list_visible(session: Session, user: Viewer, object_id: str) -> bool:
    statement = select(KeyList.id).where(KeyList.id == whole_number(object_id), visible_state(user))
    return user.may(Permission.KEY_LIST_READ) and session.scalar(statement) is not None


def _list_link(session: Session, object_id: str) -> str | None:
    found = session.scalar(select(KeyList.public_id).where(KeyList.id == whole_number(object_id)))
    return None if found is None else f"/key-list/{found}"


def _entry_visible(session: Session, user: Viewer, object_id: str) -> bool:
    statement = (
        select(KeyListEntry.id)
        .join(KeyList, KeyList.id == KeyListEntry.list_id)
        .where(
            KeyListEntry.id == whole_number(object_id),
            KeyListEntry.unit_id.in_(visible_unit_ids(user, as_of=today())),
            visible_state(user),
        )
    )
    return session.scalar(statement) is not None


def _entry_link(session: Session, object_id: str) -> str | None:
    found = session.scalar(select(KeyListEntry.public_id).where(KeyListEntry.id == whole_number(object_id)))
    return None if found is None else f"/key-list/entries/{found}"


OWNERS = (
    Owner(kind="key_list", label="重点监管单位清单", visible=_list_visible, link=_list_link),
    Owner(kind="key_list_entry", label="清单条目", visible=_entry_visible, link=_entry_link),
)
