"""Xero's Accounting API: accounts, organisation, tax rates, and the rules they keep."""
