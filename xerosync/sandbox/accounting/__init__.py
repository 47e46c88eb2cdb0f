"""Xero's Accounting API: accounts, organisation and tax rates, and their rules."""
