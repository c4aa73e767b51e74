"""Tables of assessment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1200"
down_revision = "20261123_0900"
branch_labels = None
depends_on = None

# What the engines guard themselves: the same text as beside the models, which `db check` compares.
SQLITE = (
    r"""CREATE TRIGGER trg_assessment_frozen BEFORE UPDATE ON assessment
    WHEN OLD.closed_at IS NOT NULL AND (NEW.unit_id IS NOT OLD.unit_id OR NEW.year IS NOT OLD.year OR NEW.level IS NOT OLD.level OR NEW.subject IS NOT OLD.subject OR NEW.assessed_on IS NOT OLD.assessed_on OR NEW.scheme_id IS NOT OLD.scheme_id OR NEW.score IS NOT OLD.score OR NEW.full_marks IS NOT OLD.full_marks OR NEW.grade IS NOT OLD.grade OR NEW.closed_at IS NOT OLD.closed_at)
    BEGIN SELECT RAISE(ABORT, '评估办结后得分和等级不可修改，请撤回后重新评估'); END""",
    r"""CREATE TRIGGER trg_assessment_no_delete BEFORE DELETE ON assessment WHEN OLD.closed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, '办结的评估不可删除，请撤回'); END""",
    r"""CREATE TRIGGER trg_assessment_item_no_update BEFORE UPDATE ON assessment_item WHEN EXISTS (SELECT 1 FROM assessment AS a WHERE a.id = OLD.assessment_id AND a.closed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, '评估办结后各项结果不可修改，请撤回后重新评估'); END""",
    r"""CREATE TRIGGER trg_assessment_item_no_delete BEFORE DELETE ON assessment_item WHEN EXISTS (SELECT 1 FROM assessment AS a WHERE a.id = OLD.assessment_id AND a.closed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, '评估办结后各项结果不可删除，请撤回后重新评估'); END""",
)
POSTGRESQL = (
    r"""CREATE OR REPLACE FUNCTION fn_assessment_frozen() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '评估办结后得分、等级和各项结果不可修改，请撤回后重新评估'; END $body$""",
    r"""CREATE TRIGGER trg_assessment_frozen BEFORE UPDATE ON assessment FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL AND (NEW.unit_id IS DISTINCT FROM OLD.unit_id OR NEW.year IS DISTINCT FROM OLD.year OR NEW.level IS DISTINCT FROM OLD.level OR NEW.subject IS DISTINCT FROM OLD.subject OR NEW.assessed_on IS DISTINCT FROM OLD.assessed_on OR NEW.scheme_id IS DISTINCT FROM OLD.scheme_id OR NEW.score IS DISTINCT FROM OLD.score OR NEW.full_marks IS DISTINCT FROM OLD.full_marks OR NEW.grade IS DISTINCT FROM OLD.grade OR NEW.closed_at IS DISTINCT FROM OLD.closed_at)) EXECUTE FUNCTION fn_assessment_frozen()""",
    r"""CREATE TRIGGER trg_assessment_no_delete BEFORE DELETE ON assessment FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION fn_assessment_frozen()""",
    r"""CREATE OR REPLACE FUNCTION fn_assessment_item_frozen() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF EXISTS (SELECT 1 FROM assessment AS a WHERE a.id = OLD.assessment_id AND a.closed_at IS NOT NULL) THEN RAISE EXCEPTION '评估办结后各项结果不可修改，请撤回后重新评估'; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $body$""",
    r"""CREATE TRIGGER trg_assessment_item_frozen BEFORE UPDATE OR DELETE ON assessment_item
    FOR EACH ROW EXECUTE FUNCTION fn_assessment_item_frozen()""",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "assessment",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_no", sa.String(length=24), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("organiser", sa.String(length=100), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("recheck_of_id", sa.Integer(), nullable=True),
        sa.Column("accidents", sa.Integer(), nullable=False),
        sa.Column("has_major_accident", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("rectify_by", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("scheme_version", sa.String(length=20), nullable=False),
        sa.Column("score", sa.String(length=32), nullable=True),
        sa.Column("full_marks", sa.String(length=32), nullable=True),
        sa.Column("grade", sa.String(length=32), nullable=True),
        sa.Column("veto_items", sa.String(length=200), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("submitted_by", sa.String(length=64), nullable=False),
        sa.Column("submitted_account_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (grade IS NULL)", name=op.f("ck_assessment_closed_with_grade")),
        sa.CheckConstraint("accidents >= 0", name=op.f("ck_assessment_accidents_not_negative")),
        sa.ForeignKeyConstraint(["recheck_of_id"], ["assessment.id"], name=op.f("fk_assessment_recheck_of_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["rule_pack.id"], name=op.f("fk_assessment_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assessment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("assessment_no", name=op.f("uq_assessment_assessment_no")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assessment_public_id")),
    )
    op.create_index(op.f("ix_assessment_recheck_of_id"), "assessment", ["recheck_of_id"], unique=False)
    op.create_index(op.f("ix_assessment_unit_id_assessed_on"), "assessment", ["unit_id", "assessed_on"], unique=False)
    op.create_index(op.f("ix_assessment_year_unit_id"), "assessment", ["year", "unit_id"], unique=False)
    op.create_table(
        "assessment_draw",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("office_code", sa.String(length=16), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("pool", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("asked > 0", name=op.f("ck_assessment_draw_asked_positive")),
        sa.ForeignKeyConstraint(["office_code"], ["region.code"], name=op.f("fk_assessment_draw_office_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_draw")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assessment_draw_public_id")),
    )
    op.create_index(
        op.f("ix_assessment_draw_year_office_code"), "assessment_draw", ["year", "office_code"], unique=False
    )
    op.create_table(
        "assessment_exclusion",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("excluded_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assessment_exclusion_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_exclusion")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assessment_exclusion_public_id")),
    )
    op.create_index(op.f("ix_assessment_exclusion_unit_id"), "assessment_exclusion", ["unit_id"], unique=False)
    op.create_index(
        op.f("ix_assessment_exclusion_year_unit_id"), "assessment_exclusion", ["year", "unit_id"], unique=False
    )
    op.create_table(
        "assessment_plan",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document_no", sa.String(length=100), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_assessment_plan_year")),
        sa.ForeignKeyConstraint(["scheme_id"], ["rule_pack.id"], name=op.f("fk_assessment_plan_scheme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assessment_plan_public_id")),
    )
    op.create_index(
        op.f("ix_assessment_plan_year_superseded_at"), "assessment_plan", ["year", "superseded_at"], unique=False
    )
    op.create_table(
        "assessment_inspector",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("badge_no", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_inspector_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_inspector")),
        sa.UniqueConstraint("assessment_id", "place", name=op.f("uq_assessment_inspector_assessment_id_place")),
    )
    op.create_table(
        "assessment_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("item_no", sa.String(length=8), nullable=False),
        sa.Column("rating", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_item_assessment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_item")),
        sa.UniqueConstraint("assessment_id", "item_no", name=op.f("uq_assessment_item_assessment_id_item_no")),
    )
    op.create_table(
        "assessment_objection",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=64), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_objection_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_objection")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assessment_objection_public_id")),
    )
    op.create_index(
        op.f("ix_assessment_objection_assessment_id"), "assessment_objection", ["assessment_id"], unique=False
    )
    op.create_table(
        "assessment_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["assessment_draw.id"], name=op.f("fk_assessment_sample_draw_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assessment_sample_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_sample")),
        sa.UniqueConstraint("draw_id", "unit_id", name=op.f("uq_assessment_sample_draw_id_unit_id")),
    )
    op.create_index(op.f("ix_assessment_sample_unit_id"), "assessment_sample", ["unit_id"], unique=False)
    connection = op.get_bind()
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_assessment_sample_unit_id"), table_name="assessment_sample")
    op.drop_table("assessment_sample")
    op.drop_index(op.f("ix_assessment_objection_assessment_id"), table_name="assessment_objection")
    op.drop_table("assessment_objection")
    op.drop_table("assessment_item")
    op.drop_table("assessment_inspector")
    op.drop_index(op.f("ix_assessment_plan_year_superseded_at"), table_name="assessment_plan")
    op.drop_table("assessment_plan")
    op.drop_index(op.f("ix_assessment_exclusion_year_unit_id"), table_name="assessment_exclusion")
    op.drop_index(op.f("ix_assessment_exclusion_unit_id"), table_name="assessment_exclusion")
    op.drop_table("assessment_exclusion")
    op.drop_index(op.f("ix_assessment_draw_year_office_code"), table_name="assessment_draw")
    op.drop_table("assessment_draw")
    op.drop_index(op.f("ix_assessment_year_unit_id"), table_name="assessment")
    op.drop_index(op.f("ix_assessment_unit_id_assessed_on"), table_name="assessment")
    op.drop_index(op.f("ix_assessment_recheck_of_id"), table_name="assessment")
    op.drop_table("assessment")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for function in ("fn_assessment_frozen", "fn_assessment_item_frozen"):
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}()")
