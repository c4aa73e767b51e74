"""All tables of the package, found by the names of their modules."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

TABLE_MODULES = frozenset({"models", "triggers", "working_days", "marks", "fulltext"})


def load_models() -> None:
    """Import every module that defines tables, so that the metadata are whole."""
    package = Path(__file__).resolve().parent.parent
    for found in pkgutil.walk_packages([str(package)], f"{package.name}."):
        if found.name.rsplit(".", 1)[-1] in TABLE_MODULES:
            importlib.import_module(found.name)
