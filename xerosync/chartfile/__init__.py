"""Read and write accounts.yaml and Xero's CSV."""
