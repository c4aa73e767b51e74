"""Tables of emergency."""

from __future__ import annotations

revision = "20261123_1260"
down_revision = "20261123_1250"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Take them away again."""
