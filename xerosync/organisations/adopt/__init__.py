"""Bring existing books to a standard: suggestions, the worksheet, and what a person decided."""
