"""The form of a what-if (情景)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from wtforms import SelectMultipleField, StringField
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput

from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import CellError, half_width, parse_waste_category
from hwrisk.permits.contents import split
from hwrisk.web import BaseForm, Filled, TonnesField

PREFIX = "project_"
_PERCENT = re.compile(r"([+-]?[0-9]{1,4})%?")


class WhatIfForm(BaseForm):
    """Plants off, projects on, more or less waste."""

    name = StringField("情景名称", [Filled("请给情景起个名字"), Length(max=60, message="最多 60 个字")])
    percent = StringField(
        "产生量变化（全部类别）",
        [Length(max=8, message="最多 8 个字")],
        description="如 +20 或 -10（%），不变的不填",
    )
    by_category = StringField(
        "个别类别的变化", [Length(max=200, message="最多 200 个字")], description="如 HW18:+30;HW08:-10"
    )
    off = SelectMultipleField("停用的生产线", [Optional()], option_widget=CheckboxInput())


def what_if_form(projects: Iterable[tuple[str, str]]) -> type[WhatIfForm]:
    """Return the form with a capacity field for each project (reference, name)."""
    fields: dict[str, Any] = {
        field_name(ref): TonnesField(f"{name} 投运后的能力", [Optional()], positive=True) for ref, name in projects
    }
    return type("WhatIfForm", (WhatIfForm,), fields)


def field_name(ref: str) -> str:
    """Return the name of the field of a project."""
    return PREFIX + re.sub(r"[^0-9A-Za-z]", "_", ref)


def percents(everything: str, by_category: str) -> dict[str, int]:
    """Return the change of each category in per cent, under * for all others.

    Raises:
        RuleViolation: something is no percentage or no category.
    """
    found: dict[str, int] = {}
    if everything.strip():
        found["*"] = _percent(everything, "percent")
    for item in split(half_width(by_category)):
        name, colon, value = item.partition(":")
        if not colon:
            raise RuleViolation(f"“{item[:20]}”写法不对，应为 HW18:+30", field="by_category")
        try:
            category = parse_waste_category(name)
        except CellError as error:
            raise RuleViolation(f"“{name[:20]}”：{error.message}", field="by_category") from error
        found[category] = _percent(value, "by_category")
    return found


def _percent(text: str, field: str) -> int:
    match = _PERCENT.fullmatch(half_width(text).replace(" ", "").replace("−", "-"))
    if match is None:
        raise RuleViolation(f"“{text.strip()[:20]}”不是百分数，应为 +20 或 -10 这样的整数", field=field)
    return int(match[1])
