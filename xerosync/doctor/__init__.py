"""Checks of an installation and a sign-in: what is found, how it is judged, and what to do."""
