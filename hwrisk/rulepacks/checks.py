"""What `hwrisk verify` asks of the rule packs."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.db.checks import Check
from hwrisk.errors import BadFile
from hwrisk.rulepacks.models import RulePack
from hwrisk.rulepacks.rules import parse_pack


def altered_packs(session: Session) -> list[str]:
    """Return one sentence for each version whose text or values are not what was loaded."""
    packs = session.scalars(select(RulePack).order_by(RulePack.id)).all()
    return [
        f"规则包 {pack.pack_id} {pack.version}（{pack.region}）与装入时不一致：{problem}"
        for pack in packs
        if (problem := _alteration(pack))
    ]


def _alteration(pack: RulePack) -> str:
    if hashlib.sha256(pack.body.encode()).hexdigest() != pack.body_sha256:
        return "原文被改动"
    try:
        parsed = parse_pack(pack.body)
    except BadFile as refusal:
        return refusal.message
    header = (pack.pack_id, pack.version, pack.region, pack.effective_from, pack.effective_until, pack.trust)
    if header != (
        parsed.pack_id,
        parsed.version,
        parsed.region,
        parsed.effective_from,
        parsed.effective_until,
        parsed.trust,
    ):
        return "编号、版本、地区、起止日期或可信程度与原文不符"
    return "" if pack.parameters == parsed.parameters else "参数与原文不符"


CHECKS = (Check("rulepacks.text", "规则包与装入时一致", altered_packs),)
