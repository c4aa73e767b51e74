"""Files of licences and of what was done under them."""

from hwrisk.permits.imports.licences import PERMITS
from hwrisk.permits.imports.quantities import OPERATING_QUANTITIES

__all__ = ["OPERATING_QUANTITIES", "PERMITS"]
