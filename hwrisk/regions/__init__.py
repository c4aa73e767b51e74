"""Regions (区域): administrative divisions 行政区划 and supervising offices 管辖单位, each a partition of the city."""
