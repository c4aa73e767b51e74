"""The key list, the comparison of two versions and the yearly figures as Excel and PDF."""

from hwrisk.key_list.exports.comparison import COMPARISON
from hwrisk.key_list.exports.figures import FIGURES
from hwrisk.key_list.exports.lists import KEY_LIST, WORKING

__all__ = ["COMPARISON", "FIGURES", "KEY_LIST", "REPORTS", "WORKING"]

REPORTS = (KEY_LIST, WORKING, COMPARISON, FIGURES)
