"""What the database itself guards: movements and steps are append-only, and stock is never negative on any day."""

from __future__ import annotations

from sqlalchemy import DDL, event

from hwrisk.emergency.models import DispatchStep, MaterialMovement

_LOWEST = """EXISTS (
      SELECT 1 FROM material_movement AS e
      WHERE e.lot_id = NEW.lot_id AND e.occurred_on >= NEW.occurred_on
        AND (SELECT SUM(x.delta_milli) FROM material_movement AS x
             WHERE x.lot_id = NEW.lot_id AND x.occurred_on <= e.occurred_on) < 0)"""


def _sqlite(table: str, words: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER trg_{table}_no_{act.lower()} BEFORE {act} ON {table}\n"
        f"    BEGIN SELECT RAISE(ABORT, '{words}'); END"
        for act in ("UPDATE", "DELETE")
    )


def _postgresql(table: str, words: str) -> tuple[str, ...]:
    refuse = (
        f"CREATE OR REPLACE FUNCTION fn_{table}_refuse() RETURNS trigger LANGUAGE plpgsql AS\n"
        f"    $body$ BEGIN RAISE EXCEPTION '{words}'; END $body$"
    )
    acts = (("update", "UPDATE", "ROW"), ("delete", "DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT"))
    return (
        refuse,
        *(
            f"CREATE TRIGGER trg_{table}_no_{name} BEFORE {act} ON {table}\n"
            f"    FOR EACH {each} EXECUTE FUNCTION fn_{table}_refuse()"
            for name, act, each in acts
        ),
    )


_MOVEMENTS = {
    "sqlite": (
        *_sqlite("material_movement", "收发记录不可修改或删除，请用盘点更正"),
        f"""CREATE TRIGGER trg_material_movement_stock AFTER INSERT ON material_movement
    WHEN NEW.delta_milli < 0 AND {_LOWEST}
    BEGIN SELECT RAISE(ABORT, '物资库存不得为负'); END""",
    ),
    "postgresql": (
        *_postgresql("material_movement", "收发记录不可修改或删除，请用盘点更正"),
        f"""CREATE OR REPLACE FUNCTION fn_material_movement_stock() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF {_LOWEST} THEN RAISE EXCEPTION '物资库存不得为负'; END IF; RETURN NULL; END $body$""",
        """CREATE TRIGGER trg_material_movement_stock AFTER INSERT ON material_movement
    FOR EACH ROW WHEN (NEW.delta_milli < 0) EXECUTE FUNCTION fn_material_movement_stock()""",
    ),
}
_STEPS = {
    "sqlite": _sqlite("dispatch_step", "调拨办理记录不可修改或删除"),
    "postgresql": _postgresql("dispatch_step", "调拨办理记录不可修改或删除"),
}
for _table, _by_dialect in ((MaterialMovement.__table__, _MOVEMENTS), (DispatchStep.__table__, _STEPS)):
    for _dialect, _statements in _by_dialect.items():
        for _statement in _statements:
            # DDL() formats with %, so a literal one would have to be doubled; there is none.
            _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
            event.listen(_table, "after_create", _ddl.execute_if(dialect=_dialect))
