"""The books themselves: a SQLite database, seeded with a demo company."""
