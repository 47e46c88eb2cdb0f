"""The books: a SQLite database, seeded with a demo company or with the clients of a practice."""
