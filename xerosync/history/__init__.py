"""Journals of earlier runs, and what they explain about a plan."""
