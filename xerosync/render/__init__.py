"""A plan in, something to read out: text, JSON. Nothing here prints or decides."""
