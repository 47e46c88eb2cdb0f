"""History: journals of earlier runs, and what they say about a difference."""
