"""Tables of permits: licences, their terms and lines, operating quantities, disposal projects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1230"
down_revision = "20261123_1220"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "disposal_project",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("fact_refs", sa.String(length=200), nullable=False),
        sa.Column("unit_key", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal_project")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disposal_project_public_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_disposal_project_ref")),
    )
    op.create_table(
        "disposal_project_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("method_code", sa.String(length=8), nullable=True),
        sa.Column("method_text", sa.String(length=100), nullable=False),
        sa.Column("categories", sa.String(length=200), nullable=False),
        sa.Column("office_code", sa.String(length=16), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "capacity IS NULL OR capacity > 0", name=op.f("ck_disposal_project_version_capacity_positive")
        ),
        sa.ForeignKeyConstraint(
            ["method_code"], ["treatment_method.code"], name=op.f("fk_disposal_project_version_method_code")
        ),
        sa.ForeignKeyConstraint(["office_code"], ["region.code"], name=op.f("fk_disposal_project_version_office_code")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["disposal_project.id"], name=op.f("fk_disposal_project_version_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal_project_version")),
    )
    op.create_index(
        op.f("ix_disposal_project_version_project_id_valid_from"),
        "disposal_project_version",
        ["project_id", "valid_from"],
        unique=False,
    )
    op.create_table(
        "licence",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_no", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("holder_name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("office_code", sa.String(length=16), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=8, scale=6, asdecimal=False), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("unit_id IS NOT NULL OR holder_name <> ''", name=op.f("ck_licence_holder_known")),
        sa.ForeignKeyConstraint(["office_code"], ["region.code"], name=op.f("fk_licence_office_code")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_licence_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
        sa.UniqueConstraint("licence_no", name=op.f("uq_licence_licence_no")),
        sa.UniqueConstraint("public_id", name=op.f("uq_licence_public_id")),
    )
    op.create_index(op.f("ix_licence_holder_name"), "licence", ["holder_name"], unique=False)
    op.create_index(op.f("ix_licence_unit_id"), "licence", ["unit_id"], unique=False)
    op.create_table(
        "licence_renewal",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["licence_id"], ["licence.id"], name=op.f("fk_licence_renewal_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_renewal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_licence_renewal_public_id")),
    )
    op.create_index(
        op.f("ix_licence_renewal_licence_id_expires_on"), "licence_renewal", ["licence_id", "expires_on"], unique=False
    )
    op.create_table(
        "licence_term",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("authority", sa.String(length=100), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("annual_cap", sa.BigInteger(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revocation", sa.String(length=200), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("annual_cap IS NULL OR annual_cap > 0", name=op.f("ck_licence_term_cap_positive")),
        sa.CheckConstraint("valid_until IS NOT NULL AND valid_from < valid_until", name=op.f("ck_licence_term_period")),
        sa.ForeignKeyConstraint(["licence_id"], ["licence.id"], name=op.f("fk_licence_term_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_term")),
        sa.UniqueConstraint("public_id", name=op.f("uq_licence_term_public_id")),
    )
    op.create_index(
        op.f("ix_licence_term_licence_id_valid_from"), "licence_term", ["licence_id", "valid_from"], unique=False
    )
    op.create_index(
        op.f("ix_licence_term_superseded_at_valid_until"),
        "licence_term",
        ["superseded_at", "valid_until"],
        unique=False,
    )
    op.create_table(
        "operating_quantity",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("line_no", sa.String(length=16), nullable=False),
        sa.Column("waste_code", sa.String(length=10), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("treated", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.Column("current_mark", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("received >= 0", name=op.f("ck_operating_quantity_received_not_negative")),
        sa.CheckConstraint("treated >= 0", name=op.f("ck_operating_quantity_treated_not_negative")),
        sa.ForeignKeyConstraint(["licence_id"], ["licence.id"], name=op.f("fk_operating_quantity_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operating_quantity")),
        sa.UniqueConstraint("public_id", name=op.f("uq_operating_quantity_public_id")),
    )
    op.create_index(
        op.f("ix_operating_quantity_licence_id_month"), "operating_quantity", ["licence_id", "month"], unique=False
    )
    op.create_index(
        "uq_operating_quantity_current",
        "operating_quantity",
        ["licence_id", "line_no", "waste_code", "month", "current_mark"],
        unique=True,
    )
    op.create_table(
        "licence_line",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("line_no", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_licence_line_quantity_positive")),
        sa.ForeignKeyConstraint(["term_id"], ["licence_term.id"], name=op.f("fk_licence_line_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_line")),
        sa.UniqueConstraint("public_id", name=op.f("uq_licence_line_public_id")),
        sa.UniqueConstraint("term_id", "line_no", name=op.f("uq_licence_line_term_id_line_no")),
    )
    op.create_table(
        "licence_line_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("waste_code", sa.String(length=10), nullable=False),
        sa.CheckConstraint("(mode = 'category') = (waste_code = '')", name=op.f("ck_licence_line_grant_code_named")),
        sa.ForeignKeyConstraint(["line_id"], ["licence_line.id"], name=op.f("fk_licence_line_grant_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_line_grant")),
        sa.UniqueConstraint(
            "line_id",
            "mode",
            "category",
            "waste_code",
            name=op.f("uq_licence_line_grant_line_id_mode_category_waste_code"),
        ),
    )
    op.create_index(op.f("ix_licence_line_grant_line_id"), "licence_line_grant", ["line_id"], unique=False)
    op.create_table(
        "licence_line_method",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("method_code", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["licence_line.id"], name=op.f("fk_licence_line_method_line_id")),
        sa.ForeignKeyConstraint(
            ["method_code"], ["treatment_method.code"], name=op.f("fk_licence_line_method_method_code")
        ),
        sa.PrimaryKeyConstraint("line_id", "method_code", name=op.f("pk_licence_line_method")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("licence_line_method")
    op.drop_index(op.f("ix_licence_line_grant_line_id"), table_name="licence_line_grant")
    op.drop_table("licence_line_grant")
    op.drop_table("licence_line")
    op.drop_index("uq_operating_quantity_current", table_name="operating_quantity")
    op.drop_index(op.f("ix_operating_quantity_licence_id_month"), table_name="operating_quantity")
    op.drop_table("operating_quantity")
    op.drop_index(op.f("ix_licence_term_superseded_at_valid_until"), table_name="licence_term")
    op.drop_index(op.f("ix_licence_term_licence_id_valid_from"), table_name="licence_term")
    op.drop_table("licence_term")
    op.drop_index(op.f("ix_licence_renewal_licence_id_expires_on"), table_name="licence_renewal")
    op.drop_table("licence_renewal")
    op.drop_index(op.f("ix_licence_unit_id"), table_name="licence")
    op.drop_index(op.f("ix_licence_holder_name"), table_name="licence")
    op.drop_table("licence")
    op.drop_index(op.f("ix_disposal_project_version_project_id_valid_from"), table_name="disposal_project_version")
    op.drop_table("disposal_project_version")
    op.drop_table("disposal_project")
