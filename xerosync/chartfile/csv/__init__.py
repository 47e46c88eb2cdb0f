"""Xero's chart of accounts CSV: read it, and write it."""
