"""Storage (贮存): facilities, batches, limits, overdue storage."""
