"""Xero's Accounting API: its endpoints, and the rules for accounts and items."""
