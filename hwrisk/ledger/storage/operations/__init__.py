"""What is done about storage: facilities, extensions, disposal plans, lots, ledger confirmations."""

from hwrisk.ledger.storage.operations.extensions import apply_extension, decide_extension
from hwrisk.ledger.storage.operations.facilities import change_facility, register_facility
from hwrisk.ledger.storage.operations.lots import merge
from hwrisk.ledger.storage.operations.plans import confirm_ledger, plan_disposal, retag

__all__ = [
    "apply_extension",
    "change_facility",
    "confirm_ledger",
    "decide_extension",
    "merge",
    "plan_disposal",
    "register_facility",
    "retag",
]
