"""Indexes that lists and head figures of a large city need: they answer from the index alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1290"
down_revision = "20261123_1280"
branch_labels = None
depends_on = None

IS_GENERATED = sa.text("kind = 'generated'")
IS_RECHECK = sa.text("recheck_of_id IS NOT NULL")


def upgrade() -> None:
    """Widen two indexes of the ledger, add one of what was generated, and leave the NULLs out of the one of re-checks."""
    op.drop_index(op.f("ix_ledger_entry_unit_id_occurred_on_id"), table_name="ledger_entry")
    op.create_index(
        "ix_ledger_entry_sums",
        "ledger_entry",
        ["unit_id", "occurred_on", "id", "kind", "quantity", "stock_delta", "cancels_id", "adjusts_id"],
    )
    op.drop_index(op.f("ix_ledger_entry_predecessor_id"), table_name="ledger_entry")
    op.create_index("ix_ledger_entry_followers", "ledger_entry", ["predecessor_id", "kind", "occurred_on", "quantity"])
    op.create_index(
        "ix_ledger_entry_generated",
        "ledger_entry",
        ["occurred_on", "id", "unit_id", "quantity", "kind"],
        sqlite_where=IS_GENERATED,
        postgresql_where=IS_GENERATED,
    )
    op.drop_index(op.f("ix_assessment_recheck_of_id"), table_name="assessment")
    op.create_index(
        op.f("ix_assessment_recheck_of_id"),
        "assessment",
        ["recheck_of_id"],
        sqlite_where=IS_RECHECK,
        postgresql_where=IS_RECHECK,
    )


def downgrade() -> None:
    """Put the former indexes back."""
    op.drop_index(op.f("ix_assessment_recheck_of_id"), table_name="assessment")
    op.create_index(op.f("ix_assessment_recheck_of_id"), "assessment", ["recheck_of_id"])
    op.drop_index("ix_ledger_entry_generated", table_name="ledger_entry")
    op.drop_index("ix_ledger_entry_followers", table_name="ledger_entry")
    op.create_index(op.f("ix_ledger_entry_predecessor_id"), "ledger_entry", ["predecessor_id"])
    op.drop_index("ix_ledger_entry_sums", table_name="ledger_entry")
    op.create_index(op.f("ix_ledger_entry_unit_id_occurred_on_id"), "ledger_entry", ["unit_id", "occurred_on", "id"])
