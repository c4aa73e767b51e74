"""Standardized-management assessment (规范化环境管理评估): schemes, scoring, verdicts."""
