"""Demonstration (演示): plainly invented units and ledgers, in a database of their own, marked on every page."""
