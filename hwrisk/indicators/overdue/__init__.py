"""超期贮存危险废物处置率, the disposal rate of overdue storage: its values, the batches behind, and its reports."""
