"""Table of capacity: runs of the balance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1240"
down_revision = "20261123_1230"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "capacity_run",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("scenario", sa.JSON(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("pack_version", sa.String(length=32), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("demand", sa.BigInteger(), nullable=False),
        sa.Column("treated", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["capacity_run.id"], name=op.f("fk_capacity_run_base_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_capacity_run_public_id")),
    )
    op.create_index(op.f("ix_capacity_run_kind_year_id"), "capacity_run", ["kind", "year", "id"], unique=False)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_capacity_run_kind_year_id"), table_name="capacity_run")
    op.drop_table("capacity_run")
