"""Check a chart file against the `lint:` rules of the file and of its standards."""
