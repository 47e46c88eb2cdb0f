"""Xero over HTTPS: signing in, calls within the rate limits, and Xero's JSON."""
