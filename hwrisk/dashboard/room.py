"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.dashboard.views import bp
from hwrisk.room import Room
from hwrisk.security import Permission
from hwrisk.web import NavItem

ROOM = Room(
    name="dashboard",
    label="综合看板",
    blueprints=(bp,),
    nav=(NavItem("综合看板", "dashboard.index", Permission.DASHBOARD_READ),),
)
