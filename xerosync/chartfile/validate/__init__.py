"""Check a chart file against the schema, and name every problem at its place."""
