"""The dashboard (综合看板): figures, charts and matters of all rooms."""
