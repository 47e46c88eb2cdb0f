"""The command against a local Xero, over HTTP."""
