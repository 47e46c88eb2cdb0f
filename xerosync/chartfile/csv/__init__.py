"""Read and write Xero's chart as CSV, and read the map of `xerosync renumber`."""
