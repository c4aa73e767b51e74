"""Imports of the key list: yearly figures, and lists that were published before (年度产生量, 历年清单)."""

from hwrisk.key_list.imports.annual import ANNUAL
from hwrisk.key_list.imports.former import FORMER

KINDS = (ANNUAL, FORMER)

__all__ = ["ANNUAL", "FORMER", "KINDS"]
