"""Checks of an installation and a sign-in: what is found, how it is judged, and the way out."""
