"""What the balance puts into the menu and at the head of the to-do page; its owner and its check."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments import Owner
from hwrisk.capacity import queries
from hwrisk.capacity.computing import compute
from hwrisk.capacity.inputs import Inputs, Scenario
from hwrisk.capacity.models import CapacityRun
from hwrisk.db.checks import Check
from hwrisk.db.types import ZERO, ratio
from hwrisk.security.permissions import Permission
from hwrisk.security.viewer import Viewer
from hwrisk.web.formats import rate_number, tonnes
from hwrisk.web.paging import whole_number
from hwrisk.web.records import Figure, HomeFigure, NavItem, Todo, TodoItem

GROUP = "处置能力"
CHECKED = 5
"""Runs that the check computes again."""


def _load(session: Session, user: Viewer, as_of: date) -> Figure | None:  # noqa: ARG001 - the same for all who may read
    run = queries.latest_base(session, as_of=as_of)
    if run is None:
        return None
    share = ratio(run.treated, run.capacity)
    return Figure(
        value="无能力" if share is None else rate_number(share),
        unit="" if share is None else "%",
        of=f"{run.year} 年 需求 {tonnes(run.demand)} / 能力 {tonnes(run.capacity)} 吨 · 缺口 {tonnes(run.gap)} 吨",
        state="bad" if run.gap else "good",
        share=share,
        unverified=True,
    )


def _unknown(session: Session, user: Viewer, as_of: date) -> Todo:
    rows = queries.destinations(session, user=user, year=as_of.year, as_of=as_of)
    unknown = [row for row in rows if row.place is queries.Place.UNKNOWN]
    quantity = sum((row.tonnes for row in unknown), ZERO)
    note = f"本年 {tonnes(quantity)} 吨，请补登许可证或更正接收单位"
    return Todo(len(unknown), note=note, state="warn", state_label="去向不明", args={"year": str(as_of.year)})


def recomputed(session: Session) -> list[str]:
    """Return a sentence for each of the latest runs that its kept inputs do not give again."""
    runs = session.scalars(select(CapacityRun).order_by(CapacityRun.id.desc()).limit(CHECKED)).all()
    names = ("demand", "eligible", "treated", "capacity", "tonne_metres")
    found = []
    for run in runs:
        inputs = Inputs.unpack(run.inputs)
        again = compute(inputs, Scenario.unpack(run.scenario))
        if inputs.digest != run.inputs_digest or any(again[name] != run.result[name] for name in names):
            found.append(f"{run.year} 年能力测算“{run.name}”（{run.public_id}）按保存的数据重算，结果不同")
    return found


def _visible(session: Session, user: Viewer, object_id: str) -> bool:
    number = whole_number(object_id)
    return user.may(Permission.CAPACITY_READ) and number is not None and session.get(CapacityRun, number) is not None


def _link(session: Session, object_id: str) -> str | None:
    found = session.scalar(select(CapacityRun.public_id).where(CapacityRun.id == whole_number(object_id)))
    return None if found is None else f"/capacity/runs/{found}"


NAV = (
    NavItem("能力平衡", "capacity.index", Permission.CAPACITY_READ, GROUP),
    NavItem("委外去向", "capacity.destinations", Permission.CAPACITY_READ, GROUP),
    NavItem("测算记录", "capacity.runs", Permission.CAPACITY_READ, GROUP),
)
FIGURES = (HomeFigure("全市处置负荷", _load, "capacity.index", Permission.CAPACITY_READ),)
TODOS = (TodoItem("个接收单位去向不明", _unknown, "capacity.destinations", Permission.CAPACITY_RUN),)
OWNERS = (Owner(kind="capacity_run", label="能力平衡测算", visible=_visible, link=_link),)
CHECKS = (Check("capacity.runs", "能力平衡测算按保存的数据可以重算", recomputed),)
