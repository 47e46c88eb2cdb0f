"""Ask a demo company the open questions about Xero, with throw-away accounts."""
