"""What the database itself guards: a closed assessment keeps its score, grade and item results."""

from __future__ import annotations

from sqlalchemy import DDL, event

from hwrisk.assessment.models import Assessment, ItemResult

_FROZEN = (
    "unit_id",
    "year",
    "level",
    "subject",
    "assessed_on",
    "scheme_id",
    "score",
    "full_marks",
    "grade",
    "closed_at",
)
_IS_CLOSED = "EXISTS (SELECT 1 FROM assessment AS a WHERE a.id = OLD.assessment_id AND a.closed_at IS NOT NULL)"
_CHANGED = " OR ".join(f"NEW.{name} IS {{not_same}} OLD.{name}" for name in _FROZEN)
_SQLITE_CHANGED = _CHANGED.format(not_same="NOT")
_POSTGRESQL_CHANGED = _CHANGED.format(not_same="DISTINCT FROM")

_SQLITE = (
    (
        Assessment,
        f"""CREATE TRIGGER trg_assessment_frozen BEFORE UPDATE ON assessment
    WHEN OLD.closed_at IS NOT NULL AND ({_SQLITE_CHANGED})
    BEGIN SELECT RAISE(ABORT, '评估办结后得分和等级不可修改，请撤回后重新评估'); END""",
    ),
    (
        Assessment,
        """CREATE TRIGGER trg_assessment_no_delete BEFORE DELETE ON assessment WHEN OLD.closed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, '办结的评估不可删除，请撤回'); END""",
    ),
    (
        ItemResult,
        f"""CREATE TRIGGER trg_assessment_item_no_update BEFORE UPDATE ON assessment_item WHEN {_IS_CLOSED}
    BEGIN SELECT RAISE(ABORT, '评估办结后各项结果不可修改，请撤回后重新评估'); END""",
    ),
    (
        ItemResult,
        f"""CREATE TRIGGER trg_assessment_item_no_delete BEFORE DELETE ON assessment_item WHEN {_IS_CLOSED}
    BEGIN SELECT RAISE(ABORT, '评估办结后各项结果不可删除，请撤回后重新评估'); END""",
    ),
)
_POSTGRESQL = (
    (
        Assessment,
        """CREATE OR REPLACE FUNCTION fn_assessment_frozen() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN RAISE EXCEPTION '评估办结后得分、等级和各项结果不可修改，请撤回后重新评估'; END $body$""",
    ),
    (
        Assessment,
        f"""CREATE TRIGGER trg_assessment_frozen BEFORE UPDATE ON assessment FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL AND ({_POSTGRESQL_CHANGED})) EXECUTE FUNCTION fn_assessment_frozen()""",
    ),
    (
        Assessment,
        """CREATE TRIGGER trg_assessment_no_delete BEFORE DELETE ON assessment FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION fn_assessment_frozen()""",
    ),
    (
        ItemResult,
        f"""CREATE OR REPLACE FUNCTION fn_assessment_item_frozen() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN IF {_IS_CLOSED} THEN RAISE EXCEPTION '评估办结后各项结果不可修改，请撤回后重新评估'; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $body$""",
    ),
    (
        ItemResult,
        """CREATE TRIGGER trg_assessment_item_frozen BEFORE UPDATE OR DELETE ON assessment_item
    FOR EACH ROW EXECUTE FUNCTION fn_assessment_item_frozen()""",
    ),
)
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _model, _statement in _statements:
        # DDL() formats with %, so a literal one would have to be doubled; there is none.
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(_model.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
