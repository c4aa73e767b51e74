"""Tables of the key list: yearly figures, versions, entries, reviews; published ones guarded by triggers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1220"
down_revision = "20261123_1210"
branch_labels = None
depends_on = None

SQLITE = (
    r"""CREATE TRIGGER trg_key_list_no_replace BEFORE INSERT ON key_list
    WHEN EXISTS (SELECT 1 FROM key_list AS l WHERE l.state = 'published' AND (l.id = NEW.id OR l.public_id = NEW.public_id OR (l.year = NEW.year AND l.version_no = NEW.version_no)))
    BEGIN SELECT RAISE(ABORT, '已公布的清单不可修改，请办理调整'); END""",
    r"""CREATE TRIGGER trg_key_list_no_update BEFORE UPDATE ON key_list
    WHEN OLD.state = 'published'
    BEGIN SELECT RAISE(ABORT, '已公布的清单不可修改，请办理调整'); END""",
    r"""CREATE TRIGGER trg_key_list_no_delete BEFORE DELETE ON key_list
    WHEN OLD.state = 'published'
    BEGIN SELECT RAISE(ABORT, '已公布的清单不可修改，请办理调整'); END""",
    r"""CREATE TRIGGER trg_key_list_entry_no_insert BEFORE INSERT ON key_list_entry
    WHEN EXISTS (SELECT 1 FROM key_list AS l WHERE l.id = NEW.list_id AND l.state = 'published')
    BEGIN SELECT RAISE(ABORT, '已公布的清单不可修改，请办理调整'); END""",
    r"""CREATE TRIGGER trg_key_list_entry_no_replace BEFORE INSERT ON key_list_entry
    WHEN EXISTS (SELECT 1 FROM key_list_entry AS e JOIN key_list AS l ON l.id = e.list_id WHERE l.state = 'published' AND (e.id = NEW.id OR e.public_id = NEW.public_id))
    BEGIN SELECT RAISE(ABORT, '已公布的清单不可修改，请办理调整'); END""",
    r"""CREATE TRIGGER trg_key_list_entry_no_update BEFORE UPDATE ON key_list_entry
    WHEN EXISTS (SELECT 1 FROM key_list AS l WHERE l.id = OLD.list_id AND l.state = 'published') OR EXISTS (SELECT 1 FROM key_list AS l WHERE l.id = NEW.list_id AND l.state = 'published')
    BEGIN SELECT RAISE(ABORT, '已公布的清单不可修改，请办理调整'); END""",
    r"""CREATE TRIGGER trg_key_list_entry_no_delete BEFORE DELETE ON key_list_entry
    WHEN EXISTS (SELECT 1 FROM key_list AS l WHERE l.id = OLD.list_id AND l.state = 'published')
    BEGIN SELECT RAISE(ABORT, '已公布的清单不可修改，请办理调整'); END""",
    r"""CREATE TRIGGER trg_key_list_review_no_insert BEFORE INSERT ON key_list_review
    WHEN EXISTS (SELECT 1 FROM key_list_entry AS e JOIN key_list AS l ON l.id = e.list_id WHERE e.id = NEW.entry_id AND l.state = 'published')
    BEGIN SELECT RAISE(ABORT, '已公布的清单不可修改，请办理调整'); END""",
    r"""CREATE TRIGGER trg_key_list_review_no_replace BEFORE INSERT ON key_list_review
    WHEN EXISTS (SELECT 1 FROM key_list_review AS r WHERE r.id = NEW.id OR r.public_id = NEW.public_id)
    BEGIN SELECT RAISE(ABORT, '核对记录不可修改或删除'); END""",
    r"""CREATE TRIGGER trg_key_list_review_no_update BEFORE UPDATE ON key_list_review
    WHEN 1
    BEGIN SELECT RAISE(ABORT, '核对记录不可修改或删除'); END""",
    r"""CREATE TRIGGER trg_key_list_review_no_delete BEFORE DELETE ON key_list_review
    WHEN 1
    BEGIN SELECT RAISE(ABORT, '核对记录不可修改或删除'); END""",
)
POSTGRESQL = (
    r"""CREATE OR REPLACE FUNCTION fn_key_list_guard() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF OLD.state = 'published' THEN RAISE EXCEPTION '已公布的清单不可修改，请办理调整'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $body$""",
    r"""CREATE OR REPLACE FUNCTION fn_key_list_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '已公布的清单不可修改，请办理调整'; END $body$""",
    r"""CREATE TRIGGER trg_key_list_no_update BEFORE UPDATE ON key_list
    FOR EACH ROW EXECUTE FUNCTION fn_key_list_guard()""",
    r"""CREATE TRIGGER trg_key_list_no_delete BEFORE DELETE ON key_list
    FOR EACH ROW EXECUTE FUNCTION fn_key_list_guard()""",
    r"""CREATE TRIGGER trg_key_list_no_truncate BEFORE TRUNCATE ON key_list
    FOR EACH STATEMENT EXECUTE FUNCTION fn_key_list_refuse()""",
    r"""CREATE OR REPLACE FUNCTION fn_key_list_entry_guard() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF TG_OP <> 'INSERT' THEN IF EXISTS (SELECT 1 FROM key_list AS l WHERE l.id = OLD.list_id AND l.state = 'published') THEN RAISE EXCEPTION '已公布的清单不可修改，请办理调整'; END IF; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; IF EXISTS (SELECT 1 FROM key_list AS l WHERE l.id = NEW.list_id AND l.state = 'published') THEN RAISE EXCEPTION '已公布的清单不可修改，请办理调整'; END IF; RETURN NEW; END $body$""",
    r"""CREATE TRIGGER trg_key_list_entry_no_insert BEFORE INSERT ON key_list_entry
    FOR EACH ROW EXECUTE FUNCTION fn_key_list_entry_guard()""",
    r"""CREATE TRIGGER trg_key_list_entry_no_update BEFORE UPDATE ON key_list_entry
    FOR EACH ROW EXECUTE FUNCTION fn_key_list_entry_guard()""",
    r"""CREATE TRIGGER trg_key_list_entry_no_delete BEFORE DELETE ON key_list_entry
    FOR EACH ROW EXECUTE FUNCTION fn_key_list_entry_guard()""",
    r"""CREATE TRIGGER trg_key_list_entry_no_truncate BEFORE TRUNCATE ON key_list_entry
    FOR EACH STATEMENT EXECUTE FUNCTION fn_key_list_refuse()""",
    r"""CREATE OR REPLACE FUNCTION fn_key_list_review_guard() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF TG_OP <> 'INSERT' THEN IF EXISTS (SELECT 1 FROM key_list_entry AS e JOIN key_list AS l ON l.id = e.list_id WHERE e.id = OLD.entry_id AND l.state = 'published') THEN RAISE EXCEPTION '已公布的清单不可修改，请办理调整'; END IF; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; IF EXISTS (SELECT 1 FROM key_list_entry AS e JOIN key_list AS l ON l.id = e.list_id WHERE e.id = NEW.entry_id AND l.state = 'published') THEN RAISE EXCEPTION '已公布的清单不可修改，请办理调整'; END IF; RETURN NEW; END $body$""",
    r"""CREATE OR REPLACE FUNCTION fn_key_list_review_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '核对记录不可修改或删除'; END $body$""",
    r"""CREATE TRIGGER trg_key_list_review_no_insert BEFORE INSERT ON key_list_review
    FOR EACH ROW EXECUTE FUNCTION fn_key_list_review_guard()""",
    r"""CREATE TRIGGER trg_key_list_review_no_update BEFORE UPDATE ON key_list_review
    FOR EACH ROW EXECUTE FUNCTION fn_key_list_review_refuse()""",
    r"""CREATE TRIGGER trg_key_list_review_no_delete BEFORE DELETE ON key_list_review
    FOR EACH ROW EXECUTE FUNCTION fn_key_list_review_refuse()""",
    r"""CREATE TRIGGER trg_key_list_review_no_truncate BEFORE TRUNCATE ON key_list_review
    FOR EACH STATEMENT EXECUTE FUNCTION fn_key_list_review_refuse()""",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "key_list",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("pack_version", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("notice_no", sa.String(length=100), nullable=False),
        sa.Column("notice_title", sa.String(length=200), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("listed_count", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "state <> 'published' OR (published_on IS NOT NULL AND effective_on IS NOT NULL AND published_at IS NOT NULL AND notice_no <> '')",
            name=op.f("ck_key_list_published_is_whole"),
        ),
        sa.CheckConstraint("version_no > 0", name=op.f("ck_key_list_version_positive")),
        sa.ForeignKeyConstraint(["based_on_id"], ["key_list.id"], name=op.f("fk_key_list_based_on_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_list")),
        sa.UniqueConstraint("public_id", name=op.f("uq_key_list_public_id")),
        sa.UniqueConstraint("year", "version_no", name=op.f("uq_key_list_year_version_no")),
    )
    op.create_index(op.f("ix_key_list_state_effective_on"), "key_list", ["state", "effective_on"], unique=False)
    op.create_table(
        "annual_generation",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("tonnes", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("tonnes >= 0", name=op.f("ck_annual_generation_tonnes_not_negative")),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_annual_generation_year_plausible")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_annual_generation_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_generation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_annual_generation_public_id")),
    )
    op.create_index(op.f("ix_annual_generation_unit_id_year"), "annual_generation", ["unit_id", "year"], unique=False)
    op.create_table(
        "generation_document",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("approved_tonnes", sa.BigInteger(), nullable=True),
        sa.Column("has_own_treatment", sa.Boolean(), nullable=False),
        sa.Column("is_long_cycle", sa.Boolean(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "approved_tonnes IS NULL OR approved_tonnes >= 0", name=op.f("ck_generation_document_tonnes_not_negative")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_generation_document_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation_document")),
        sa.UniqueConstraint("public_id", name=op.f("uq_generation_document_public_id")),
    )
    op.create_index(
        op.f("ix_generation_document_unit_id_valid_from"),
        "generation_document",
        ["unit_id", "valid_from"],
        unique=False,
    )
    op.create_table(
        "key_list_entry",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("seq_no", sa.Integer(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("change", sa.String(length=32), nullable=False),
        sa.Column("review", sa.String(length=32), nullable=False),
        sa.Column("unit_name", sa.String(length=200), nullable=False),
        sa.Column("identity_no", sa.String(length=32), nullable=False),
        sa.Column("admin_code", sa.String(length=16), nullable=True),
        sa.Column("admin_name", sa.String(length=64), nullable=False),
        sa.Column("office_code", sa.String(length=16), nullable=True),
        sa.Column("office_name", sa.String(length=64), nullable=False),
        sa.Column("industry", sa.String(length=64), nullable=False),
        sa.Column("basis_kind", sa.String(length=32), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("clause", sa.String(length=64), nullable=False),
        sa.Column("tonnes", sa.BigInteger(), nullable=True),
        sa.Column("tonnes_year", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("is_unverified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["key_list.id"], name=op.f("fk_key_list_entry_list_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_key_list_entry_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_list_entry")),
        sa.UniqueConstraint("list_id", "unit_id", name=op.f("uq_key_list_entry_list_id_unit_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_key_list_entry_public_id")),
    )
    op.create_index(
        op.f("ix_key_list_entry_list_id_seq_no_id"), "key_list_entry", ["list_id", "seq_no", "id"], unique=False
    )
    op.create_index(op.f("ix_key_list_entry_unit_id"), "key_list_entry", ["unit_id"], unique=False)
    op.create_table(
        "key_list_review",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("own_tonnes", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["key_list_entry.id"], name=op.f("fk_key_list_review_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_list_review")),
        sa.UniqueConstraint("public_id", name=op.f("uq_key_list_review_public_id")),
    )
    op.create_index(op.f("ix_key_list_review_entry_id_id"), "key_list_review", ["entry_id", "id"], unique=False)
    connection = op.get_bind()
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_key_list_review_entry_id_id"), table_name="key_list_review")
    op.drop_table("key_list_review")
    op.drop_index(op.f("ix_key_list_entry_unit_id"), table_name="key_list_entry")
    op.drop_index(op.f("ix_key_list_entry_list_id_seq_no_id"), table_name="key_list_entry")
    op.drop_table("key_list_entry")
    op.drop_index(op.f("ix_generation_document_unit_id_valid_from"), table_name="generation_document")
    op.drop_table("generation_document")
    op.drop_index(op.f("ix_annual_generation_unit_id_year"), table_name="annual_generation")
    op.drop_table("annual_generation")
    op.drop_index(op.f("ix_key_list_state_effective_on"), table_name="key_list")
    op.drop_table("key_list")
    if op.get_bind().dialect.name == "postgresql":
        for name in (
            "fn_key_list_entry_guard",
            "fn_key_list_guard",
            "fn_key_list_refuse",
            "fn_key_list_review_guard",
            "fn_key_list_review_refuse",
        ):
            op.execute(f"DROP FUNCTION IF EXISTS {name}()")
