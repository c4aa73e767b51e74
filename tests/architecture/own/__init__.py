"""What each room adds to the matrix of routes: one module a room, with OWN, OPEN and `rows(session, world)`."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def modules() -> list[ModuleType]:
    """Return the rooms' modules, by name."""
    return [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
