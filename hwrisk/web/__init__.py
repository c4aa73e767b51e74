"""Service: the web. Layout, navigation, sessions, forms, lists and the pages of the other services (页面).

What rooms use is here; `paging` and `records` need no flask and may also be imported on their own.
"""

from hwrisk.web.access import requires, safe_next
from hwrisk.web.conflicts import conflict_page
from hwrisk.web.context import current_session, current_user, requested_as_of, unit_of_work
from hwrisk.web.forms import (
    BaseForm,
    ClockField,
    CodeField,
    DayField,
    FileField,
    Filled,
    OnceForm,
    TonnesField,
    VersionedForm,
    choices,
    required,
    saving,
    send_once,
    with_draft,
)
from hwrisk.web.listing import Filter, Filters, ListColumn, chosen_columns, read_filters
from hwrisk.web.logs import configure_logging
from hwrisk.web.operations import drop_draft
from hwrisk.web.paging import Page, SortKey, page_of, whole_number
from hwrisk.web.panels import ShownPanel, panels_for
from hwrisk.web.records import Figure, HomeFigure, NavItem, Panel, Todo, TodoItem
from hwrisk.web.registry import Registry, registry
from hwrisk.web.rendering import is_partial_request, page, page_or_partial
from hwrisk.web.setup import init_web
from hwrisk.web.upkeep import service_retentions
from hwrisk.web.work import service_task_kinds

__all__ = [
    "BaseForm",
    "ClockField",
    "CodeField",
    "DayField",
    "Figure",
    "FileField",
    "Filled",
    "Filter",
    "Filters",
    "HomeFigure",
    "ListColumn",
    "NavItem",
    "OnceForm",
    "Page",
    "Panel",
    "Registry",
    "ShownPanel",
    "SortKey",
    "Todo",
    "TodoItem",
    "TonnesField",
    "VersionedForm",
    "choices",
    "chosen_columns",
    "configure_logging",
    "conflict_page",
    "current_session",
    "current_user",
    "drop_draft",
    "init_web",
    "is_partial_request",
    "page",
    "page_of",
    "page_or_partial",
    "panels_for",
    "read_filters",
    "registry",
    "requested_as_of",
    "required",
    "requires",
    "safe_next",
    "saving",
    "send_once",
    "service_retentions",
    "service_task_kinds",
    "unit_of_work",
    "whole_number",
    "with_draft",
]
