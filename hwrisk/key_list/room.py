"""What the services must know of the key list."""

from __future__ import annotations

from hwrisk.key_list import chapter, checks, exports, jobs, owners, panel, reminders, rules, searching
from hwrisk.key_list.imports import KINDS
from hwrisk.key_list.operations.classes import VERDICTS
from hwrisk.key_list.views import bp
from hwrisk.room import Room

ROOM = Room(
    name="key_list",
    label="重点监管单位清单",
    blueprints=(bp,),
    nav=panel.NAV,
    todos=panel.TODOS,
    panels=panel.PANELS,
    import_kinds=KINDS,
    reports=exports.REPORTS,
    chapters=chapter.CHAPTERS,
    reminders=reminders.REMINDERS,
    jobs=jobs.JOBS,
    search_sources=(searching.SOURCE,),
    owners=owners.OWNERS,
    checks=checks.CHECKS,
    pack_cases=(rules.CASES,),
    verdicts=(VERDICTS,),
)
