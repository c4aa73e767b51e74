"""What each room adds to the demonstration: one module a room, built after the units and their ledgers."""

from __future__ import annotations

from hwrisk.demo.parts.context import DemoContext, Part

PARTS: tuple[Part, ...] = ()
"""In the order in which they are built."""

__all__ = ["PARTS", "DemoContext", "Part"]
