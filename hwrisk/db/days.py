"""Days in SQL: adding to them, the same on both engines."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Integer, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement


class plus_days(FunctionElement[Any]):
    """A day and a number of days later; NULL where either is."""

    name = "plus_days"
    type = Date()
    inherit_cache = True

    def __init__(self, day: Any, days: int | ColumnElement[int]) -> None:
        super().__init__(day, literal(days, Integer) if isinstance(days, int) else days)


@compiles(plus_days, "sqlite")
def _sqlite(element: plus_days, compiler: Any, **kw: Any) -> str:
    day, days = element.clauses
    return f"date({compiler.process(day, **kw)}, ({compiler.process(days, **kw)}) || ' days')"


@compiles(plus_days)
def _standard(element: plus_days, compiler: Any, **kw: Any) -> str:
    day, days = element.clauses
    return f"({compiler.process(day, **kw)} + {compiler.process(days, **kw)})"
