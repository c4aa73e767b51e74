"""Pages of the services: what belongs to no area of the field."""

from hwrisk.web.pages import (
    accounts,
    attachments,
    audit_trail,
    drafts,
    duty,
    exports,
    health,
    home,
    imports,
    jobs,
    manual,
    notices,
    search,
    signin,
    tasks,
)

BLUEPRINTS = (
    health.bp,
    signin.bp,
    home.bp,
    search.bp,
    drafts.bp,
    drafts.filters_bp,
    notices.bp,
    tasks.bp,
    imports.bp,
    exports.bp,
    exports.verify_bp,
    attachments.bp,
    jobs.bp,
    accounts.bp,
    audit_trail.bp,
    duty.bp,
    manual.bp,
)
FIRST_NAV = (*home.NAV, *notices.NAV)
"""Entries above those of the rooms."""
NAV = (*duty.NAV, *imports.NAV, *exports.NAV, *tasks.NAV, *jobs.NAV, *accounts.NAV, *audit_trail.NAV, *manual.NAV)
"""Entries below those of the rooms."""
TODOS = duty.TODOS
"""What waits in the services' own pages."""
