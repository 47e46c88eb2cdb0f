"""Check a chart file against the organisation's own rules, the `lint:` section."""
