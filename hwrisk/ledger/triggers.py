"""What the database itself guards: ledger records are append-only, and stock is never negative on any day."""

from __future__ import annotations

from sqlalchemy import DDL, event

from hwrisk.ledger.models import LedgerEntry

_LOWEST = """EXISTS (
      SELECT 1 FROM ledger_entry AS e
      WHERE e.batch_id = NEW.batch_id AND e.facility_id = NEW.facility_id AND e.occurred_on >= NEW.occurred_on
        AND (SELECT SUM(x.stock_delta) FROM ledger_entry AS x
             WHERE x.batch_id = NEW.batch_id AND x.facility_id = NEW.facility_id
               AND x.occurred_on <= e.occurred_on) < 0)"""
_NUMBER_TAKEN = """EXISTS (
      SELECT 1 FROM ledger_entry AS e
      WHERE e.national_no = NEW.national_no AND e.unit_id <> NEW.unit_id
        AND NOT EXISTS (SELECT 1 FROM ledger_entry AS c WHERE c.cancels_id = e.id))"""

_SQLITE = (
    """CREATE TRIGGER trg_ledger_entry_no_update BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, '台账记录不可修改，请撤销或调整'); END""",
    """CREATE TRIGGER trg_ledger_entry_no_delete BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, '台账记录不可删除，请撤销'); END""",
    f"""CREATE TRIGGER trg_ledger_entry_stock AFTER INSERT ON ledger_entry WHEN NEW.stock_delta < 0 AND {_LOWEST}
    BEGIN SELECT RAISE(ABORT, '库存不得为负'); END""",
    f"""CREATE TRIGGER trg_ledger_entry_national_no BEFORE INSERT ON ledger_entry
    WHEN NEW.national_no IS NOT NULL AND {_NUMBER_TAKEN}
    BEGIN SELECT RAISE(ABORT, '国家联单编号已被其他单位的记录使用'); END""",
)
_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION fn_ledger_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '台账记录不可修改或删除，请撤销或调整'; END $body$""",
    """CREATE TRIGGER trg_ledger_entry_no_update BEFORE UPDATE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION fn_ledger_entry_refuse()""",
    """CREATE TRIGGER trg_ledger_entry_no_delete BEFORE DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION fn_ledger_entry_refuse()""",
    """CREATE TRIGGER trg_ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION fn_ledger_entry_refuse()""",
    f"""CREATE OR REPLACE FUNCTION fn_ledger_entry_stock() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF {_LOWEST} THEN RAISE EXCEPTION '库存不得为负'; END IF; RETURN NULL; END $body$""",
    """CREATE TRIGGER trg_ledger_entry_stock AFTER INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stock_delta < 0) EXECUTE FUNCTION fn_ledger_entry_stock()""",
    f"""CREATE OR REPLACE FUNCTION fn_ledger_entry_national_no() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF {_NUMBER_TAKEN} THEN RAISE EXCEPTION '国家联单编号已被其他单位的记录使用'; END IF;
    RETURN NEW; END $body$""",
    """CREATE TRIGGER trg_ledger_entry_national_no BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.national_no IS NOT NULL) EXECUTE FUNCTION fn_ledger_entry_national_no()""",
)
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        # DDL() formats with %, so a literal one would have to be doubled; there is none.
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(LedgerEntry.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
