"""Which rule and which clause were in force on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, contains_eager

from hwrisk.db.once import once
from hwrisk.db.types import Labelled
from hwrisk.errors import NotFound
from hwrisk.rulepacks.models import Law, LawClause, LawKind, RulePack
from hwrisk.rulepacks.records import VerdictChange, VerdictSource
from hwrisk.rulepacks.rules import region_rank
from hwrisk.rulepacks.trust import Trust


class Citation(NamedTuple):
    """What a rule rests on: `text` as it is cited, how far it was checked, and what the clause says in brief."""

    text: str
    trust: Trust
    brief: str
    law_key: str

    @property
    def shown(self) -> str:
        """The citation for a page or export, with 待核 behind it unless verified."""
        return self.text + self.trust.suffix


class PackState(Labelled):
    """Where a version of a pack stands on a day (状态)."""

    LOADED = "loaded", "未启用"
    IN_FORCE = "in_force", "在用"
    REPLACED = "replaced", "已被替代"
    FUTURE = "future", "尚未生效"
    EXPIRED = "expired", "已失效"


class PackRow(NamedTuple):
    """One version of a pack and its state on the day asked for."""

    pack: RulePack
    state: PackState


def parameters(session: Session, pack_id: str, *, on: date, known_at: datetime | None = None) -> RulePack:
    """Return the active version of `pack_id` in force on the day `on`; its values are in `.parameters`.

    The narrowest region goes first, then the latest effective day, then the latest activation. `known_at` asks for
    what had been activated by that instant (None: by now).

    Raises:
        NotFound: no active version is in force on that day.
    """
    pack = _chosen(_active_packs(session, pack_id, known_at=known_at), on)
    if pack is None:
        raise NotFound(f"规则包 {pack_id} 在 {on} 没有已启用的版本，请先装入并启用")
    return pack


class PackHistory:
    """The active versions of one pack, loaded once, to be asked for many days."""

    def __init__(self, session: Session, pack_id: str, *, known_at: datetime | None = None) -> None:
        self._pack_id = pack_id
        self._packs = _active_packs(session, pack_id, known_at=known_at)

    def on(self, day: date) -> RulePack:
        """Return the version in force on `day`; before the first one, the first.

        Raises:
            NotFound: no version was ever activated.
        """
        if not self._packs:
            raise NotFound(f"规则包 {self._pack_id} 没有已启用的版本，请先装入并启用")
        return _chosen(self._packs, day) or min(self._packs, key=lambda pack: (pack.effective_from, pack.id))


def pack_version(session: Session, pack_id: str, *, region: str, version: str) -> RulePack | None:
    """Return one version of a pack, active or not, or None when it was never loaded."""
    return session.scalars(
        select(RulePack).where(RulePack.pack_id == pack_id, RulePack.region == region, RulePack.version == version)
    ).one_or_none()


def get_pack(session: Session, public_id: UUID) -> RulePack:
    """Return the version with this public id.

    Raises:
        NotFound: there is none.
    """
    pack = session.scalars(select(RulePack).where(RulePack.public_id == public_id)).one_or_none()
    if pack is None:
        raise NotFound
    return pack


def all_packs(session: Session, *, on: date) -> list[PackRow]:
    """Return every version of every pack with its state on the day `on`: by pack, latest effective day first."""
    packs = session.scalars(
        select(RulePack).order_by(RulePack.pack_id, RulePack.effective_from.desc(), RulePack.id.desc())
    ).all()
    active: dict[str, list[RulePack]] = {}
    for pack in packs:
        if pack.activated_at is not None:
            active.setdefault(pack.pack_id, []).append(pack)
    chosen = {pack_id: _chosen(rows, on) for pack_id, rows in active.items()}
    return [PackRow(pack, _state(pack, chosen.get(pack.pack_id), on)) for pack in packs]


def verdict_changes(
    session: Session, pack: RulePack, *, sources: Iterable[VerdictSource], as_of: date
) -> list[tuple[str, Sequence[VerdictChange]]]:
    """Return what activating `pack` would change on the day `as_of`: per room its label and the changes."""
    active = _chosen(_active_packs(session, pack.pack_id, known_at=None), as_of)
    before = None if active is None else active.parameters
    return [
        (source.label, source.changes(session, before, pack.parameters, as_of))
        for source in sources
        if source.pack_id == pack.pack_id
    ]


def citation(session: Session, subject: str, *, on: date) -> Citation:
    """Return the clause that settles `subject` by the law in force on the day `on`.

    Raises:
        NotFound: no law known to the system settles the subject on that day.
    """
    clause = session.scalars(
        select(LawClause)
        .join(LawClause.law)
        .options(contains_eager(LawClause.law))
        .where(LawClause.subject == subject, _law_in_force(on))
        .order_by(Law.effective_from.desc().nulls_last(), Law.law_key)
        .limit(1)
    ).one_or_none()
    if clause is None:
        raise NotFound(f"事项 {subject} 在 {on} 没有登记有效的法规依据，请核对法规表")
    return _cited(clause)


def citations(session: Session, *, on: date) -> dict[str, Citation]:
    """Return the citation of every subject in force on the day `on`, by subject; one statement."""
    rows = session.scalars(
        select(LawClause)
        .join(LawClause.law)
        .options(contains_eager(LawClause.law))
        .where(_law_in_force(on))
        .order_by(LawClause.subject, Law.effective_from.asc().nulls_first(), Law.law_key.desc())
    )
    return {row.subject: _cited(row) for row in rows}


def all_laws(session: Session) -> Sequence[Law]:
    """Return the law table, by region and day of entering into force."""
    return session.scalars(
        select(Law).order_by(Law.region.desc(), Law.effective_from.desc().nulls_last(), Law.law_key)
    ).all()


def clauses_of(session: Session, law: Law) -> Sequence[LawClause]:
    """Return the clauses of one law, in the order they were entered."""
    return session.scalars(select(LawClause).where(LawClause.law_id == law.id).order_by(LawClause.id)).all()


def _law_in_force(on: date) -> ColumnElement[bool]:
    return and_(
        or_(Law.effective_from.is_(None), Law.effective_from <= on),
        or_(Law.effective_until.is_(None), Law.effective_until >= on),
    )


def _active_packs(session: Session, pack_id: str, *, known_at: datetime | None) -> Sequence[RulePack]:
    statement = select(RulePack).where(RulePack.pack_id == pack_id, RulePack.activated_at.is_not(None))
    if known_at is not None:
        return session.scalars(statement.where(RulePack.activated_at <= known_at)).all()
    return once(session, ("active packs", pack_id), lambda: session.scalars(statement).all())


def _chosen(packs: Sequence[RulePack], on: date) -> RulePack | None:
    # A handful of versions per pack: choosing in Python keeps the order of regions in one place.
    in_force = [pack for pack in packs if _covers(pack, on)]
    return max(
        in_force,
        key=lambda pack: (region_rank(pack.region), pack.effective_from, pack.activated_at, pack.id),
        default=None,
    )


def _covers(pack: RulePack, on: date) -> bool:
    return pack.effective_from <= on and (pack.effective_until is None or on <= pack.effective_until)


def _state(pack: RulePack, chosen: RulePack | None, on: date) -> PackState:
    if pack.activated_at is None:
        return PackState.LOADED
    if pack is chosen:
        return PackState.IN_FORCE
    if pack.effective_from > on:
        return PackState.FUTURE
    return PackState.REPLACED if _covers(pack, on) else PackState.EXPIRED


def _cited(row: LawClause) -> Citation:
    law = row.law
    name = law.title if law.kind is LawKind.INTERNAL else f"《{law.title}》"
    number = f"（{law.document_no}）" if law.document_no else ""
    return Citation(f"{name}{number}{row.clause}", row.trust, row.brief, law.law_key)
