"""Save plans as JSON, read them, and check whether they still hold."""
