"""Xero's rate limits (Xero docs, OAuth 2.0 API limits)."""

PER_MINUTE = 60
AT_ONCE = 5
"""The limits for one organisation: calls a minute, and calls at once."""

APP_PER_MINUTE = 10_000
"""The limit for one app, over all its organisations."""

APP_AT_ONCE = 64
"""How many calls, and so connections, one app makes at once. This limit is ours, not Xero's."""
