"""What the services must know of the catalogue."""

from __future__ import annotations

from hwrisk.catalogue import pack_views, seeding, views
from hwrisk.catalogue.chemicals import seeding as chemicals
from hwrisk.catalogue.importing import CATALOGUE
from hwrisk.catalogue.searching import SOURCE
from hwrisk.catalogue.working_days import seed_calendar
from hwrisk.room import Room
from hwrisk.security import Permission
from hwrisk.web import NavItem

GROUP = "基础数据"
ROOM = Room(
    name="catalogue",
    label="危险废物名录",
    blueprints=(views.bp, pack_views.bp),
    nav=(
        NavItem("危险废物名录", "catalogue.index", Permission.CATALOGUE_READ, GROUP),
        NavItem("规则包", "rulepacks.index", Permission.RULEPACK_READ, GROUP),
        NavItem("法规依据", "rulepacks.laws", Permission.RULEPACK_READ, GROUP),
    ),
    import_kinds=(CATALOGUE,),
    search_sources=(SOURCE,),
    seeds=(seeding.seed, seed_calendar, chemicals.seed),
)
