"""Tables of emergency materials."""

from hwrisk.emergency.models.depots import Depot, DepotLevel, DepotReserve, Place, StorageMode
from hwrisk.emergency.models.dispatch import (
    DispatchAllocation,
    DispatchRequest,
    DispatchState,
    DispatchStep,
    StepKind,
)
from hwrisk.emergency.models.kinds import (
    Compatibility,
    MaterialFunction,
    MaterialKind,
    ReviewState,
    SubstanceMaterial,
)
from hwrisk.emergency.models.lots import LotState, MaterialLot, MaterialMovement, MovementKind

__all__ = [
    "Compatibility",
    "Depot",
    "DepotLevel",
    "DepotReserve",
    "DispatchAllocation",
    "DispatchRequest",
    "DispatchState",
    "DispatchStep",
    "LotState",
    "MaterialFunction",
    "MaterialKind",
    "MaterialLot",
    "MaterialMovement",
    "MovementKind",
    "Place",
    "ReviewState",
    "StepKind",
    "StorageMode",
    "SubstanceMaterial",
]
