"""YAML text: its nodes with their places, its scalars, its quoting."""
