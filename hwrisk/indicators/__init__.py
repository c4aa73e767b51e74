"""Room: indicators of assessment (考核指标), now the disposal rate of overdue storage (超期贮存危险废物处置率)."""
