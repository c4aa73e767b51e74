"""What the services must know of the regions."""

from __future__ import annotations

from hwrisk.regions import seeding
from hwrisk.regions.views import bp
from hwrisk.room import Room
from hwrisk.security import Permission
from hwrisk.web import NavItem

ROOM = Room(
    name="regions",
    label="区划与管辖",
    blueprints=(bp,),
    nav=(NavItem("区划与管辖", "regions.index", Permission.CATALOGUE_READ, "基础数据"),),
    seeds=(seeding.seed,),
)
