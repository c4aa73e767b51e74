"""Service: the search box (检索): Chinese by overlapping pairs of characters, pinyin, and codes with dashes."""

from hwrisk.search.models import SearchEntry
from hwrisk.search.operations import index, rebuild, remove
from hwrisk.search.queries import Hit, find
from hwrisk.search.records import SearchDoc, SearchSource

__all__ = ["Hit", "SearchDoc", "SearchEntry", "SearchSource", "find", "index", "rebuild", "remove"]
