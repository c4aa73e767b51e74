"""Reports of all indicators."""

from __future__ import annotations

from hwrisk.indicators.compliance import exports as compliance
from hwrisk.indicators.overdue import exports as overdue
from hwrisk.indicators.sheet import SHEET

REPORTS = (*overdue.REPORTS, *compliance.REPORTS, SHEET)
