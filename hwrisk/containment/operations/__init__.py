"""Writes of containment."""

from hwrisk.containment.operations.checklists import set_item
from hwrisk.containment.operations.checks import store_check, work_out_again
from hwrisk.containment.operations.connections import change_connection, register_connection
from hwrisk.containment.operations.facilities import change_facility, register_facility
from hwrisk.containment.operations.filings import accept, approve, resubmit, return_filing, submit, withdraw
from hwrisk.containment.operations.readings import confirm_level, confirm_state, record_test

__all__ = [
    "accept",
    "approve",
    "change_connection",
    "change_facility",
    "confirm_level",
    "confirm_state",
    "record_test",
    "register_connection",
    "register_facility",
    "resubmit",
    "return_filing",
    "set_item",
    "store_check",
    "submit",
    "withdraw",
    "work_out_again",
]
