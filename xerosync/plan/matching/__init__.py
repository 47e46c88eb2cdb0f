"""Match the entries of a file with the accounts in Xero."""
