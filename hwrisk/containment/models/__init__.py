"""Tables of three-tier containment (三级防控)."""

from hwrisk.containment.models.checks import ChecklistMark, MarkState, VolumeCheck
from hwrisk.containment.models.facilities import (
    Connection,
    ConnectionVersion,
    ContainmentKind,
    Facility,
    FacilityVersion,
    Means,
    Nature,
    ServiceState,
)
from hwrisk.containment.models.filings import Filing, FilingAct, FilingState, FilingStep
from hwrisk.containment.models.readings import FacilityTest, Reading, TestKind, TestResult, ValveState

__all__ = [
    "ChecklistMark",
    "Connection",
    "ConnectionVersion",
    "ContainmentKind",
    "Facility",
    "FacilityTest",
    "FacilityVersion",
    "Filing",
    "FilingAct",
    "FilingState",
    "FilingStep",
    "MarkState",
    "Means",
    "Nature",
    "Reading",
    "ServiceState",
    "TestKind",
    "TestResult",
    "ValveState",
    "VolumeCheck",
]
