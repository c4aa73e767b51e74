"""Tables of emergency materials, and of the substances they are looked up by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1260"
down_revision = "20261123_1250"
branch_labels = None
depends_on = None

SQLITE = (
    r"""CREATE TRIGGER trg_dispatch_step_no_update BEFORE UPDATE ON dispatch_step
    BEGIN SELECT RAISE(ABORT, '调拨办理记录不可修改或删除'); END""",
    r"""CREATE TRIGGER trg_dispatch_step_no_delete BEFORE DELETE ON dispatch_step
    BEGIN SELECT RAISE(ABORT, '调拨办理记录不可修改或删除'); END""",
    r"""CREATE TRIGGER trg_material_movement_no_update BEFORE UPDATE ON material_movement
    BEGIN SELECT RAISE(ABORT, '收发记录不可修改或删除，请用盘点更正'); END""",
    r"""CREATE TRIGGER trg_material_movement_no_delete BEFORE DELETE ON material_movement
    BEGIN SELECT RAISE(ABORT, '收发记录不可修改或删除，请用盘点更正'); END""",
    r"""CREATE TRIGGER trg_material_movement_stock AFTER INSERT ON material_movement
    WHEN NEW.delta_milli < 0 AND EXISTS (
      SELECT 1 FROM material_movement AS e
      WHERE e.lot_id = NEW.lot_id AND e.occurred_on >= NEW.occurred_on
        AND (SELECT SUM(x.delta_milli) FROM material_movement AS x
             WHERE x.lot_id = NEW.lot_id AND x.occurred_on <= e.occurred_on) < 0)
    BEGIN SELECT RAISE(ABORT, '物资库存不得为负'); END""",
)
POSTGRESQL = (
    r"""CREATE OR REPLACE FUNCTION fn_dispatch_step_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '调拨办理记录不可修改或删除'; END $body$""",
    r"""CREATE TRIGGER trg_dispatch_step_no_update BEFORE UPDATE ON dispatch_step
    FOR EACH ROW EXECUTE FUNCTION fn_dispatch_step_refuse()""",
    r"""CREATE TRIGGER trg_dispatch_step_no_delete BEFORE DELETE ON dispatch_step
    FOR EACH ROW EXECUTE FUNCTION fn_dispatch_step_refuse()""",
    r"""CREATE TRIGGER trg_dispatch_step_no_truncate BEFORE TRUNCATE ON dispatch_step
    FOR EACH STATEMENT EXECUTE FUNCTION fn_dispatch_step_refuse()""",
    r"""CREATE OR REPLACE FUNCTION fn_material_movement_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '收发记录不可修改或删除，请用盘点更正'; END $body$""",
    r"""CREATE TRIGGER trg_material_movement_no_update BEFORE UPDATE ON material_movement
    FOR EACH ROW EXECUTE FUNCTION fn_material_movement_refuse()""",
    r"""CREATE TRIGGER trg_material_movement_no_delete BEFORE DELETE ON material_movement
    FOR EACH ROW EXECUTE FUNCTION fn_material_movement_refuse()""",
    r"""CREATE TRIGGER trg_material_movement_no_truncate BEFORE TRUNCATE ON material_movement
    FOR EACH STATEMENT EXECUTE FUNCTION fn_material_movement_refuse()""",
    r"""CREATE OR REPLACE FUNCTION fn_material_movement_stock() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF EXISTS (
      SELECT 1 FROM material_movement AS e
      WHERE e.lot_id = NEW.lot_id AND e.occurred_on >= NEW.occurred_on
        AND (SELECT SUM(x.delta_milli) FROM material_movement AS x
             WHERE x.lot_id = NEW.lot_id AND x.occurred_on <= e.occurred_on) < 0) THEN RAISE EXCEPTION '物资库存不得为负'; END IF; RETURN NULL; END $body$""",
    r"""CREATE TRIGGER trg_material_movement_stock AFTER INSERT ON material_movement
    FOR EACH ROW WHEN (NEW.delta_milli < 0) EXECUTE FUNCTION fn_material_movement_stock()""",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "chemical_substance",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("cas", sa.String(length=16), nullable=True),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chemical_substance")),
        sa.UniqueConstraint("key", name=op.f("uq_chemical_substance_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_chemical_substance_public_id")),
    )
    op.create_index(op.f("ix_chemical_substance_cas"), "chemical_substance", ["cas"], unique=False)
    op.create_index(op.f("ix_chemical_substance_name"), "chemical_substance", ["name"], unique=False)
    op.create_table(
        "emergency_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("aliases", sa.String(length=400), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=8, scale=6, asdecimal=False), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_place")),
        sa.UniqueConstraint("code", name=op.f("uq_emergency_place_code")),
    )
    op.create_table(
        "material_kind",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("function_code", sa.String(length=32), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("is_consumable", sa.Boolean(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_kind")),
        sa.UniqueConstraint("code", name=op.f("uq_material_kind_code")),
        sa.UniqueConstraint("name", name=op.f("uq_material_kind_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_material_kind_public_id")),
    )
    op.create_index(op.f("ix_material_kind_function_code"), "material_kind", ["function_code"], unique=False)
    op.create_table(
        "chemical_listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=24), nullable=False),
        sa.Column("substance_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("list_no", sa.String(length=16), nullable=False),
        sa.Column("listed_name", sa.String(length=200), nullable=False),
        sa.Column("threshold_t", sa.String(length=16), nullable=False),
        sa.Column("beta", sa.String(length=16), nullable=False),
        sa.Column("endpoint1", sa.String(length=16), nullable=False),
        sa.Column("endpoint2", sa.String(length=16), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["substance_id"], ["chemical_substance.id"], name=op.f("fk_chemical_listing_substance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chemical_listing")),
        sa.UniqueConstraint("ref", name=op.f("uq_chemical_listing_ref")),
    )
    op.create_index(op.f("ix_chemical_listing_substance_id"), "chemical_listing", ["substance_id"], unique=False)
    op.create_table(
        "substance_material",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=24), nullable=False),
        sa.Column("substance_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("compatibility", sa.String(length=32), nullable=False),
        sa.Column("review", sa.String(length=32), nullable=False),
        sa.Column("reviewed_by", sa.String(length=120), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(), nullable=True),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["kind_id"], ["material_kind.id"], name=op.f("fk_substance_material_kind_id")),
        sa.ForeignKeyConstraint(
            ["substance_id"], ["chemical_substance.id"], name=op.f("fk_substance_material_substance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substance_material")),
        sa.UniqueConstraint("public_id", name=op.f("uq_substance_material_public_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_substance_material_ref")),
    )
    op.create_index(op.f("ix_substance_material_kind_id"), "substance_material", ["kind_id"], unique=False)
    op.create_index(op.f("ix_substance_material_substance_id"), "substance_material", ["substance_id"], unique=False)
    op.create_table(
        "material_depot",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("depot_level", sa.String(length=32), nullable=False),
        sa.Column("storage_mode", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=8, scale=6, asdecimal=False), nullable=True),
        sa.Column("office_code", sa.String(length=16), nullable=True),
        sa.Column("park_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("keeper", sa.String(length=200), nullable=False),
        sa.Column("duty_phone", sa.String(length=32), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("trust", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["office_code"], ["region.code"], name=op.f("fk_material_depot_office_code")),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_material_depot_park_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_material_depot_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_depot")),
        sa.UniqueConstraint("code", name=op.f("uq_material_depot_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_material_depot_public_id")),
    )
    op.create_index(op.f("ix_material_depot_office_code"), "material_depot", ["office_code"], unique=False)
    op.create_index(op.f("ix_material_depot_park_id"), "material_depot", ["park_id"], unique=False)
    op.create_index(op.f("ix_material_depot_unit_id"), "material_depot", ["unit_id"], unique=False)
    op.create_table(
        "depot_reserve",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("depot_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("amount_milli >= 0", name=op.f("ck_depot_reserve_not_negative")),
        sa.CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name=op.f("ck_depot_reserve_period")),
        sa.ForeignKeyConstraint(["depot_id"], ["material_depot.id"], name=op.f("fk_depot_reserve_depot_id")),
        sa.ForeignKeyConstraint(["kind_id"], ["material_kind.id"], name=op.f("fk_depot_reserve_kind_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_depot_reserve")),
    )
    op.create_index(op.f("ix_depot_reserve_depot_id"), "depot_reserve", ["depot_id"], unique=False)
    op.create_index(op.f("ix_depot_reserve_kind_id_depot_id"), "depot_reserve", ["kind_id", "depot_id"], unique=False)
    op.create_table(
        "dispatch_request",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("incident", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=8, scale=6, asdecimal=False), nullable=True),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.Column("depot_id", sa.Integer(), nullable=True),
        sa.Column("needed_at", sa.DateTime(), nullable=True),
        sa.Column("receiver", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("requester", sa.String(length=120), nullable=False),
        sa.Column("office_code", sa.String(length=16), nullable=True),
        sa.Column("park_id", sa.Integer(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("amount_milli > 0", name=op.f("ck_dispatch_request_positive")),
        sa.ForeignKeyConstraint(["depot_id"], ["material_depot.id"], name=op.f("fk_dispatch_request_depot_id")),
        sa.ForeignKeyConstraint(["kind_id"], ["material_kind.id"], name=op.f("fk_dispatch_request_kind_id")),
        sa.ForeignKeyConstraint(["office_code"], ["region.code"], name=op.f("fk_dispatch_request_office_code")),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_dispatch_request_park_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["account.id"], name=op.f("fk_dispatch_request_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_request")),
        sa.UniqueConstraint("number", name=op.f("uq_dispatch_request_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispatch_request_public_id")),
    )
    op.create_index(op.f("ix_dispatch_request_state"), "dispatch_request", ["state"], unique=False)
    op.create_table(
        "material_lot",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lot_no", sa.String(length=24), nullable=False),
        sa.Column("depot_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("batch_label", sa.String(length=64), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("last_confirmed_on", sa.Date(), nullable=True),
        sa.Column("remaining_milli", sa.BigInteger(), nullable=False),
        sa.Column("allocated_milli", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "allocated_milli >= 0 AND allocated_milli <= remaining_milli",
            name=op.f("ck_material_lot_allocated_in_stock"),
        ),
        sa.CheckConstraint(
            "expires_on IS NULL OR produced_on IS NULL OR expires_on >= produced_on",
            name=op.f("ck_material_lot_days_in_order"),
        ),
        sa.CheckConstraint("remaining_milli >= 0", name=op.f("ck_material_lot_remaining_not_negative")),
        sa.ForeignKeyConstraint(["depot_id"], ["material_depot.id"], name=op.f("fk_material_lot_depot_id")),
        sa.ForeignKeyConstraint(["kind_id"], ["material_kind.id"], name=op.f("fk_material_lot_kind_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_lot")),
        sa.UniqueConstraint("lot_no", name=op.f("uq_material_lot_lot_no")),
        sa.UniqueConstraint("public_id", name=op.f("uq_material_lot_public_id")),
    )
    op.create_index(op.f("ix_material_lot_depot_id_kind_id"), "material_lot", ["depot_id", "kind_id"], unique=False)
    op.create_index(op.f("ix_material_lot_expires_on"), "material_lot", ["expires_on"], unique=False)
    op.create_index(
        "ix_material_lot_lookup",
        "material_lot",
        ["kind_id", "depot_id", "expires_on", "last_confirmed_on", "remaining_milli", "allocated_milli"],
        unique=False,
    )
    op.create_table(
        "dispatch_allocation",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.Column("out_milli", sa.BigInteger(), nullable=False),
        sa.Column("returned_milli", sa.BigInteger(), nullable=False),
        sa.Column("consumed_milli", sa.BigInteger(), nullable=False),
        sa.Column("is_released", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("amount_milli > 0", name=op.f("ck_dispatch_allocation_positive")),
        sa.CheckConstraint(
            "out_milli >= 0 AND out_milli <= amount_milli", name=op.f("ck_dispatch_allocation_out_as_allocated")
        ),
        sa.CheckConstraint(
            "returned_milli >= 0 AND consumed_milli >= 0 AND returned_milli + consumed_milli <= out_milli",
            name=op.f("ck_dispatch_allocation_balances"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["material_lot.id"], name=op.f("fk_dispatch_allocation_lot_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["dispatch_request.id"], name=op.f("fk_dispatch_allocation_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_allocation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispatch_allocation_public_id")),
    )
    op.create_index(op.f("ix_dispatch_allocation_lot_id"), "dispatch_allocation", ["lot_id"], unique=False)
    op.create_index(op.f("ix_dispatch_allocation_request_id"), "dispatch_allocation", ["request_id"], unique=False)
    op.create_table(
        "dispatch_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("step_kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["account.id"], name=op.f("fk_dispatch_step_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["dispatch_request.id"], name=op.f("fk_dispatch_step_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_step")),
    )
    op.create_index(op.f("ix_dispatch_step_request_id"), "dispatch_step", ["request_id"], unique=False)
    op.create_table(
        "material_movement",
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("movement_kind", sa.String(length=32), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("delta_milli", sa.BigInteger(), nullable=False),
        sa.Column("away_milli", sa.BigInteger(), nullable=False),
        sa.Column("allocation_id", sa.Integer(), nullable=True),
        sa.Column("pair_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "delta_milli <> 0 OR movement_kind IN ('stocktake', 'confirmed', 'consumed')",
            name=op.f("ck_material_movement_moves"),
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["dispatch_allocation.id"], name=op.f("fk_material_movement_allocation_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["material_lot.id"], name=op.f("fk_material_movement_lot_id")),
        sa.ForeignKeyConstraint(["pair_id"], ["material_movement.id"], name=op.f("fk_material_movement_pair_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_movement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_material_movement_public_id")),
    )
    op.create_index(op.f("ix_material_movement_allocation_id"), "material_movement", ["allocation_id"], unique=False)
    op.create_index(
        op.f("ix_material_movement_lot_id_occurred_on"), "material_movement", ["lot_id", "occurred_on"], unique=False
    )
    connection = op.get_bind()
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_material_movement_lot_id_occurred_on"), table_name="material_movement")
    op.drop_index(op.f("ix_material_movement_allocation_id"), table_name="material_movement")
    op.drop_table("material_movement")
    op.drop_index(op.f("ix_dispatch_step_request_id"), table_name="dispatch_step")
    op.drop_table("dispatch_step")
    op.drop_index(op.f("ix_dispatch_allocation_request_id"), table_name="dispatch_allocation")
    op.drop_index(op.f("ix_dispatch_allocation_lot_id"), table_name="dispatch_allocation")
    op.drop_table("dispatch_allocation")
    op.drop_index("ix_material_lot_lookup", table_name="material_lot")
    op.drop_index(op.f("ix_material_lot_expires_on"), table_name="material_lot")
    op.drop_index(op.f("ix_material_lot_depot_id_kind_id"), table_name="material_lot")
    op.drop_table("material_lot")
    op.drop_index(op.f("ix_dispatch_request_state"), table_name="dispatch_request")
    op.drop_table("dispatch_request")
    op.drop_index(op.f("ix_depot_reserve_kind_id_depot_id"), table_name="depot_reserve")
    op.drop_index(op.f("ix_depot_reserve_depot_id"), table_name="depot_reserve")
    op.drop_table("depot_reserve")
    op.drop_index(op.f("ix_material_depot_unit_id"), table_name="material_depot")
    op.drop_index(op.f("ix_material_depot_park_id"), table_name="material_depot")
    op.drop_index(op.f("ix_material_depot_office_code"), table_name="material_depot")
    op.drop_table("material_depot")
    op.drop_index(op.f("ix_substance_material_substance_id"), table_name="substance_material")
    op.drop_index(op.f("ix_substance_material_kind_id"), table_name="substance_material")
    op.drop_table("substance_material")
    op.drop_index(op.f("ix_chemical_listing_substance_id"), table_name="chemical_listing")
    op.drop_table("chemical_listing")
    op.drop_index(op.f("ix_material_kind_function_code"), table_name="material_kind")
    op.drop_table("material_kind")
    op.drop_table("emergency_place")
    op.drop_index(op.f("ix_chemical_substance_name"), table_name="chemical_substance")
    op.drop_index(op.f("ix_chemical_substance_cas"), table_name="chemical_substance")
    op.drop_table("chemical_substance")
    if op.get_bind().dialect.name == "postgresql":
        for name in ("material_movement_refuse", "material_movement_stock", "dispatch_step_refuse"):
            op.execute(f"DROP FUNCTION IF EXISTS fn_{name}")
