"""Service: Excel and PDF ledgers, documents, and the register of exported files (导出)."""

from hwrisk.reporting.exporting import make_export, produce, remove_old_exports, run_export
from hwrisk.reporting.report import (
    Column,
    Making,
    Parameter,
    Produced,
    Report,
    ReportRequest,
    Sheet,
    Stamp,
    Written,
)  # fmt: skip
from hwrisk.reporting.verifying import Verdict, Verified, verify_file, verify_paper

__all__ = [
    "Column", "Making", "Parameter", "Produced", "Report", "ReportRequest", "Sheet", "Stamp", "Verdict", "Verified",
    "Written", "make_export", "produce", "remove_old_exports", "run_export", "verify_file", "verify_paper",
]  # fmt: skip
