"""What the database itself guards: a published list, its entries and what was said of them never change."""

from __future__ import annotations

from sqlalchemy import DDL, event

from hwrisk.key_list.models import KeyList, KeyListEntry, KeyListReview

_LIST_OF = {
    "key_list_entry": "SELECT 1 FROM key_list AS l WHERE l.id = {row}.list_id AND l.state = 'published'",
    "key_list_review": "SELECT 1 FROM key_list_entry AS e JOIN key_list AS l ON l.id = e.list_id"
    " WHERE e.id = {row}.entry_id AND l.state = 'published'",
}
_LIST_SAYS = "已公布的清单不可修改，请办理调整"
_REVIEW_SAYS = "核对记录不可修改或删除"


# INSERT OR REPLACE takes the old row away without firing the trigger of a deletion.
_REPLACES = {
    "key_list": "SELECT 1 FROM key_list AS l WHERE l.state = 'published' AND (l.id = NEW.id"
    " OR l.public_id = NEW.public_id OR (l.year = NEW.year AND l.version_no = NEW.version_no))",
    "key_list_entry": "SELECT 1 FROM key_list_entry AS e JOIN key_list AS l ON l.id = e.list_id"
    " WHERE l.state = 'published' AND (e.id = NEW.id OR e.public_id = NEW.public_id)",
    "key_list_review": "SELECT 1 FROM key_list_review AS r WHERE r.id = NEW.id OR r.public_id = NEW.public_id",
}


def _published(table: str, row: str) -> str:
    return _LIST_OF[table].format(row=row)


def _sqlite() -> dict[str, list[str]]:
    def trigger(name: str, table: str, event_name: str, when: str, says: str) -> str:
        return (
            f"CREATE TRIGGER trg_{name} BEFORE {event_name} ON {table}\n"
            f"    {when}\n    BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )

    entry, review = "key_list_entry", "key_list_review"
    was = "WHEN OLD.state = 'published'"
    return {
        "key_list": [
            trigger("key_list_no_replace", "key_list", "INSERT", f"WHEN EXISTS ({_REPLACES['key_list']})", _LIST_SAYS),
            trigger("key_list_no_update", "key_list", "UPDATE", was, _LIST_SAYS),
            trigger("key_list_no_delete", "key_list", "DELETE", was, _LIST_SAYS),
        ],
        entry: [
            trigger(f"{entry}_no_insert", entry, "INSERT", f"WHEN EXISTS ({_published(entry, 'NEW')})", _LIST_SAYS),
            trigger(f"{entry}_no_replace", entry, "INSERT", f"WHEN EXISTS ({_REPLACES[entry]})", _LIST_SAYS),
            trigger(
                f"{entry}_no_update", entry, "UPDATE",
                f"WHEN EXISTS ({_published(entry, 'OLD')}) OR EXISTS ({_published(entry, 'NEW')})", _LIST_SAYS,
            ),
            trigger(f"{entry}_no_delete", entry, "DELETE", f"WHEN EXISTS ({_published(entry, 'OLD')})", _LIST_SAYS),
        ],
        review: [
            trigger(f"{review}_no_insert", review, "INSERT", f"WHEN EXISTS ({_published(review, 'NEW')})", _LIST_SAYS),
            trigger(f"{review}_no_replace", review, "INSERT", f"WHEN EXISTS ({_REPLACES[review]})", _REVIEW_SAYS),
            trigger(f"{review}_no_update", review, "UPDATE", "WHEN 1", _REVIEW_SAYS),
            trigger(f"{review}_no_delete", review, "DELETE", "WHEN 1", _REVIEW_SAYS),
        ],
    }  # fmt: skip


def _postgresql() -> dict[str, list[str]]:
    def function(name: str, body: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION fn_{name}() RETURNS trigger LANGUAGE plpgsql AS\n"
            f"    $body$ BEGIN {body} END $body$"
        )

    def trigger(name: str, table: str, event_name: str, *, each: str = "ROW") -> str:
        kind = event_name.split(" ", 1)[0].lower()
        return (
            f"CREATE TRIGGER trg_{table}_no_{kind} BEFORE {event_name} ON {table}\n"
            f"    FOR EACH {each} EXECUTE FUNCTION fn_{name}()"
        )

    def refuse(says: str) -> str:
        return f"RAISE EXCEPTION '{says}';"

    def guard(table: str) -> str:
        return (
            f"IF TG_OP <> 'INSERT' THEN IF EXISTS ({_published(table, 'OLD')})"
            f" THEN {refuse(_LIST_SAYS)} END IF; END IF;"
            f" IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;"
            f" IF EXISTS ({_published(table, 'NEW')}) THEN {refuse(_LIST_SAYS)} END IF; RETURN NEW;"
        )

    entry, review = "key_list_entry", "key_list_review"
    own = f"IF OLD.state = 'published' THEN {refuse(_LIST_SAYS)} END IF;"
    own += " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
    return {
        "key_list": [
            function("key_list_guard", own),
            function("key_list_refuse", refuse(_LIST_SAYS)),
            trigger("key_list_guard", "key_list", "UPDATE"),
            trigger("key_list_guard", "key_list", "DELETE"),
            trigger("key_list_refuse", "key_list", "TRUNCATE", each="STATEMENT"),
        ],
        entry: [
            function("key_list_entry_guard", guard(entry)),
            *(trigger("key_list_entry_guard", entry, name) for name in ("INSERT", "UPDATE", "DELETE")),
            trigger("key_list_refuse", entry, "TRUNCATE", each="STATEMENT"),
        ],
        review: [
            function("key_list_review_guard", guard(review)),
            function("key_list_review_refuse", refuse(_REVIEW_SAYS)),
            trigger("key_list_review_guard", review, "INSERT"),
            trigger("key_list_review_refuse", review, "UPDATE"),
            trigger("key_list_review_refuse", review, "DELETE"),
            trigger("key_list_review_refuse", review, "TRUNCATE", each="STATEMENT"),
        ],
    }


_TABLES = {"key_list": KeyList, "key_list_entry": KeyListEntry, "key_list_review": KeyListReview}
for _dialect, _statements in (("sqlite", _sqlite()), ("postgresql", _postgresql())):
    for _table, _texts in _statements.items():
        for _text in _texts:
            # DDL() formats with %, so a literal one would have to be doubled; there is none.
            _ddl = DDL(_text)  # type: ignore[no-untyped-call]
            event.listen(_TABLES[_table].__table__, "after_create", _ddl.execute_if(dialect=_dialect))
