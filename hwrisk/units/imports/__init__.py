"""Import of a unit list (单位名录导入)."""

from hwrisk.units.imports.kind import UNITS

__all__ = ["UNITS"]
