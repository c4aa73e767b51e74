"""Indicators (指标): figures computed on schedule, frozen per period, opened down to their rows."""
