"""Edit a chart file in place, for `xerosync pull` and `import-csv`; comments and layout stay."""
