"""What rooms hand to the service: the things that files, and other records, belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hwrisk.security.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A kind of things pointed at by (kind, id) from other rooms (所属对象): who sees one, and where it is shown."""

    kind: str
    label: str
    visible: Callable[[Session, Viewer, str], bool]
    """Tell whether the viewer sees the thing with this id; False for one that does not exist."""
    link: Callable[[Session, str], str | None]
    """Return the path of its page inside the site, or None."""


def is_visible(owners: Iterable[Owner], session: Session, user: Viewer, *, kind: str, object_id: str) -> bool:
    """Tell whether `user` sees the thing (kind, object_id); what no room answers for is seen by nobody."""
    return any(owner.kind == kind and owner.visible(session, user, object_id) for owner in owners)
