"""What the services must know of the ledger."""

from __future__ import annotations

from hwrisk.ledger import rules
from hwrisk.ledger.imports import KINDS
from hwrisk.ledger.storage import checks, exports, jobs, panel, searching, todos
from hwrisk.ledger.storage import rules as storage_rules
from hwrisk.ledger.storage.recomputing import VERDICTS
from hwrisk.ledger.storage.views import bp as storage_pages
from hwrisk.ledger.storage.working_days import seed_calendar
from hwrisk.room import Room

ROOM = Room(
    name="ledger",
    label="管理台账",
    blueprints=(storage_pages,),
    nav=todos.NAV,
    todos=todos.TODOS,
    panels=panel.PANELS,
    import_kinds=KINDS,
    reports=exports.REPORTS,
    search_sources=(searching.SOURCE,),
    jobs=jobs.JOBS,
    checks=checks.CHECKS,
    pack_cases=(*rules.CASES, storage_rules.CASES),
    verdicts=(VERDICTS,),
    seeds=(seed_calendar,),
)
