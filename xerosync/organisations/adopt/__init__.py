"""Move existing books to a standard: suggest matches, write a worksheet, check the decisions."""
