"""Xero's rate limits (Xero docs, OAuth 2.0 API limits)."""

PER_MINUTE = 60
"""How many calls a minute one app may make to one organisation."""
AT_ONCE = 5
"""How many calls one app may make to one organisation at once."""

APP_PER_MINUTE = 10_000
"""How many calls a minute one app may make, over all its organisations."""

APP_AT_ONCE = 64
"""How many calls, and so connections, one app makes at once. This limit is ours, not Xero's."""
