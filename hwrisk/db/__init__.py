"""Ground: one database, SQLite or PostgreSQL, behind portable types."""
