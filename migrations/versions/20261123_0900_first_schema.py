"""First schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_0900"
down_revision = None
branch_labels = None
depends_on = None

# What the engines guard themselves, and the full-text index: the same text as beside the models, which `db check`
# compares.
SQLITE = (
    r"""CREATE TRIGGER trg_audit_entry_no_update BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, '审计记录不可修改'); END""",
    r"""CREATE TRIGGER trg_audit_entry_no_delete BEFORE DELETE ON audit_entry
    BEGIN SELECT RAISE(ABORT, '审计记录不可删除'); END""",
    r"""CREATE TRIGGER trg_audit_entry_no_replace BEFORE INSERT ON audit_entry
    WHEN NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM audit_entry)
    OR EXISTS (SELECT 1 FROM audit_entry WHERE previous_hash = NEW.previous_hash OR entry_hash = NEW.entry_hash)
    BEGIN SELECT RAISE(ABORT, '审计记录只能接在最后'); END""",
    r"""CREATE VIRTUAL TABLE search_entry_fts USING fts5(tokens, content='search_entry', content_rowid='id', tokenize='ascii')""",
    r"""CREATE TRIGGER trg_search_entry_fts_insert AFTER INSERT ON search_entry BEGIN INSERT INTO search_entry_fts(rowid, tokens) VALUES (new.id, new.tokens); END""",
    r"""CREATE TRIGGER trg_search_entry_fts_delete AFTER DELETE ON search_entry BEGIN INSERT INTO search_entry_fts(search_entry_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens); END""",
    r"""CREATE TRIGGER trg_search_entry_fts_update AFTER UPDATE OF tokens ON search_entry BEGIN INSERT INTO search_entry_fts(search_entry_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens); INSERT INTO search_entry_fts(rowid, tokens) VALUES (new.id, new.tokens); END""",
    r"""CREATE TRIGGER trg_ledger_entry_no_update BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, '台账记录不可修改，请撤销或调整'); END""",
    r"""CREATE TRIGGER trg_ledger_entry_no_delete BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, '台账记录不可删除，请撤销'); END""",
    r"""CREATE TRIGGER trg_ledger_entry_stock AFTER INSERT ON ledger_entry WHEN NEW.stock_delta < 0 AND EXISTS (
      SELECT 1 FROM ledger_entry AS e
      WHERE e.batch_id = NEW.batch_id AND e.facility_id = NEW.facility_id AND e.occurred_on >= NEW.occurred_on
        AND (SELECT SUM(x.stock_delta) FROM ledger_entry AS x
             WHERE x.batch_id = NEW.batch_id AND x.facility_id = NEW.facility_id
               AND x.occurred_on <= e.occurred_on) < 0)
    BEGIN SELECT RAISE(ABORT, '库存不得为负'); END""",
    r"""CREATE TRIGGER trg_ledger_entry_national_no BEFORE INSERT ON ledger_entry
    WHEN NEW.national_no IS NOT NULL AND EXISTS (
      SELECT 1 FROM ledger_entry AS e
      WHERE e.national_no = NEW.national_no AND e.unit_id <> NEW.unit_id
        AND NOT EXISTS (SELECT 1 FROM ledger_entry AS c WHERE c.cancels_id = e.id))
    BEGIN SELECT RAISE(ABORT, '国家联单编号已被其他单位的记录使用'); END""",
)

POSTGRESQL = (
    r"""CREATE OR REPLACE FUNCTION fn_audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '审计记录不可修改或删除'; END $body$""",
    r"""CREATE TRIGGER trg_audit_entry_no_update BEFORE UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION fn_audit_entry_refuse()""",
    r"""CREATE TRIGGER trg_audit_entry_no_delete BEFORE DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION fn_audit_entry_refuse()""",
    r"""CREATE TRIGGER trg_audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION fn_audit_entry_refuse()""",
    r"""ALTER TABLE search_entry ADD COLUMN tokens_vector tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, tokens)) STORED""",
    r"""CREATE INDEX ix_search_entry_tokens_vector ON search_entry USING gin (tokens_vector)""",
    r"""CREATE OR REPLACE FUNCTION fn_ledger_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '台账记录不可修改或删除，请撤销或调整'; END $body$""",
    r"""CREATE TRIGGER trg_ledger_entry_no_update BEFORE UPDATE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION fn_ledger_entry_refuse()""",
    r"""CREATE TRIGGER trg_ledger_entry_no_delete BEFORE DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION fn_ledger_entry_refuse()""",
    r"""CREATE TRIGGER trg_ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION fn_ledger_entry_refuse()""",
    r"""CREATE OR REPLACE FUNCTION fn_ledger_entry_stock() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF EXISTS (
      SELECT 1 FROM ledger_entry AS e
      WHERE e.batch_id = NEW.batch_id AND e.facility_id = NEW.facility_id AND e.occurred_on >= NEW.occurred_on
        AND (SELECT SUM(x.stock_delta) FROM ledger_entry AS x
             WHERE x.batch_id = NEW.batch_id AND x.facility_id = NEW.facility_id
               AND x.occurred_on <= e.occurred_on) < 0) THEN RAISE EXCEPTION '库存不得为负'; END IF; RETURN NULL; END $body$""",
    r"""CREATE TRIGGER trg_ledger_entry_stock AFTER INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stock_delta < 0) EXECUTE FUNCTION fn_ledger_entry_stock()""",
    r"""CREATE OR REPLACE FUNCTION fn_ledger_entry_national_no() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF EXISTS (
      SELECT 1 FROM ledger_entry AS e
      WHERE e.national_no = NEW.national_no AND e.unit_id <> NEW.unit_id
        AND NOT EXISTS (SELECT 1 FROM ledger_entry AS c WHERE c.cancels_id = e.id)) THEN RAISE EXCEPTION '国家联单编号已被其他单位的记录使用'; END IF;
    RETURN NEW; END $body$""",
    r"""CREATE TRIGGER trg_ledger_entry_national_no BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.national_no IS NOT NULL) EXECUTE FUNCTION fn_ledger_entry_national_no()""",
)

POSTGRESQL_FUNCTIONS = (
    "fn_audit_entry_refuse",
    "fn_ledger_entry_national_no",
    "fn_ledger_entry_refuse",
    "fn_ledger_entry_stock",
)


def upgrade() -> None:
    """Make every table, then what guards them."""
    op.create_table(
        "account",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("pin_hash", sa.String(length=255), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("one_time_until", sa.DateTime(), nullable=True),
        sa.Column("password_set_at", sa.DateTime(), nullable=True),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_login_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_public_id")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_index(op.f("ix_account_role"), "account", ["role"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_label", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_audit_entry_id_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("entry_hash", name=op.f("uq_audit_entry_entry_hash")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_audit_entry_previous_hash")),
    )
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor_id", "id"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_object", "audit_entry", ["kind", "object_id", "id"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working_day", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "catalogue_edition",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("document_no", sa.String(length=64), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.Column("codes_published", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("clause", sa.String(length=200), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_edition")),
        sa.UniqueConstraint("edition", name=op.f("uq_catalogue_edition_edition")),
        sa.UniqueConstraint("public_id", name=op.f("uq_catalogue_edition_public_id")),
    )
    op.create_table(
        "indicator_value",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("scope_kind", sa.String(length=32), nullable=False),
        sa.Column("scope_code", sa.String(length=16), nullable=False),
        sa.Column("period_kind", sa.String(length=32), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=False),
        sa.Column("denominator", sa.BigInteger(), nullable=False),
        sa.Column("unreported_units", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("target_percent", sa.String(length=16), nullable=False),
        sa.Column("pack_version", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_value")),
        sa.UniqueConstraint(
            "indicator",
            "scope_kind",
            "scope_code",
            "period_kind",
            "period_start",
            "stage",
            name=op.f("uq_indicator_value_indicator_scope_kind_scope_code_period_kind_period_start_stage"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_indicator_value_public_id")),
    )
    op.create_index(
        op.f("ix_indicator_value_indicator_period_kind_period_start"),
        "indicator_value",
        ["indicator", "period_kind", "period_start"],
        unique=False,
    )
    op.create_table(
        "job_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("period_key", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("trigger", sa.String(length=32), nullable=False),
        sa.Column("actor_label", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("process", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_attempt")),
    )
    op.create_index(op.f("ix_job_attempt_finished_at"), "job_attempt", ["finished_at"], unique=False)
    op.create_index("ix_job_attempt_job", "job_attempt", ["job", "id"], unique=False)
    op.create_table(
        "job_run",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("period_key", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("attempts > 0", name=op.f("ck_job_run_attempts_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "period_key", name=op.f("uq_job_run_job_period_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_job_run_public_id")),
    )
    op.create_index("ix_job_run_job_as_of", "job_run", ["job", "as_of"], unique=False)
    op.create_index(op.f("ix_job_run_state"), "job_run", ["state"], unique=False)
    op.create_table(
        "law",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("law_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("trust", sa.String(length=32), nullable=False),
        sa.Column("date_trust", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law")),
        sa.UniqueConstraint("law_key", name=op.f("uq_law_law_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_law_public_id")),
    )
    op.create_table(
        "ledger_closing",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("closed_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_ledger_closing_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_closing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_closing_public_id")),
        sa.UniqueConstraint("starts_on", "ends_on", name=op.f("uq_ledger_closing_starts_on_ends_on")),
    )
    op.create_table(
        "mark",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mark")),
    )
    op.create_table(
        "region",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("code", name=op.f("uq_region_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_region_public_id")),
    )
    op.create_table(
        "rule_pack",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("trust", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("case_results", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("loaded_at", sa.DateTime(), nullable=False),
        sa.Column("loaded_by", sa.String(length=120), nullable=False),
        sa.Column("activated_at", sa.DateTime(), nullable=True),
        sa.Column("activated_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "(activated_at IS NULL) = (activated_by IS NULL)", name=op.f("ck_rule_pack_activated_whole")
        ),
        sa.CheckConstraint(
            "effective_until IS NULL OR effective_until >= effective_from", name=op.f("ck_rule_pack_effective_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_pack")),
        sa.UniqueConstraint("pack_id", "region", "version", name=op.f("uq_rule_pack_pack_id_region_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rule_pack_public_id")),
    )
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("subtitle", sa.String(length=300), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("office_code", sa.String(length=32), nullable=True),
        sa.Column("park_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("permission", sa.String(length=64), nullable=False),
        sa.Column("boost", sa.Integer(), nullable=False),
        sa.Column("plain_title", sa.String(length=400), nullable=False),
        sa.Column("plain_codes", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_search_entry_kind_ref")),
    )
    op.create_index("ix_search_entry_unit", "search_entry", ["unit_id"], unique=False)
    op.create_table(
        "stream_tag",
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_stream_tag")),
    )
    op.create_table(
        "treatment_method",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("group_name", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("clause", sa.String(length=200), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_treatment_method")),
    )
    op.create_table(
        "unit",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_no", sa.String(length=24), nullable=False),
        sa.Column("identity_kind", sa.String(length=32), nullable=False),
        sa.Column("identity_no", sa.String(length=32), nullable=True),
        sa.Column("identity_reason", sa.String(length=200), nullable=False),
        sa.Column("is_supervised", sa.Boolean(), nullable=False),
        sa.Column("industry_code", sa.String(length=8), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_unit_public_id")),
        sa.UniqueConstraint("unit_no", name=op.f("uq_unit_unit_no")),
    )
    op.create_index(op.f("ix_unit_identity_kind_identity_no"), "unit", ["identity_kind", "identity_no"], unique=False)
    op.create_table(
        "account_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_account_grant_period_ordered")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_grant_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_grant")),
    )
    op.create_index(op.f("ix_account_grant_account_id"), "account_grant", ["account_id"], unique=False)
    op.create_index("ix_account_grant_scope", "account_grant", ["kind", "ref"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_kind", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploader_label", sa.String(length=120), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("removed_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name=op.f("ck_attachment_removed_whole")),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size_positive")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_attachment_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attachment_public_id")),
    )
    op.create_index("ix_attachment_owner", "attachment", ["owner_kind", "owner_id", "id"], unique=False)
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"], unique=False)
    op.create_table(
        "catalogue_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.Column("waste_code", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("category_name", sa.String(length=64), nullable=False),
        sa.Column("industry", sa.String(length=100), nullable=False),
        sa.Column("hazard", sa.String(length=32), nullable=False),
        sa.Column("hazard_rule", sa.String(length=40), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition"], ["catalogue_edition.edition"], name=op.f("fk_catalogue_code_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_code")),
        sa.UniqueConstraint("edition", "waste_code", name=op.f("uq_catalogue_code_edition_waste_code")),
    )
    op.create_index(op.f("ix_catalogue_code_category"), "catalogue_code", ["category"], unique=False)
    op.create_index(op.f("ix_catalogue_code_waste_code"), "catalogue_code", ["waste_code"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=120), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("account_id", "form_key", name=op.f("uq_draft_account_id_form_key")),
    )
    op.create_index(op.f("ix_draft_updated_at"), "draft", ["updated_at"], unique=False)
    op.create_table(
        "duty_post",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_duty_post_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_post")),
        sa.UniqueConstraint("account_id", name=op.f("uq_duty_post_account_id")),
        sa.UniqueConstraint("name", name=op.f("uq_duty_post_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_duty_post_public_id")),
    )
    op.create_table(
        "export_file",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("scope_text", sa.Text(), nullable=False),
        sa.Column("filter_text", sa.Text(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("cutoff_at", sa.DateTime(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("verification_code", sa.String(length=16), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("row_count >= 0", name=op.f("ck_export_file_row_count_not_negative")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_export_file_size_not_negative")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_export_file_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_export_file_public_id")),
        sa.UniqueConstraint("verification_code", name=op.f("uq_export_file_verification_code")),
    )
    op.create_index(op.f("ix_export_file_expires_at"), "export_file", ["expires_at"], unique=False)
    op.create_index(op.f("ix_export_file_made_at"), "export_file", ["made_at"], unique=False)
    op.create_index("ix_export_file_maker", "export_file", ["made_by_id", "id"], unique=False)
    op.create_index(op.f("ix_export_file_report_id"), "export_file", ["report_id"], unique=False)
    op.create_index(op.f("ix_export_file_sha256"), "export_file", ["sha256"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column("template_version", sa.String(length=20), nullable=False),
        sa.Column("sheet", sa.String(length=100), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("head_row", sa.Integer(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_label", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("warned_count", sa.Integer(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("base_version", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("rows_kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_import_batch_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_batch_public_id")),
    )
    op.create_index("ix_import_batch_account_created", "import_batch", ["account_id", "created_at"], unique=False)
    op.create_index(op.f("ix_import_batch_created_at"), "import_batch", ["created_at"], unique=False)
    op.create_index("ix_import_batch_kind_file", "import_batch", ["kind", "file_sha256"], unique=False)
    op.create_table(
        "law_clause",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("law_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("clause", sa.String(length=100), nullable=False),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("trust", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["law_id"], ["law.id"], name=op.f("fk_law_clause_law_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_clause")),
        sa.UniqueConstraint("public_id", name=op.f("uq_law_clause_public_id")),
        sa.UniqueConstraint("subject", "law_id", name=op.f("uq_law_clause_subject_law_id")),
    )
    op.create_index(op.f("ix_law_clause_law_id"), "law_clause", ["law_id"], unique=False)
    op.create_table(
        "ledger_statement",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=False),
        sa.Column("covers_until", sa.Date(), nullable=False),
        sa.Column("is_zero", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("covers_from < covers_until", name=op.f("ck_ledger_statement_period")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_ledger_statement_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_statement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_statement_public_id")),
    )
    op.create_index(
        op.f("ix_ledger_statement_unit_id_covers_until"), "ledger_statement", ["unit_id", "covers_until"], unique=False
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_attempt_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    op.create_index("ix_login_attempt_address", "login_attempt", ["address", "kind", "at"], unique=False)
    op.create_index(op.f("ix_login_attempt_at"), "login_attempt", ["at"], unique=False)
    op.create_index("ix_login_attempt_name", "login_attempt", ["name_hash", "at"], unique=False)
    op.create_table(
        "lot",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("lot_no", sa.String(length=32), nullable=False),
        sa.Column("merged_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_lot_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lot_public_id")),
    )
    op.create_index(op.f("ix_lot_unit_id"), "lot", ["unit_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("audience", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("office_code", sa.String(length=32), nullable=True),
        sa.Column("park_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("audience <> ''", name=op.f("ck_notice_audience_given")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", "audience", name=op.f("uq_notice_key_audience")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notice_public_id")),
    )
    op.create_index("ix_notice_account", "notice", ["account_id", "id"], unique=False)
    op.create_index(op.f("ix_notice_created_at"), "notice", ["created_at"], unique=False)
    op.create_index("ix_notice_office", "notice", ["office_code", "id"], unique=False)
    op.create_index("ix_notice_role", "notice", ["role", "id"], unique=False)
    op.create_index("ix_notice_unit", "notice", ["unit_id", "id"], unique=False)
    op.create_table(
        "park",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("aliases", sa.String(length=400), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("admin_code", sa.String(length=16), nullable=True),
        sa.Column("office_code", sa.String(length=16), nullable=True),
        sa.Column("recognition", sa.String(length=200), nullable=False),
        sa.Column("recognised_year", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["admin_code"], ["region.code"], name=op.f("fk_park_admin_code")),
        sa.ForeignKeyConstraint(["office_code"], ["region.code"], name=op.f("fk_park_office_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park")),
        sa.UniqueConstraint("code", name=op.f("uq_park_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_park_public_id")),
    )
    op.create_table(
        "password_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("set_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_history_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    op.create_index(op.f("ix_password_history_account_id"), "password_history", ["account_id"], unique=False)
    op.create_table(
        "region_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("parent_code", sa.String(length=16), nullable=True),
        sa.Column("sort_no", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name=op.f("ck_region_version_period")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_region_version_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_version")),
    )
    op.create_index(
        op.f("ix_region_version_region_code_valid_from"), "region_version", ["region_code", "valid_from"], unique=False
    )
    op.create_table(
        "saved_filter",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_saved_filter_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("account_id", "endpoint", "name", name=op.f("uq_saved_filter_account_id_endpoint_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_filter_public_id")),
    )
    op.create_table(
        "storage_facility",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_storage_facility_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_facility")),
        sa.UniqueConstraint("public_id", name=op.f("uq_storage_facility_public_id")),
        sa.UniqueConstraint("unit_id", "code", name=op.f("uq_storage_facility_unit_id_code")),
    )
    op.create_table(
        "task",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_label", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(), nullable=True),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.Column("progress_message", sa.String(length=200), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("(worker = '') = (lease_until IS NULL)", name=op.f("ck_task_lease_whole")),
        sa.CheckConstraint("progress_done >= 0 AND progress_total >= 0", name=op.f("ck_task_progress_positive")),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_task_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("public_id", name=op.f("uq_task_public_id")),
    )
    op.create_index("ix_task_actor", "task", ["actor_id", "id"], unique=False)
    op.create_index(op.f("ix_task_finished_at"), "task", ["finished_at"], unique=False)
    op.create_index("ix_task_queue", "task", ["state", "kind", "id"], unique=False)
    op.create_table(
        "unit_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name_as_published", sa.String(length=200), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("role_text", sa.String(length=100), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_source_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_source")),
        sa.UniqueConstraint("ref", name=op.f("uq_unit_source_ref")),
    )
    op.create_index(op.f("ix_unit_source_unit_id"), "unit_source", ["unit_id"], unique=False)
    op.create_table(
        "unit_waste",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("waste_code", sa.String(length=10), nullable=False),
        sa.Column("waste_name", sa.String(length=100), nullable=False),
        sa.Column("tag_proposed", sa.String(length=32), nullable=True),
        sa.Column("tag_confirmed", sa.String(length=32), nullable=True),
        sa.Column("confirmed_by", sa.String(length=64), nullable=False),
        sa.Column("outside_catalogue", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tag_confirmed"], ["stream_tag.tag"], name=op.f("fk_unit_waste_tag_confirmed")),
        sa.ForeignKeyConstraint(["tag_proposed"], ["stream_tag.tag"], name=op.f("fk_unit_waste_tag_proposed")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_waste_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_waste")),
        sa.UniqueConstraint("public_id", name=op.f("uq_unit_waste_public_id")),
        sa.UniqueConstraint(
            "unit_id", "waste_code", "waste_name", name=op.f("uq_unit_waste_unit_id_waste_code_waste_name")
        ),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_web_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_session_token_hash")),
    )
    op.create_index(op.f("ix_web_session_account_id"), "web_session", ["account_id"], unique=False)
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"], unique=False)
    op.create_table(
        "duty_roster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_duty_roster_shift_ordered")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_duty_roster_account_id")),
        sa.ForeignKeyConstraint(["post_id"], ["duty_post.id"], name=op.f("fk_duty_roster_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_roster")),
    )
    op.create_index(op.f("ix_duty_roster_account_id"), "duty_roster", ["account_id"], unique=False)
    op.create_index("ix_duty_roster_shift", "duty_roster", ["post_id", "starts_at"], unique=False)
    op.create_table(
        "facility_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("spot_grade", sa.String(length=4), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["facility_id"], ["storage_facility.id"], name=op.f("fk_facility_version_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_version")),
    )
    op.create_index(
        op.f("ix_facility_version_facility_id_valid_from"),
        "facility_version",
        ["facility_id", "valid_from"],
        unique=False,
    )
    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("cell_values", sa.JSON(), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("value_before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("value_after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("has_warning", sa.Boolean(), nullable=False),
        sa.Column("is_form_fault", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("batch_id", "row_no", name=op.f("uq_import_row_batch_id_row_no")),
    )
    op.create_index("ix_import_row_batch_outcome", "import_row", ["batch_id", "outcome", "row_no"], unique=False)
    op.create_table(
        "notice_read",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_read_account_id")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "account_id", name=op.f("pk_notice_read")),
    )
    op.create_index(op.f("ix_notice_read_account_id"), "notice_read", ["account_id"], unique=False)
    op.create_table(
        "published_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("park_code", sa.String(length=32), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("attribute", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("qualifier", sa.String(length=200), nullable=False),
        sa.Column("conflict_group", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["park_code"], ["park.code"], name=op.f("fk_published_fact_park_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_fact")),
        sa.UniqueConstraint("ref", name=op.f("uq_published_fact_ref")),
    )
    op.create_index(op.f("ix_published_fact_park_code"), "published_fact", ["park_code"], unique=False)
    op.create_index(op.f("ix_published_fact_topic"), "published_fact", ["topic"], unique=False)
    op.create_table(
        "storage_batch",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_no", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("waste_code", sa.String(length=10), nullable=False),
        sa.Column("waste_name", sa.String(length=100), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("first_stored_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("limit_key", sa.String(length=64), nullable=False),
        sa.Column("pack_version", sa.String(length=32), nullable=False),
        sa.Column("last_lawful_on", sa.Date(), nullable=True),
        sa.Column("overdue_from", sa.Date(), nullable=True),
        sa.Column("counts_in_rate", sa.Boolean(), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("origin_entry_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_storage_batch_quantity_positive")),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_storage_batch_remaining_not_negative")),
        sa.ForeignKeyConstraint(["facility_id"], ["storage_facility.id"], name=op.f("fk_storage_batch_facility_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_storage_batch_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_storage_batch_public_id")),
        sa.UniqueConstraint("unit_id", "batch_no", name=op.f("uq_storage_batch_unit_id_batch_no")),
    )
    op.create_index(
        op.f("ix_storage_batch_overdue_from_remaining"), "storage_batch", ["overdue_from", "remaining"], unique=False
    )
    op.create_index(
        op.f("ix_storage_batch_unit_id_entered_on"), "storage_batch", ["unit_id", "entered_on"], unique=False
    )
    op.create_index(op.f("ix_storage_batch_waste_code"), "storage_batch", ["waste_code"], unique=False)
    op.create_table(
        "unit_version",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=64), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("admin_code", sa.String(length=16), nullable=True),
        sa.Column("office_code", sa.String(length=16), nullable=True),
        sa.Column("park_id", sa.Integer(), nullable=True),
        sa.Column("class_computed", sa.String(length=32), nullable=True),
        sa.Column("class_set", sa.String(length=32), nullable=True),
        sa.Column("class_reason", sa.String(length=200), nullable=False),
        sa.Column("licence_no", sa.String(length=64), nullable=False),
        sa.Column("responsible_party", sa.String(length=200), nullable=False),
        sa.Column("clearance_document", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("contact_phone", sa.String(length=32), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=8, scale=6, asdecimal=False), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name=op.f("ck_unit_version_period")),
        sa.ForeignKeyConstraint(["admin_code"], ["region.code"], name=op.f("fk_unit_version_admin_code")),
        sa.ForeignKeyConstraint(["office_code"], ["region.code"], name=op.f("fk_unit_version_office_code")),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_unit_version_park_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_version_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_unit_version_public_id")),
    )
    op.create_index(op.f("ix_unit_version_admin_code"), "unit_version", ["admin_code"], unique=False)
    op.create_index(
        op.f("ix_unit_version_office_code_superseded_at"),
        "unit_version",
        ["office_code", "superseded_at"],
        unique=False,
    )
    op.create_index(op.f("ix_unit_version_park_id"), "unit_version", ["park_id"], unique=False)
    op.create_index(op.f("ix_unit_version_unit_id_valid_from"), "unit_version", ["unit_id", "valid_from"], unique=False)
    op.create_table(
        "disposal_plan",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("receiver", sa.String(length=200), nullable=False),
        sa.Column("contract_no", sa.String(length=100), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["storage_batch.id"], name=op.f("fk_disposal_plan_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disposal_plan_public_id")),
    )
    op.create_index(op.f("ix_disposal_plan_batch_id_id"), "disposal_plan", ["batch_id", "id"], unique=False)
    op.create_table(
        "indicator_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("in_transit", sa.BigInteger(), nullable=False),
        sa.Column("to_collector", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("in_store", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("stream", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["storage_batch.id"], name=op.f("fk_indicator_row_batch_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_indicator_row_unit_id")),
        sa.ForeignKeyConstraint(
            ["value_id"], ["indicator_value.id"], name=op.f("fk_indicator_row_value_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_row")),
        sa.UniqueConstraint("value_id", "batch_id", name=op.f("uq_indicator_row_value_id_batch_id")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_no", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("office_code", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("waste_code", sa.String(length=10), nullable=False),
        sa.Column("waste_name", sa.String(length=100), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("stock_delta", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("facility_id", sa.Integer(), nullable=True),
        sa.Column("predecessor_id", sa.Integer(), nullable=True),
        sa.Column("cancels_id", sa.Integer(), nullable=True),
        sa.Column("adjusts_id", sa.Integer(), nullable=True),
        sa.Column("removal", sa.String(length=32), nullable=True),
        sa.Column("method_code", sa.String(length=8), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("receiver_kind", sa.String(length=32), nullable=True),
        sa.Column("receiver_name", sa.String(length=200), nullable=False),
        sa.Column("receiver_licence_no", sa.String(length=64), nullable=False),
        sa.Column("national_no", sa.String(length=14), nullable=True),
        sa.Column("provincial_no", sa.String(length=32), nullable=True),
        sa.Column("difference_explained", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("source_ref", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'adjusted') = (adjusts_id IS NOT NULL)", name=op.f("ck_ledger_entry_adjust_names_record")
        ),
        sa.CheckConstraint(
            "(kind = 'cancelled') = (cancels_id IS NOT NULL)", name=op.f("ck_ledger_entry_cancel_names_record")
        ),
        sa.CheckConstraint(
            "(batch_id IS NULL) = (facility_id IS NULL)", name=op.f("ck_ledger_entry_batch_with_facility")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_ledger_entry_quantity_positive")),
        sa.CheckConstraint("stock_delta = 0 OR batch_id IS NOT NULL", name=op.f("ck_ledger_entry_stock_has_batch")),
        sa.ForeignKeyConstraint(["adjusts_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_adjusts_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["storage_batch.id"], name=op.f("fk_ledger_entry_batch_id")),
        sa.ForeignKeyConstraint(["cancels_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_cancels_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["storage_facility.id"], name=op.f("fk_ledger_entry_facility_id")),
        sa.ForeignKeyConstraint(["predecessor_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_predecessor_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_ledger_entry_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("cancels_id", name=op.f("uq_ledger_entry_cancels_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_entry_public_id")),
        sa.UniqueConstraint("unit_id", "entry_no", name=op.f("uq_ledger_entry_unit_id_entry_no")),
    )
    op.create_index(op.f("ix_ledger_entry_adjusts_id"), "ledger_entry", ["adjusts_id"], unique=False)
    op.create_index(
        op.f("ix_ledger_entry_batch_id_facility_id_occurred_on_stock_delta"),
        "ledger_entry",
        ["batch_id", "facility_id", "occurred_on", "stock_delta"],
        unique=False,
    )
    op.create_index(op.f("ix_ledger_entry_national_no"), "ledger_entry", ["national_no"], unique=False)
    op.create_index(
        op.f("ix_ledger_entry_occurred_on_batch_id"), "ledger_entry", ["occurred_on", "batch_id"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_entry_office_code_occurred_on_id"),
        "ledger_entry",
        ["office_code", "occurred_on", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_ledger_entry_predecessor_id"), "ledger_entry", ["predecessor_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_source_ref"), "ledger_entry", ["source_ref"], unique=False)
    op.create_index(
        op.f("ix_ledger_entry_unit_id_occurred_on_id"), "ledger_entry", ["unit_id", "occurred_on", "id"], unique=False
    )
    op.create_table(
        "lot_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["storage_batch.id"], name=op.f("fk_lot_member_batch_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_member_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_member")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_lot_member_batch_id")),
    )
    op.create_index(op.f("ix_lot_member_lot_id"), "lot_member", ["lot_id"], unique=False)
    op.create_table(
        "storage_extension",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("authority", sa.String(length=100), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["storage_batch.id"], name=op.f("fk_storage_extension_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_extension")),
        sa.UniqueConstraint("public_id", name=op.f("uq_storage_extension_public_id")),
    )
    op.create_index(
        op.f("ix_storage_extension_batch_id_approved_on"),
        "storage_extension",
        ["batch_id", "approved_on"],
        unique=False,
    )
    connection = op.get_bind()
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Take everything away again."""
    connection = op.get_bind()
    connection.exec_driver_sql("DROP TABLE IF EXISTS search_entry_fts")
    op.drop_index(op.f("ix_storage_extension_batch_id_approved_on"), table_name="storage_extension")
    op.drop_table("storage_extension")
    op.drop_index(op.f("ix_lot_member_lot_id"), table_name="lot_member")
    op.drop_table("lot_member")
    op.drop_index(op.f("ix_ledger_entry_unit_id_occurred_on_id"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_source_ref"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_predecessor_id"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_office_code_occurred_on_id"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_occurred_on_batch_id"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_national_no"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_batch_id_facility_id_occurred_on_stock_delta"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_adjusts_id"), table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("indicator_row")
    op.drop_index(op.f("ix_disposal_plan_batch_id_id"), table_name="disposal_plan")
    op.drop_table("disposal_plan")
    op.drop_index(op.f("ix_unit_version_unit_id_valid_from"), table_name="unit_version")
    op.drop_index(op.f("ix_unit_version_park_id"), table_name="unit_version")
    op.drop_index(op.f("ix_unit_version_office_code_superseded_at"), table_name="unit_version")
    op.drop_index(op.f("ix_unit_version_admin_code"), table_name="unit_version")
    op.drop_table("unit_version")
    op.drop_index(op.f("ix_storage_batch_waste_code"), table_name="storage_batch")
    op.drop_index(op.f("ix_storage_batch_unit_id_entered_on"), table_name="storage_batch")
    op.drop_index(op.f("ix_storage_batch_overdue_from_remaining"), table_name="storage_batch")
    op.drop_table("storage_batch")
    op.drop_index(op.f("ix_published_fact_topic"), table_name="published_fact")
    op.drop_index(op.f("ix_published_fact_park_code"), table_name="published_fact")
    op.drop_table("published_fact")
    op.drop_index(op.f("ix_notice_read_account_id"), table_name="notice_read")
    op.drop_table("notice_read")
    op.drop_index("ix_import_row_batch_outcome", table_name="import_row")
    op.drop_table("import_row")
    op.drop_index(op.f("ix_facility_version_facility_id_valid_from"), table_name="facility_version")
    op.drop_table("facility_version")
    op.drop_index("ix_duty_roster_shift", table_name="duty_roster")
    op.drop_index(op.f("ix_duty_roster_account_id"), table_name="duty_roster")
    op.drop_table("duty_roster")
    op.drop_index(op.f("ix_web_session_expires_at"), table_name="web_session")
    op.drop_index(op.f("ix_web_session_account_id"), table_name="web_session")
    op.drop_table("web_session")
    op.drop_table("unit_waste")
    op.drop_index(op.f("ix_unit_source_unit_id"), table_name="unit_source")
    op.drop_table("unit_source")
    op.drop_index("ix_task_queue", table_name="task")
    op.drop_index(op.f("ix_task_finished_at"), table_name="task")
    op.drop_index("ix_task_actor", table_name="task")
    op.drop_table("task")
    op.drop_table("storage_facility")
    op.drop_table("saved_filter")
    op.drop_index(op.f("ix_region_version_region_code_valid_from"), table_name="region_version")
    op.drop_table("region_version")
    op.drop_index(op.f("ix_password_history_account_id"), table_name="password_history")
    op.drop_table("password_history")
    op.drop_table("park")
    op.drop_index("ix_notice_unit", table_name="notice")
    op.drop_index("ix_notice_role", table_name="notice")
    op.drop_index("ix_notice_office", table_name="notice")
    op.drop_index(op.f("ix_notice_created_at"), table_name="notice")
    op.drop_index("ix_notice_account", table_name="notice")
    op.drop_table("notice")
    op.drop_index(op.f("ix_lot_unit_id"), table_name="lot")
    op.drop_table("lot")
    op.drop_index("ix_login_attempt_name", table_name="login_attempt")
    op.drop_index(op.f("ix_login_attempt_at"), table_name="login_attempt")
    op.drop_index("ix_login_attempt_address", table_name="login_attempt")
    op.drop_table("login_attempt")
    op.drop_index(op.f("ix_ledger_statement_unit_id_covers_until"), table_name="ledger_statement")
    op.drop_table("ledger_statement")
    op.drop_index(op.f("ix_law_clause_law_id"), table_name="law_clause")
    op.drop_table("law_clause")
    op.drop_index("ix_import_batch_kind_file", table_name="import_batch")
    op.drop_index(op.f("ix_import_batch_created_at"), table_name="import_batch")
    op.drop_index("ix_import_batch_account_created", table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_index(op.f("ix_export_file_sha256"), table_name="export_file")
    op.drop_index(op.f("ix_export_file_report_id"), table_name="export_file")
    op.drop_index("ix_export_file_maker", table_name="export_file")
    op.drop_index(op.f("ix_export_file_made_at"), table_name="export_file")
    op.drop_index(op.f("ix_export_file_expires_at"), table_name="export_file")
    op.drop_table("export_file")
    op.drop_table("duty_post")
    op.drop_index(op.f("ix_draft_updated_at"), table_name="draft")
    op.drop_table("draft")
    op.drop_index(op.f("ix_catalogue_code_waste_code"), table_name="catalogue_code")
    op.drop_index(op.f("ix_catalogue_code_category"), table_name="catalogue_code")
    op.drop_table("catalogue_code")
    op.drop_index(op.f("ix_attachment_sha256"), table_name="attachment")
    op.drop_index("ix_attachment_owner", table_name="attachment")
    op.drop_table("attachment")
    op.drop_index("ix_account_grant_scope", table_name="account_grant")
    op.drop_index(op.f("ix_account_grant_account_id"), table_name="account_grant")
    op.drop_table("account_grant")
    op.drop_index(op.f("ix_unit_identity_kind_identity_no"), table_name="unit")
    op.drop_table("unit")
    op.drop_table("treatment_method")
    op.drop_table("stream_tag")
    op.drop_index("ix_search_entry_unit", table_name="search_entry")
    op.drop_table("search_entry")
    op.drop_table("rule_pack")
    op.drop_table("region")
    op.drop_table("mark")
    op.drop_table("ledger_closing")
    op.drop_table("law")
    op.drop_index(op.f("ix_job_run_state"), table_name="job_run")
    op.drop_index("ix_job_run_job_as_of", table_name="job_run")
    op.drop_table("job_run")
    op.drop_index("ix_job_attempt_job", table_name="job_attempt")
    op.drop_index(op.f("ix_job_attempt_finished_at"), table_name="job_attempt")
    op.drop_table("job_attempt")
    op.drop_index(op.f("ix_indicator_value_indicator_period_kind_period_start"), table_name="indicator_value")
    op.drop_table("indicator_value")
    op.drop_table("catalogue_edition")
    op.drop_table("calendar_day")
    op.drop_index("ix_audit_entry_object", table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_index("ix_audit_entry_actor", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_account_role"), table_name="account")
    op.drop_table("account")
    if connection.dialect.name == "postgresql":
        for function in POSTGRESQL_FUNCTIONS:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}()")
