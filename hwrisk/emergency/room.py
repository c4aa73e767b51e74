"""What the services must know of emergency materials."""

from __future__ import annotations

from hwrisk.emergency import rules, searching, seeding, triggers
from hwrisk.emergency.views import bp
from hwrisk.room import Room
from hwrisk.security.permissions import Permission
from hwrisk.web import NavItem

GROUP = "园区与应急"
ROOM = Room(
    name="emergency",
    label="应急物资",
    blueprints=(bp,),
    nav=(
        NavItem("应急查询", "emergency.lookup", Permission.MATERIAL_READ, GROUP),
        NavItem("应急物资", "emergency.stock", Permission.MATERIAL_READ, GROUP),
        NavItem("物资调拨", "emergency.dispatches", Permission.MATERIAL_READ, GROUP),
    ),
    search_sources=searching.SOURCES,
    pack_cases=rules.CASES,
    seeds=(seeding.seed,),
)
__all__ = ["ROOM", "triggers"]
