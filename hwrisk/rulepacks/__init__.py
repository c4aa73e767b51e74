"""Rule packs and law (规则包与法规依据): limits, targets and citations as data with source, dates and test cases."""

from hwrisk.rulepacks.checks import CHECKS
from hwrisk.rulepacks.records import CaseResult, CaseRunner, VerdictChange, VerdictSource
from hwrisk.rulepacks.trust import Trust

__all__ = ["CHECKS", "CaseResult", "CaseRunner", "Trust", "VerdictChange", "VerdictSource"]
