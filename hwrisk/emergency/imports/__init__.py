"""Imports of kinds of materials (material-kinds) and of stock (materials)."""

from hwrisk.emergency.imports.kinds import KINDS
from hwrisk.emergency.imports.materials import MATERIALS

__all__ = ["KINDS", "MATERIALS"]
