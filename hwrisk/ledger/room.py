"""What the services must know of the ledger."""

from __future__ import annotations

from hwrisk.ledger import chapter, checks, exports, panel, rules
from hwrisk.ledger.imports import KINDS
from hwrisk.ledger.owners import OWNERS
from hwrisk.ledger.storage import chapter as storage_chapter
from hwrisk.ledger.storage import checks as storage_checks
from hwrisk.ledger.storage import exports as storage_exports
from hwrisk.ledger.storage import jobs, reminders, searching, todos
from hwrisk.ledger.storage import panel as storage_panel
from hwrisk.ledger.storage import rules as storage_rules
from hwrisk.ledger.storage.recomputing import VERDICTS
from hwrisk.ledger.storage.views import bp as storage_pages
from hwrisk.ledger.views import bp
from hwrisk.room import Room

ROOM = Room(
    name="ledger",
    label="管理台账",
    blueprints=(bp, storage_pages),
    nav=(*todos.NAV, *panel.NAV),
    todos=(*todos.TODOS, *panel.TODOS),
    panels=(*storage_panel.PANELS, *panel.PANELS),
    objections=(panel.STOCK_LEFT,),
    import_kinds=KINDS,
    reports=(*exports.REPORTS, *storage_exports.REPORTS),
    chapters=(*chapter.CHAPTERS, *storage_chapter.CHAPTERS),
    search_sources=(searching.SOURCE,),
    owners=OWNERS,
    reminders=reminders.REMINDERS,
    jobs=jobs.JOBS,
    checks=(*storage_checks.CHECKS, *checks.CHECKS),
    pack_cases=(*rules.CASES, storage_rules.CASES),
    verdicts=(VERDICTS,),
)
