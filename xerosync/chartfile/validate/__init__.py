"""Check the structure, the characters and the identities of a chart file."""
