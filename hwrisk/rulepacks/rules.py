"""Reading a rule pack's text and running its test cases; every error is one Chinese sentence naming the place."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from hwrisk.errors import BadFile
from hwrisk.rulepacks.records import CaseResult, CaseRunner
from hwrisk.rulepacks.trust import Trust

MAX_CHARACTERS = 500_000
"""A longer text is refused unread; the largest pack we know has about a twentieth of this."""
MAX_INTEGER = 10**12
HEADER_TEXTS = ("id", "version", "title", "region", "source", "clause", "trust")
HEADER_KEYS = frozenset({*HEADER_TEXTS, "effective_from", "effective_until", "note", "case"})
MAY_BE_EMPTY = frozenset({"clause"})
CASE_KEYS = frozenset({"name", "input", "expect"})
PATTERNS = {
    "id": (re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*"), "小写字母、数字和连字符，如 storage-limits"),
    "version": (re.compile(r"[0-9]{4}\.[0-9]{1,4}(\.[0-9]{1,4})?"), "年份加序号，如 2026.1"),
    "region": (re.compile(r"CN|[0-9]{6}"), "CN 或六位行政区划代码，如 320700"),
}
MAX_LENGTH = {"id": 64, "version": 20, "region": 6, "title": 200}
_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)")


class PackCase(NamedTuple):
    """One test case of a pack: what is given, and what must come out; days are ISO text."""

    name: str
    input: Mapping[str, Any]
    expect: Mapping[str, Any]


class ParsedPack(NamedTuple):
    """A rule pack as its text says; `parameters` is all that is neither header nor case, with days as ISO text."""

    pack_id: str
    version: str
    title: str
    region: str
    effective_from: date
    effective_until: date | None
    source: str
    clause: str
    trust: Trust
    note: str
    parameters: dict[str, Any]
    cases: tuple[PackCase, ...]
    body: str
    body_sha256: str


def parse_pack(text: str) -> ParsedPack:
    """Return the rule pack written in `text` (TOML).

    Raises:
        BadFile: the text is not TOML, or a field is missing, misspelt or of the wrong kind; the message names it.
    """
    table = _toml(text)
    header = {key: _header_text(table, key) for key in HEADER_TEXTS}
    starts, ends = _header_day(table, "effective_from"), None
    if "effective_until" in table:
        ends = _header_day(table, "effective_until")
        if ends < starts:
            raise BadFile(f"规则包的 effective_until（{ends}）早于 effective_from（{starts}），请核对起止日期")
    note = table.get("note", "")
    if not isinstance(note, str):
        raise BadFile("规则包的 note 应为文字")
    return ParsedPack(
        pack_id=header["id"],
        version=header["version"],
        title=header["title"],
        region=header["region"],
        effective_from=starts,
        effective_until=ends,
        source=header["source"],
        clause=header["clause"],
        trust=_trust(header["trust"], "trust"),
        note=note,
        parameters={key: _plain(value, key) for key, value in table.items() if key not in HEADER_KEYS},
        cases=_cases(table.get("case", [])),
        body=text,
        body_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def run_cases(pack: ParsedPack, runner: CaseRunner) -> list[CaseResult]:
    """Return the outcome of every test case of `pack`, in the order of the text."""
    return [_run_case(pack.parameters, case, runner) for case in pack.cases]


def region_rank(region: str) -> int:
    """Return how narrow a region is: 0 nation, 1 province, 2 city, 3 county; the narrower pack goes first."""
    if region == "CN":
        return 0
    return 1 if region.endswith("0000") else 2 if region.endswith("00") else 3


def as_plain(value: Any) -> Any:
    """Return `value` as plain JSON: days as ISO text, decimals as text, enums by value, tuples as lists."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [as_plain(inner) for inner in value]
    return value


def _toml(text: str) -> dict[str, Any]:
    if len(text) > MAX_CHARACTERS:
        raise BadFile(f"规则包超过 {MAX_CHARACTERS:,} 个字符，不予读取，请确认选对了文件")
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError as failure:
        raise BadFile("规则包的嵌套层数过多，不予读取，请确认选对了文件") from failure
    except ValueError as failure:
        raise BadFile(f"规则包{_position(str(failure))}不符合 TOML 格式，请检查引号、括号和重复的名称") from failure


def _position(message: str) -> str:
    if found := _POSITION.search(message):
        return f"第{found[1]}行第{found[2]}列附近"
    return "末尾" if "end of document" in message else "有一处"


def _header_text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if value is None:
        raise BadFile(f'规则包缺少 {key}，请在开头写上，如 {key} = "…"')
    if not isinstance(value, str):
        raise BadFile(f"规则包的 {key} 应为带引号的文字，现为“{value}”")
    if not value.strip() and key not in MAY_BE_EMPTY:
        raise BadFile(f"规则包的 {key} 不能为空")
    if len(value) > MAX_LENGTH.get(key, MAX_CHARACTERS):
        raise BadFile(f"规则包的 {key} 太长，最多 {MAX_LENGTH[key]} 个字符")
    if key in PATTERNS and not PATTERNS[key][0].fullmatch(value):
        raise BadFile(f"规则包的 {key} 写法不对，现为“{value}”，应为{PATTERNS[key][1]}")
    return value


def _header_day(table: Mapping[str, Any], key: str) -> date:
    value = table.get(key)
    if value is None:
        raise BadFile(f"规则包缺少 {key}，请写成不带引号的日期，如 {key} = 2026-01-01")
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadFile(f"规则包的 {key} 应为不带引号的日期，如 2026-01-01，现为“{value}”")
    return value


def _trust(value: str, place: str) -> Trust:
    try:
        return Trust(value)
    except ValueError as failure:
        allowed = "、".join(f"{trust.value}（{trust.label}）" for trust in Trust)
        raise BadFile(f"规则包的 {place} 现为“{value}”，应为 {allowed} 之一") from failure


def _plain(value: Any, place: str) -> Any:
    """Return a TOML value as JSON; what would not come back the same is refused."""
    if isinstance(value, dict):
        return {key: _plain_entry(key, inner, f"{place}.{key}") for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, f"{place} 第{number}项") for number, inner in enumerate(value, start=1)]
    if isinstance(value, float):
        raise BadFile(f'规则包的 {place} 是小数 {value}，请写成带引号的文字，如 "{value}"，以免产生误差')
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INTEGER:
        raise BadFile(f"规则包的 {place} 数值过大，请核对")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (str, int)):
        return value
    raise BadFile(f"规则包的 {place} 带有时刻，这里只用日期，如 2026-01-01")


def _plain_entry(key: str, value: Any, place: str) -> Any:
    if key == "trust":
        _trust(str(value), place)
    return _plain(value, place)


def _cases(value: Any) -> tuple[PackCase, ...]:
    if not isinstance(value, list):
        raise BadFile("规则包的 case 应写成 [[case]]，每个试算用例一段")
    cases = tuple(_case(entry, f"第{number}个 [[case]]") for number, entry in enumerate(value, start=1))
    seen: set[str] = set()
    for number, case in enumerate(cases, start=1):
        if case.name in seen:
            raise BadFile(f"规则包第{number}个 [[case]] 与前面的用例同名“{case.name}”，请改名")
        seen.add(case.name)
    return cases


def _case(entry: Any, place: str) -> PackCase:
    if not isinstance(entry, dict) or set(entry) != CASE_KEYS:
        raise BadFile(f"规则包{place}应当且只应当有 name、input、expect 三项")
    if not isinstance(entry["name"], str) or not entry["name"].strip():
        raise BadFile(f"规则包{place}的 name 应为不空的文字")
    for key in ("input", "expect"):
        if not isinstance(entry[key], dict) or not entry[key]:
            raise BadFile(f"规则包{place}“{entry['name']}”的 {key} 应为不空的表，如 {key} = {{ … }}")
    given, expect = (_plain(entry[key], f"{place}“{entry['name']}”的 {key}") for key in ("input", "expect"))
    return PackCase(entry["name"], given, expect)


def _run_case(parameters: Mapping[str, Any], case: PackCase, runner: CaseRunner) -> CaseResult:
    expected = dict(case.expect)
    try:
        result = as_plain(runner.run(parameters, case.input))
    except Exception as failure:  # a runner meets parameters typed by a person: whatever it raises is a failed case
        return CaseResult(case.name, False, expected, {}, f"试算出错：{failure or type(failure).__name__}")
    got = {key: result.get(key) for key in expected}
    wrong = [key for key in expected if not _same(got[key], expected[key])]
    message = "，".join(f"{key} 应为 {_shown(expected[key])}，算得 {_shown(got[key])}" for key in wrong)
    return CaseResult(case.name, not wrong, expected, got, message)


def _same(got: Any, expected: Any) -> bool:
    # As JSON, because to Python 1 == True.
    return json.dumps(got, sort_keys=True, default=repr) == json.dumps(expected, sort_keys=True)


def _shown(value: Any) -> str:
    if value is None:
        return "空"
    return "是" if value is True else "否" if value is False else str(value)
