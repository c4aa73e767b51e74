"""What the services must know of the enterprise files."""

from __future__ import annotations

from hwrisk.enterprise_file import chapters, exports, views
from hwrisk.room import Room

ROOM = Room(
    name="enterprise_file",
    label="一企一档",
    blueprints=(views.bp,),
    panels=views.PANELS,
    reports=exports.REPORTS,
    chapters=chapters.CHAPTERS,
)
