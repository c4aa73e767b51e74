"""Imports of containment: facilities, connections, levels and states."""

from hwrisk.containment.imports.connections import CONNECTIONS
from hwrisk.containment.imports.facilities import FACILITIES
from hwrisk.containment.imports.levels import LEVELS

IMPORT_KINDS = (FACILITIES, CONNECTIONS, LEVELS)

__all__ = ["IMPORT_KINDS"]
