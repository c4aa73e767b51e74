"""Forms that took effect: the same page sent again does not do so twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1300"
down_revision = "20261123_1290"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sent_form",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sent_form")),
    )
    op.create_index(op.f("ix_sent_form_sent_at"), "sent_form", ["sent_at"], unique=False)


def downgrade() -> None:
    """Take the table away."""
    op.drop_index(op.f("ix_sent_form_sent_at"), table_name="sent_form")
    op.drop_table("sent_form")
