"""Changes of the key list: proposing, checking, publishing, amending; yearly figures; computed classes."""

from hwrisk.key_list.operations.figures import record_document, record_figure, record_figures
from hwrisk.key_list.operations.proposing import amend, discard, propose, why_settled
from hwrisk.key_list.operations.publishing import FormerLine, publish, push_classes, take_former
from hwrisk.key_list.operations.reviewing import add_unit, decide, review

__all__ = [
    "FormerLine",
    "add_unit",
    "amend",
    "decide",
    "discard",
    "propose",
    "publish",
    "push_classes",
    "record_document",
    "record_figure",
    "record_figures",
    "review",
    "take_former",
    "why_settled",
]
