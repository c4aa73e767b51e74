"""Table of the outlines that maps are drawn with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1280"
down_revision = "20261123_1260"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "region_outline",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("uploader", sa.String(length=100), nullable=False),
        sa.Column("codes", sa.String(length=1000), nullable=False),
        sa.Column("positions", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_outline")),
        sa.UniqueConstraint("public_id", name=op.f("uq_region_outline_public_id")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("region_outline")
