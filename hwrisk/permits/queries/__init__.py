"""Reads of licences, of what was done under them, and of disposal projects."""

from hwrisk.permits.queries.licences import (
    LicenceConditions,
    LicenceFile,
    conditions_from,
    count_licences,
    get_licence,
    is_in_hand,
    licence_file,
    licence_in_hand,
    licence_rows,
    licences_page,
    stream_licences,
)
from hwrisk.permits.queries.loads import (
    Comparison,
    LineLoad,
    LoadConditions,
    QuantityRow,
    line_loads,
    load_alarms,
    load_conditions,
    quantities_of,
)
from hwrisk.permits.queries.projects import ProjectRow, get_project, project_history, project_rows
from hwrisk.permits.queries.receipts import full_months_until, ledger_receipts
from hwrisk.permits.queries.rows import LicenceRow, RenewalState
from hwrisk.permits.queries.scope import in_hand, in_sight
from hwrisk.permits.queries.settings import PermitSettings, permit_settings
from hwrisk.permits.queries.terms import LicenceHead, heads_of, terms_between, terms_of

__all__ = [
    "Comparison",
    "LicenceConditions",
    "LicenceFile",
    "LicenceHead",
    "LicenceRow",
    "LineLoad",
    "LoadConditions",
    "PermitSettings",
    "ProjectRow",
    "QuantityRow",
    "RenewalState",
    "conditions_from",
    "count_licences",
    "full_months_until",
    "get_licence",
    "get_project",
    "heads_of",
    "in_hand",
    "in_sight",
    "is_in_hand",
    "ledger_receipts",
    "licence_file",
    "licence_in_hand",
    "licence_rows",
    "licences_page",
    "line_loads",
    "load_alarms",
    "load_conditions",
    "permit_settings",
    "project_history",
    "project_rows",
    "quantities_of",
    "stream_licences",
    "terms_between",
    "terms_of",
]
