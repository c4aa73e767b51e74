"""Units behind the values of the compliance rate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1210"
down_revision = "20261123_1200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "indicator_unit_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("office_code", sa.String(length=16), nullable=False),
        sa.Column("admin_code", sa.String(length=16), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.String(length=32), nullable=True),
        sa.Column("after_id", sa.Integer(), nullable=True),
        sa.Column("after", sa.String(length=32), nullable=True),
        sa.Column("level", sa.String(length=32), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("reasons", sa.String(length=100), nullable=False),
        sa.Column("is_covered", sa.Boolean(), nullable=False),
        sa.Column("excluded_reason", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["after_id"], ["assessment.id"], name=op.f("fk_indicator_unit_row_after_id")),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_indicator_unit_row_assessment_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_indicator_unit_row_unit_id")),
        sa.ForeignKeyConstraint(
            ["value_id"], ["indicator_value.id"], name=op.f("fk_indicator_unit_row_value_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_unit_row")),
        sa.UniqueConstraint("value_id", "unit_id", name=op.f("uq_indicator_unit_row_value_id_unit_id")),
    )


def downgrade() -> None:
    """Take it away again; the values keep their numbers, and a run of the job brings the rows back."""
    op.drop_table("indicator_unit_row")
