"""Check a chart file against the rules of its own `lint:` section."""
