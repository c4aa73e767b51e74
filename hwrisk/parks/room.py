"""What the services must know of the parks."""

from __future__ import annotations

from hwrisk.parks import seeding
from hwrisk.parks.owners import PARK, SOURCE
from hwrisk.parks.views import bp
from hwrisk.room import Room
from hwrisk.security import Permission
from hwrisk.web import NavItem

ROOM = Room(
    name="parks",
    label="化工园区",
    blueprints=(bp,),
    nav=(NavItem("化工园区", "parks.index", Permission.PARK_READ, "园区与应急"),),
    search_sources=(SOURCE,),
    owners=(PARK,),
    seeds=(seeding.seed,),
)
