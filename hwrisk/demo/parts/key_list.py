"""The key list of the demonstration: last year's list, this year's published by a notice, and next year's draft."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from hwrisk.clock import now
from hwrisk.demo.parts.context import DemoContext
from hwrisk.key_list.models import KeyList, KeyListEntry, ReviewState
from hwrisk.key_list.operations import decide, propose, publish, record_figures, review, take_former
from hwrisk.key_list.operations.figures import Figure
from hwrisk.key_list.operations.publishing import FormerLine
from hwrisk.key_list.queries.facts import judged_units
from hwrisk.units.queries import UnitRow

PUBLISHED_DAY = (3, 18)
FIGURED = 2
"""Years before the ledgers begin for which yearly figures are made up."""
EVERY_FIGURE = 9
EVERY_OBJECTION = 41
EVERY_REVIEWED = 3
LEFT_OUT = 11
"""Every so many units of the former list stand there although they are no key units any more, or the other way."""


def build(context: DemoContext) -> int:
    """Return how many lines of lists and yearly figures were made."""
    session, as_of = context.session, context.as_of
    figures = _figures(context)
    record_figures(session, figures, as_of=as_of, actor=context.viewer, at=now())
    made = len(figures)
    key_units = [
        (judged.row, judged.verdict.tonnes)
        for judged in judged_units(session, on=date(as_of.year, 1, 1), as_of=as_of, unit_ids=context.unit_ids)
        if judged.verdict.is_key
    ]
    if not key_units:
        return made
    former = _former(context, key_units)
    current = _current(context)
    return made + _lines(context, former) + _lines(context, current) + _lines(context, _draft(context))


def _figures(context: DemoContext) -> list[Figure]:
    """Make yearly figures of the time before the ledgers, near what the ledger of the same unit says."""
    first = context.as_of.year - FIGURED - 1
    chosen = context.unit_ids[::EVERY_FIGURE]
    usual = {
        judged.row.id: judged.verdict.tonnes
        for judged in judged_units(
            context.session, on=date(context.as_of.year, 1, 1), as_of=context.as_of, unit_ids=chosen
        )
    }
    found = []
    for unit_id in chosen:
        for year in range(first, first + FIGURED):
            tonnes = (usual.get(unit_id) or Decimal(1)) * context.random.randrange(70, 111) / 100
            found.append(Figure(unit_id, year, tonnes.quantize(Decimal("0.0001")), f"{year}年度申报（演示数据）"))
    return found


def _former(context: DemoContext, key_units: list[tuple[UnitRow, Decimal | None]]) -> KeyList:
    year = context.as_of.year - 1
    kept = [pair for place, pair in enumerate(key_units) if place % LEFT_OUT]
    lines = [FormerLine(row, "年产生量100吨以上（演示）", tonnes) for row, tonnes in kept or key_units]
    return take_former(
        context.session, lines, year=year, notice_no=f"演示环发〔{year}〕1号",
        published_on=date(year, *PUBLISHED_DAY), source="演示数据：上一年度清单", as_of=context.as_of,
        actor=context.viewer,
    )  # fmt: skip


def _current(context: DemoContext) -> KeyList:
    year = context.as_of.year
    key_list = propose(context.session, year, as_of=context.as_of, actor=context.viewer)
    review(
        context.session, key_list, _entries(context, key_list), agrees=True, as_of=context.as_of, actor=context.viewer
    )  # fmt: skip
    published_on = min(date(year, *PUBLISHED_DAY), context.as_of)
    publish(
        context.session, key_list, notice_no=f"演示环发〔{year}〕2号",
        notice_title="关于公布危险废物环境重点监管单位清单的通知（演示）", published_on=published_on,
        as_of=context.as_of, actor=context.viewer,
    )  # fmt: skip
    return key_list


def _draft(context: DemoContext) -> KeyList:
    """Leave next year's draft half checked, with a few objections and one decision."""
    session, as_of, viewer = context.session, context.as_of, context.viewer
    key_list = propose(session, as_of.year + 1, as_of=as_of, actor=viewer)
    entries = _entries(context, key_list)
    agreed = [entry for place, entry in enumerate(entries) if place % EVERY_REVIEWED == 0]
    review(session, key_list, agreed, agrees=True, as_of=as_of, actor=viewer)
    for place, entry in enumerate(entries):
        if place % EVERY_OBJECTION == 1:
            own = None if entry.tonnes is None else (entry.tonnes / 2).quantize(Decimal("0.0001"))
            review(
                session, key_list, [entry], agrees=False, as_of=as_of, actor=viewer,
                reason="演示：上年停产检修，产生量与申报不符", own_tonnes=own,
            )  # fmt: skip
    objected = next((entry for entry in entries if entry.review is ReviewState.OBJECTED), None)
    if objected is not None:
        decide(
            session, key_list, objected, listed=True, reason="演示：近三年年最大量仍达100吨，维持列入", as_of=as_of,
            actor=viewer,
        )  # fmt: skip
    return key_list


def _entries(context: DemoContext, key_list: KeyList) -> list[KeyListEntry]:
    rows = context.session.scalars(
        select(KeyListEntry).where(KeyListEntry.list_id == key_list.id).order_by(KeyListEntry.seq_no)
    )
    return list(rows)


def _lines(context: DemoContext, key_list: KeyList) -> int:
    return len(_entries(context, key_list))
