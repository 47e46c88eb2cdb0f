"""The open questions about Xero, asked of a demo company with throw-away accounts."""
