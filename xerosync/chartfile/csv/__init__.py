"""Read and write Xero's chart of accounts CSV."""
