"""Service: imports (导入): staged files, checked before they are parsed, accepted whole or not at all."""

from hwrisk.imports.blank import blank_template
from hwrisk.imports.command import ImportSummary, run_import
from hwrisk.imports.error_book import error_workbook
from hwrisk.imports.housekeeping import clear_old
from hwrisk.imports.models import ImportBatch, ImportRow, ImportStatus
from hwrisk.imports.operations import BaseChanged, accept, discard, recheck, stage
from hwrisk.imports.records import (
    ApplyContext,
    CheckContext,
    CheckedRow,
    Fault,
    ImportKind,
    Outcome,
    ParsedRow,
    Progress,
    RowOutcome,
    StagedRow,
)
from hwrisk.imports.template import (
    Template,
    TemplateColumn,
    choice_column,
    code_column,
    day_column,
    text_column,
    tonnes_column,
    uscc_column,
    waste_code_column,
    whole_column,
)

__all__ = [
    "ApplyContext",
    "BaseChanged",
    "CheckContext",
    "CheckedRow",
    "Fault",
    "ImportBatch",
    "ImportKind",
    "ImportRow",
    "ImportStatus",
    "ImportSummary",
    "Outcome",
    "ParsedRow",
    "Progress",
    "RowOutcome",
    "StagedRow",
    "Template",
    "TemplateColumn",
    "accept",
    "blank_template",
    "choice_column",
    "clear_old",
    "code_column",
    "day_column",
    "discard",
    "error_workbook",
    "recheck",
    "run_import",
    "stage",
    "text_column",
    "tonnes_column",
    "uscc_column",
    "waste_code_column",
    "whole_column",
]
