"""Xero's rate limits for one organisation (Xero docs, OAuth 2.0 API limits)."""

PER_MINUTE = 60
AT_ONCE = 5
