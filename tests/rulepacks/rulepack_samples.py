"""A small pack to vary in tests, and a runner that works its cases out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from hwrisk.rulepacks.operations import activate, load_pack
from hwrisk.rulepacks.records import CaseRunner


class Person(NamedTuple):
    account_id: int
    label: str


LOADER, STARTER, OTHER = Person(1, "演示-张三"), Person(2, "演示-李四"), Person(3, "演示-王五")
WHEN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)

HEADER = {
    "id": '"days-limit"',
    "version": '"2026.1"',
    "title": '"天数期限"',
    "region": '"320700"',
    "effective_from": "2026-01-01",
    "source": '"市局内部管理规则"',
    "clause": '""',
    "trust": '"unverified"',
}
BODY = """
days = 7

[[case]]
name = "第7天"
input = { start = 2026-02-25 }
expect = { last = 2026-03-04 }
"""


def pack_text(body: str = BODY, **header: str | None) -> str:
    fields = HEADER | header
    return "\n".join(f"{key} = {value}" for key, value in fields.items() if value is not None) + "\n" + body


def count_days(parameters: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"last": date.fromisoformat(given["start"]) + timedelta(days=parameters["days"]), "unasked": object()}


RUNNER = CaseRunner("days-limit", count_days)

DAY = date(2026, 6, 1)


def load(session, body=BODY, **header):
    return load_pack(session, pack_text(body, **header), actor=LOADER, recorded_at=WHEN)


def start(session, pack, *, at=WHEN):
    return activate(session, pack, runners=[RUNNER], actor=STARTER, recorded_at=at)
