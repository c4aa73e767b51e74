"""What another connection does while somebody has read a row already."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session


def behind_the_back(session: Session, row: Any, **values: Any) -> None:
    """Change a row so that what was read of it before is stale."""
    model = type(row)
    session.execute(
        update(model).where(model.id == row.id).values(**values).execution_options(synchronize_session=False)
    )
