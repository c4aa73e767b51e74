"""Tables of containment."""

from __future__ import annotations

revision = "20261123_1250"
down_revision = "20261123_1240"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Take them away again."""
