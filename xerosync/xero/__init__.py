"""Xero over HTTPS: signing in, sending, and the only place with Xero's spelling."""
