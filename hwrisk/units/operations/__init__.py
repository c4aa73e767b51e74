"""Registering units and recording what becomes of them; nothing is overwritten."""

from hwrisk.units.operations.change import KIND, STATE_FIELDS, UnitChange
from hwrisk.units.operations.registration import (
    NewUnit,
    UnitFacts,
    correct_identity,
    register_unit,
    register_units,
    set_facts,
    take_into_register,
)
from hwrisk.units.operations.states import StateRecord, record_state, record_states

__all__ = [
    "KIND",
    "STATE_FIELDS",
    "NewUnit",
    "StateRecord",
    "UnitChange",
    "UnitFacts",
    "correct_identity",
    "record_state",
    "record_states",
    "register_unit",
    "register_units",
    "set_facts",
    "take_into_register",
]
