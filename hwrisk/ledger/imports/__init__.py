"""Imports of ledger records and of stored waste (台账导入, 库存导入)."""

from hwrisk.ledger.imports.kinds import KINDS, LEDGER, STORAGE

__all__ = ["KINDS", "LEDGER", "STORAGE"]
