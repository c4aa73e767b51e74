"""Loading and activating rule packs, and keeping the law table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.audit import Actor
from hwrisk.errors import RuleViolation
from hwrisk.rulepacks import queries
from hwrisk.rulepacks.models import Law, LawClause, RulePack
from hwrisk.rulepacks.records import CaseResult, CaseRunner
from hwrisk.rulepacks.rules import ParsedPack, parse_pack, run_cases

KIND = "rule_pack"
"""What the audit trail calls a version of a pack."""
SYSTEM = "系统"
SHOWN_FAILURES = 5


class Change(Enum):
    """What putting a row did."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def load_pack(session: Session, text: str, *, actor: Actor | None, recorded_at: datetime) -> RulePack:
    """Keep the rule pack written in `text` as a version that is not yet active; the same text twice changes nothing.

    Raises:
        BadFile: the text is not a rule pack; the message names the place.
        RuleViolation: this version exists already with other content.
    """
    parsed = parse_pack(text)
    existing = queries.pack_version(session, parsed.pack_id, region=parsed.region, version=parsed.version)
    if existing is not None:
        if existing.body_sha256 != parsed.body_sha256:
            raise RuleViolation(
                f"规则包 {parsed.pack_id} 的 {parsed.version} 版已装入且内容不同；版本不可覆盖，请改 version 再装入",
                field="version",
            )
        return existing
    pack = _new_pack(parsed, actor=actor, recorded_at=recorded_at)
    session.add(pack)
    session.flush()
    audit.record(session, actor, "rule_pack.load", KIND, pack.id, summary=_summary(pack))
    return pack


def check_pack(pack: RulePack, *, runners: Iterable[CaseRunner]) -> list[CaseResult]:
    """Return the outcome of every test case of `pack`, without changing anything.

    Raises:
        RuleViolation: the pack has no test case, or nobody can work its cases out.
    """
    parsed = parse_pack(pack.body)
    if not parsed.cases:
        raise RuleViolation(f"规则包“{pack.title}”没有试算用例，不能启用；请补上 [[case]] 后以新版本装入")
    runner = next((runner for runner in runners if runner.pack_id == pack.pack_id), None)
    if runner is None:
        raise RuleViolation(f"规则包“{pack.title}”（{pack.pack_id}）没有对应的试算程序，不能启用；请核对 id 是否写对")
    return run_cases(parsed, runner)


def activate(
    session: Session, pack: RulePack, *, runners: Iterable[CaseRunner], actor: Actor | None, recorded_at: datetime
) -> list[CaseResult]:
    """Put a version into force from its effective day on, and return the outcome of its test cases.

    An active version stays as it is. Which version rules on a day, `queries.parameters` says.

    Raises:
        RuleViolation: a test case does not come out as written, or there is none.
    """
    results = check_pack(pack, runners=runners)
    if pack.activated_at is not None:
        return results
    failed = [result for result in results if not result.passed]
    if failed:
        raise RuleViolation(_refusal(pack, failed, of=len(results)))
    pack.case_results = [result._asdict() for result in results]
    pack.activated_at, pack.activated_by = recorded_at, _label(actor)
    session.flush()
    audit.record(session, actor, "rule_pack.activate", KIND, pack.id, summary=_summary(pack))
    return results


def put_law(session: Session, *, law_key: str, values: Mapping[str, Any]) -> Change:
    """Insert or update the law with this key."""
    law = session.scalars(select(Law).where(Law.law_key == law_key)).one_or_none()
    if law is None:
        session.add(Law(law_key=law_key, **values))
        session.flush()
        return Change.ADDED
    return _set(session, law, values)


def put_clause(session: Session, law: Law, *, subject: str, values: Mapping[str, Any]) -> Change:
    """Insert or update the clause by which `law` settles `subject`."""
    clause = session.scalars(
        select(LawClause).where(LawClause.subject == subject, LawClause.law_id == law.id)
    ).one_or_none()
    if clause is None:
        session.add(LawClause(law_id=law.id, subject=subject, **values))
        session.flush()
        return Change.ADDED
    return _set(session, clause, values)


def _set(session: Session, row: Law | LawClause, values: Mapping[str, Any]) -> Change:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    session.flush()
    return Change.CHANGED if changed else Change.UNCHANGED


def _new_pack(parsed: ParsedPack, *, actor: Actor | None, recorded_at: datetime) -> RulePack:
    return RulePack(
        pack_id=parsed.pack_id,
        version=parsed.version,
        region=parsed.region,
        title=parsed.title,
        effective_from=parsed.effective_from,
        effective_until=parsed.effective_until,
        source=parsed.source,
        clause=parsed.clause,
        trust=parsed.trust,
        note=parsed.note,
        parameters=parsed.parameters,
        body=parsed.body,
        body_sha256=parsed.body_sha256,
        loaded_by=_label(actor),
        loaded_at=recorded_at,
    )


def _label(actor: Actor | None) -> str:
    return actor.label if actor else SYSTEM


def _summary(pack: RulePack) -> dict[str, str]:
    return {"pack": pack.pack_id, "region": pack.region, "version": pack.version, "sha256": pack.body_sha256}


def _refusal(pack: RulePack, failed: Sequence[CaseResult], *, of: int) -> str:
    shown = "；".join(f"“{result.name}”{result.message}" for result in failed[:SHOWN_FAILURES])
    more = f"；另有 {len(failed) - SHOWN_FAILURES} 条" if len(failed) > SHOWN_FAILURES else ""
    return f"规则包“{pack.title}”的 {of} 条试算用例有 {len(failed)} 条不符，未启用：{shown}{more}"
