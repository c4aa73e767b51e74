"""The answer to one question of command: what it is, what helps, where it lies, how far, how much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache, partial
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.catalogue.chemicals.models import ChemicalSubstance
from hwrisk.catalogue.chemicals.queries import listings_of
from hwrisk.emergency import measures, rules
from hwrisk.emergency.lookup.names import Names, Origin, read_depots, read_names
from hwrisk.emergency.lookup.records import Answer, Asked, DepotStock, Offer, SubstanceCard
from hwrisk.emergency.lookup.words import Typed, meant, meant_depots, take_apart
from hwrisk.emergency.models import Depot, MaterialKind
from hwrisk.emergency.queries.kinds import candidates_of
from hwrisk.emergency.queries.supply import Found, cards, stock_at, supplies, with_cards
from hwrisk.emergency.settings import stock_settings
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import near_names
from hwrisk.regions.geodesy import Point, parse_point
from hwrisk.security.viewer import Viewer

MOST_SUBSTANCES, MOST_KINDS, MOST_DEPOTS, MOST_OTHERS = 3, 3, 20, 12


class _Meant(NamedTuple):
    substances: list[int]
    kinds: list[int]
    depots: list[int]
    origin: Origin | None


def answer(session: Session, asked: Asked, *, user: Viewer, as_of: date) -> Answer:
    """Return the answer to what was asked, by what is known on `as_of`, within the sight of `user`."""
    typed = take_apart(asked.text)
    found = Answer(asked, as_of, stock_settings(session, as_of=as_of), problems=list(typed.problems))
    if not asked.text.strip() and not asked.origin.strip():
        return found
    thought = _think(session, read_names(session), typed, found, user)
    found.origin = thought.origin
    found.amount = asked.amount.strip() or _as_typed(typed)
    near = thought.origin.point if thought.origin else None
    found.substances = _substances(session, thought.substances[:MOST_SUBSTANCES])
    kinds = thought.kinds or _reviewed_kinds(found.substances)
    found.offers = _offers(session, kinds[:MOST_KINDS], found, near, user)
    if thought.depots or (thought.origin and not found.substances and not found.offers):
        found.depots = _depots(session, thought.depots, found, near, user)
    return found


def _think(session: Session, names: Names, typed: Typed, found: Answer, user: Viewer) -> _Meant:
    """Return what the words mean; what nobody knows is said, with near names."""
    depots_named = cache(partial(read_depots, session, user=user))
    substances = [names.cas[number] for number in typed.cas if number in names.cas]
    found.problems += [f"名录中没有 CAS 号 {number} 的物质" for number in typed.cas if number not in names.cas]
    kinds: list[int] = []
    depots: list[int] = []
    origin = Origin("所填坐标", typed.point, is_rough=False) if typed.point else _picked(session, names, found, user)
    for word in typed.names:
        places, is_place = meant(word, names.places)
        of_kind, is_kind = meant(word, names.kinds)
        of_substance, is_substance = meant(word, names.substances)
        if is_place:
            origin = origin or names.origins[places[0]]
            continue
        # A name of a material or substance is never looked for among thousands of depots.
        of_depot, is_depot = ([], False) if is_kind or is_substance else meant_depots(word, depots_named())
        is_exact = is_kind or is_substance or is_depot
        hits = [
            ids if whole or not is_exact else []
            for ids, whole in ((of_substance, is_substance), (of_kind, is_kind), (of_depot, is_depot))
        ]
        if not any(hits):
            if places:
                origin = origin or names.origins[places[0]]
            else:
                _say_unknown(word, names, found)
            continue
        substances += hits[0]
        kinds += hits[1]
        depots += hits[2]
    found.others = _others(session, substances[MOST_SUBSTANCES:], kinds[MOST_KINDS:])
    if origin is None and len(depots) == 1 and (kinds or substances):
        origin = _of_depot(session, depots[0])
    return _Meant(_once(substances), _once(kinds), _once(depots), origin)


def _picked(session: Session, names: Names, found: Answer, user: Viewer) -> Origin | None:
    """Return the origin that was picked beside the box."""
    text = found.asked.origin.strip()
    if not text:
        return None
    try:
        point = parse_point(text, field="q")
    except RuleViolation as violation:
        found.problems.append(violation.message)
        return None
    if point is not None:
        return Origin("所填坐标", point, is_rough=False)
    places, _ = meant(text, names.places)
    if places:
        return names.origins[places[0]]
    depots, _ = meant(text, read_depots(session, user=user))
    if depots and (of_depot := _of_depot(session, depots[0])) is not None:
        return of_depot
    found.problems.append(f"没有找到地点“{text[:20]}”，可填园区、区县、物资库名称，或“经度,纬度”")
    return None


def place_point(session: Session, text: str, *, user: Viewer) -> Point | None:
    """Return the rough middle of the place that `text` names, or where the depot of that name lies, or None."""
    names = read_names(session)
    places, is_place = meant(text, names.places)
    if is_place:
        return names.origins[places[0]].point
    depots, is_depot = meant(text, read_depots(session, user=user))
    of_depot = _of_depot(session, depots[0]) if is_depot else None
    return of_depot.point if of_depot else None


def _of_depot(session: Session, depot_id: int) -> Origin | None:
    depot = session.get_one(Depot, depot_id)
    return Origin(depot.name, depot.point, is_rough=False) if depot.point else None


def _substances(session: Session, ids: Sequence[int]) -> list[SubstanceCard]:
    if not ids:
        return []
    rows = {row.id: row for row in session.scalars(select(ChemicalSubstance).where(ChemicalSubstance.id.in_(ids)))}
    listed, candidates = listings_of(session, ids), candidates_of(session, ids)
    return [
        SubstanceCard(rows[id_], listed[id_], tuple(row for row in candidates if row.substance.id == id_))
        for id_ in ids
    ]


def _reviewed_kinds(found: Sequence[SubstanceCard]) -> list[int]:
    """Return the kinds that a person found suitable; what is not reviewed takes no part by itself."""
    return _once([row.kind.id for card in found for row in card.reviewed if row.kind])


def _offers(session: Session, ids: Sequence[int], found: Answer, near: Point | None, user: Viewer) -> list[Offer]:
    if not ids:
        return []
    kinds = {row.id: row for row in session.scalars(select(MaterialKind).where(MaterialKind.id.in_(ids)))}
    have = supplies(session, ids, user=user, near=near, settings=found.settings, as_of=found.as_of)
    drafts = [_draft(kinds[id_], have[id_], found.amount) for id_ in ids]
    wanted = [each for draft in drafts for each in (*draft.found[:MOST_DEPOTS], *draft.plan)]
    known = with_cards(session, wanted, user=user, near=near)
    return [
        Offer(
            draft.kind, draft.found, tuple(known[each] for each in draft.found[:MOST_DEPOTS]), draft.wanted_milli,
            tuple(known[each] for each in draft.plan), draft.problem,
        )
        for draft in drafts
    ]  # fmt: skip


class _Draft(NamedTuple):
    kind: MaterialKind
    found: tuple[Found, ...]
    wanted_milli: int | None
    plan: tuple[Found, ...]
    problem: str


def _draft(kind: MaterialKind, have: Sequence[Found], amount: str) -> _Draft:
    shown = tuple(sorted(have, key=_giving_first))
    if not amount:
        return _Draft(kind, shown, None, (), "")
    try:
        wanted = measures.parse_milli(amount, unit=kind.unit, what="需要量")
    except RuleViolation as violation:
        return _Draft(kind, shown, None, (), violation.message)
    by_depot = {each.depot_id: each for each in have}
    free = {id_: each.free_milli for id_, each in by_depot.items()}
    chosen = rules.fewest_nearest(free, order=list(by_depot), wanted_milli=wanted) if wanted else []
    return _Draft(kind, shown, wanted, tuple(by_depot[id_] for id_ in chosen[:MOST_DEPOTS]), "")


def _giving_first(found: Found) -> tuple[bool, bool, float]:
    # Nobody in a hurry should have to thumb past the depots that have nothing to give.
    return (not found.free_milli, found.km is None, -found.free_milli if found.km is None else found.km)


def _depots(session: Session, ids: Sequence[int], found: Answer, near: Point | None, user: Viewer) -> list[DepotStock]:
    where = [Depot.id.in_(ids)] if ids else []
    chosen = cards(session, user=user, near=near, where=where)[:MOST_DEPOTS]
    held = stock_at(session, [card.id for card in chosen], settings=found.settings, as_of=found.as_of)
    stock = {depot_id: [row for row in rows if row[1]] for depot_id, rows in held.items()}
    wanted = {kind_id for rows in stock.values() for kind_id, _ in rows[:MOST_OTHERS]}
    kinds = {row.id: row for row in session.scalars(select(MaterialKind).where(MaterialKind.id.in_(sorted(wanted))))}
    shown = []
    for card in chosen:
        rows = stock.get(card.id, [])
        texts = [f"{kinds[k].name} {measures.shown(milli)} {kinds[k].unit}" for k, milli in rows[:MOST_OTHERS]]
        shown.append(DepotStock(card, tuple(texts), max(len(rows) - MOST_OTHERS, 0)))
    return shown


def _others(session: Session, substances: Sequence[int], kinds: Sequence[int]) -> list[str]:
    found: list[str] = []
    for model, ids in ((ChemicalSubstance, substances), (MaterialKind, kinds)):
        if ids:
            found += session.scalars(select(model.name).where(model.id.in_(ids[:MOST_OTHERS]))).all()
    return found[:MOST_OTHERS]


def _say_unknown(word: str, names: Names, found: Answer) -> None:
    # Places by every name they go by: of 柘汪镇 only the short name 柘汪 is near.
    known = [thing.names[0] for things in (names.kinds, names.substances) for thing in things]
    known += [name for thing in names.places for name in thing.names]
    near = near_names(word, known)
    found.instead += [(name, found.asked.text.replace(word, name)) for name in near]
    said = f"，相近的有：{'、'.join(near)}" if near else "，请换一个名称、俗名、地点或 CAS 号"
    found.problems.append(f"没有找到“{word[:20]}”{said}")


def _as_typed(typed: Typed) -> str:
    return f"{typed.amount[0]}{typed.amount[1]}" if typed.amount else ""


def _once(ids: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(ids))
