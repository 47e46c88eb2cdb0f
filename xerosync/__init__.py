"""A Xero organisation's chart of accounts as code: plan, review, apply."""

__version__ = "0.1.0"
