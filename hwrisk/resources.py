"""Where the folders beside the package are, in a checkout and in a wheel."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent
_BESIDE = {"manual": "docs/manual"}
"""Folders that stand elsewhere in a checkout."""


def resource_dir(name: Literal["templates", "reports", "seeds", "migrations", "manual"]) -> Path:
    """Return the folder `name`: inside the wheel first, then beside the package; never from the working directory."""
    bundled = _PACKAGE / "_bundled" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / _BESIDE.get(name, name)


def checkout_dir() -> Path | None:
    """Return the folder of the checkout, or None when the package was installed from a wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() else None


def late(module: str) -> ModuleType:
    """Import a heavy module (weasyprint, openpyxl, alembic …) at its first use, so that the start stays quick."""
    return importlib.import_module(module)
