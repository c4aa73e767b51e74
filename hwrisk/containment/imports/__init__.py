"""Imports of containment: facilities, connections, levels."""

IMPORT_KINDS = ()
