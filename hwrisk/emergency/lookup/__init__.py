"""The look-up of command (应急查询): one box for substances, materials, depots, places and amounts."""

from hwrisk.emergency.lookup.answer import answer
from hwrisk.emergency.lookup.records import Answer, Asked

__all__ = ["Answer", "Asked", "answer"]
