"""Tables of indicators."""

from __future__ import annotations

revision = "20261123_1210"
down_revision = "20261123_1200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Take them away again."""
