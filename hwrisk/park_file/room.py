"""What the services must know of the park files."""

from __future__ import annotations

from hwrisk.park_file.chapters import CHAPTERS
from hwrisk.park_file.exports import REPORTS
from hwrisk.park_file.views import PANELS, bp
from hwrisk.room import Room

ROOM = Room(
    name="park_file",
    label="园区档案",
    blueprints=(bp,),
    panels=PANELS,
    chapters=CHAPTERS,
    reports=REPORTS,
)
