"""What the services must know of this room."""

from __future__ import annotations

from hwrisk.assessment import chapter, exports, owners, panel, recomputing, reminders, rules, searching, sheet_export
from hwrisk.assessment.imports import ASSESSMENTS
from hwrisk.assessment.views import bp
from hwrisk.room import Room

ROOM = Room(
    name="assessment",
    label="规范化评估",
    blueprints=(bp,),
    nav=panel.NAV,
    todos=panel.TODOS,
    panels=panel.PANELS,
    import_kinds=(ASSESSMENTS,),
    reports=(*exports.REPORTS, sheet_export.SHEET),
    chapters=(chapter.UNIT_CHAPTER,),
    reminders=(reminders.SOURCE,),
    search_sources=(searching.SOURCE,),
    owners=(owners.OWNER,),
    checks=recomputing.CHECKS,
    pack_cases=(rules.CASES,),
    verdicts=(recomputing.VERDICTS,),
)
