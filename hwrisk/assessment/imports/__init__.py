"""Import of assessment results (评估结果导入)."""

from hwrisk.assessment.imports.kind import ASSESSMENTS
from hwrisk.assessment.imports.template import ITEM_NUMBERS, TEMPLATE

__all__ = ["ASSESSMENTS", "ITEM_NUMBERS", "TEMPLATE"]
