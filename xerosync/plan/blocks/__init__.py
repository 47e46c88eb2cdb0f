"""Find what Xero refuses, or what the file forbids: such changes are blocked."""
