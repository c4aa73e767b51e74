"""Tables of containment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1250"
down_revision = "20261123_1240"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "containment_kind",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("nature", sa.String(length=32), nullable=False),
        sa.Column("is_outward", sa.Boolean(), nullable=False),
        sa.Column("is_v3", sa.Boolean(), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_containment_kind")),
    )
    op.create_table(
        "containment_checklist_mark",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_containment_checklist_mark_park_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_checklist_mark")),
        sa.UniqueConstraint("public_id", name=op.f("uq_containment_checklist_mark_public_id")),
    )
    op.create_index(
        op.f("ix_containment_checklist_mark_park_id_item_key_valid_from"),
        "containment_checklist_mark",
        ["park_id", "item_key", "valid_from"],
        unique=False,
    )
    op.create_table(
        "containment_facility",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facility_no", sa.String(length=32), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_containment_facility_park_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_containment_facility_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_facility")),
        sa.UniqueConstraint("park_id", "facility_no", name=op.f("uq_containment_facility_park_id_facility_no")),
        sa.UniqueConstraint("public_id", name=op.f("uq_containment_facility_public_id")),
    )
    op.create_index(op.f("ix_containment_facility_unit_id"), "containment_facility", ["unit_id"], unique=False)
    op.create_table(
        "containment_volume_check",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("pack_version", sa.String(length=32), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("network", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("required", sa.BigInteger(), nullable=False),
        sa.Column("gap", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_containment_volume_check_park_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_containment_volume_check_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_volume_check")),
        sa.UniqueConstraint("public_id", name=op.f("uq_containment_volume_check_public_id")),
    )
    op.create_index(
        op.f("ix_containment_volume_check_park_id_as_of"),
        "containment_volume_check",
        ["park_id", "as_of"],
        unique=False,
    )
    op.create_index(op.f("ix_containment_volume_check_unit_id"), "containment_volume_check", ["unit_id"], unique=False)
    op.create_table(
        "containment_connection",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_no", sa.String(length=32), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_containment_connection_two_ends")),
        sa.ForeignKeyConstraint(
            ["from_id"], ["containment_facility.id"], name=op.f("fk_containment_connection_from_id")
        ),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_containment_connection_park_id")),
        sa.ForeignKeyConstraint(["to_id"], ["containment_facility.id"], name=op.f("fk_containment_connection_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_connection")),
        sa.UniqueConstraint("park_id", "connection_no", name=op.f("uq_containment_connection_park_id_connection_no")),
        sa.UniqueConstraint("public_id", name=op.f("uq_containment_connection_public_id")),
    )
    op.create_index(op.f("ix_containment_connection_from_id"), "containment_connection", ["from_id"], unique=False)
    op.create_index(op.f("ix_containment_connection_to_id"), "containment_connection", ["to_id"], unique=False)
    op.create_table(
        "containment_facility_version",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind_code", sa.String(length=24), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("effective_volume", sa.BigInteger(), nullable=True),
        sa.Column("control_mode", sa.String(length=40), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("operator_name", sa.String(length=200), nullable=False),
        sa.Column("ordering_post", sa.String(length=100), nullable=False),
        sa.Column("acting_post", sa.String(length=100), nullable=False),
        sa.Column("duty_phone", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=8, scale=6, asdecimal=False), nullable=True),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "effective_volume IS NULL OR effective_volume > 0",
            name=op.f("ck_containment_facility_version_volume_positive"),
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from < valid_until", name=op.f("ck_containment_facility_version_period")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["containment_facility.id"], name=op.f("fk_containment_facility_version_facility_id")
        ),
        sa.ForeignKeyConstraint(
            ["kind_code"], ["containment_kind.code"], name=op.f("fk_containment_facility_version_kind_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_facility_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_containment_facility_version_public_id")),
    )
    op.create_index(
        op.f("ix_containment_facility_version_facility_id_valid_from"),
        "containment_facility_version",
        ["facility_id", "valid_from"],
        unique=False,
    )
    op.create_table(
        "containment_filing",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("facility_id", sa.Integer(), nullable=True),
        sa.Column("base_version_id", sa.Integer(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("filed_by_id", sa.Integer(), nullable=True),
        sa.Column("filed_by", sa.String(length=120), nullable=False),
        sa.Column("filed_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["containment_facility.id"], name=op.f("fk_containment_filing_facility_id")
        ),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_containment_filing_park_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_containment_filing_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_filing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_containment_filing_public_id")),
    )
    op.create_index(op.f("ix_containment_filing_facility_id"), "containment_filing", ["facility_id"], unique=False)
    op.create_index(
        op.f("ix_containment_filing_park_id_state"), "containment_filing", ["park_id", "state"], unique=False
    )
    op.create_index(op.f("ix_containment_filing_unit_id"), "containment_filing", ["unit_id"], unique=False)
    op.create_table(
        "containment_reading",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("occupied", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=120), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("(occupied IS NULL) <> (state IS NULL)", name=op.f("ck_containment_reading_one_of_two")),
        sa.CheckConstraint(
            "occupied IS NULL OR occupied >= 0", name=op.f("ck_containment_reading_occupied_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["containment_facility.id"], name=op.f("fk_containment_reading_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_reading")),
        sa.UniqueConstraint("public_id", name=op.f("uq_containment_reading_public_id")),
    )
    op.create_index(
        op.f("ix_containment_reading_facility_id_confirmed_at"),
        "containment_reading",
        ["facility_id", "confirmed_at"],
        unique=False,
    )
    op.create_table(
        "containment_test",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["containment_facility.id"], name=op.f("fk_containment_test_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_test")),
        sa.UniqueConstraint("public_id", name=op.f("uq_containment_test_public_id")),
    )
    op.create_index(
        op.f("ix_containment_test_facility_id_kind_done_on"),
        "containment_test",
        ["facility_id", "kind", "done_on"],
        unique=False,
    )
    op.create_table(
        "containment_connection_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(length=32), nullable=False),
        sa.Column("flow", sa.BigInteger(), nullable=False),
        sa.Column("through_id", sa.Integer(), nullable=True),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("flow > 0", name=op.f("ck_containment_connection_version_flow_positive")),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["containment_connection.id"],
            name=op.f("fk_containment_connection_version_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["through_id"], ["containment_facility.id"], name=op.f("fk_containment_connection_version_through_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_connection_version")),
    )
    op.create_index(
        op.f("ix_containment_connection_version_connection_id_valid_from"),
        "containment_connection_version",
        ["connection_id", "valid_from"],
        unique=False,
    )
    op.create_table(
        "containment_filing_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["containment_filing.id"], name=op.f("fk_containment_filing_step_filing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_containment_filing_step")),
    )
    op.create_index(
        op.f("ix_containment_filing_step_filing_id"), "containment_filing_step", ["filing_id"], unique=False
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_containment_filing_step_filing_id"), table_name="containment_filing_step")
    op.drop_table("containment_filing_step")
    op.drop_index(
        op.f("ix_containment_connection_version_connection_id_valid_from"), table_name="containment_connection_version"
    )
    op.drop_table("containment_connection_version")
    op.drop_index(op.f("ix_containment_test_facility_id_kind_done_on"), table_name="containment_test")
    op.drop_table("containment_test")
    op.drop_index(op.f("ix_containment_reading_facility_id_confirmed_at"), table_name="containment_reading")
    op.drop_table("containment_reading")
    op.drop_index(op.f("ix_containment_filing_unit_id"), table_name="containment_filing")
    op.drop_index(op.f("ix_containment_filing_park_id_state"), table_name="containment_filing")
    op.drop_index(op.f("ix_containment_filing_facility_id"), table_name="containment_filing")
    op.drop_table("containment_filing")
    op.drop_index(
        op.f("ix_containment_facility_version_facility_id_valid_from"), table_name="containment_facility_version"
    )
    op.drop_table("containment_facility_version")
    op.drop_index(op.f("ix_containment_connection_to_id"), table_name="containment_connection")
    op.drop_index(op.f("ix_containment_connection_from_id"), table_name="containment_connection")
    op.drop_table("containment_connection")
    op.drop_index(op.f("ix_containment_volume_check_unit_id"), table_name="containment_volume_check")
    op.drop_index(op.f("ix_containment_volume_check_park_id_as_of"), table_name="containment_volume_check")
    op.drop_table("containment_volume_check")
    op.drop_index(op.f("ix_containment_facility_unit_id"), table_name="containment_facility")
    op.drop_table("containment_facility")
    op.drop_index(
        op.f("ix_containment_checklist_mark_park_id_item_key_valid_from"), table_name="containment_checklist_mark"
    )
    op.drop_table("containment_checklist_mark")
    op.drop_table("containment_kind")
