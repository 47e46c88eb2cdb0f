"""Check an installation and a sign-in: what is found, whether it is good, and what to do."""
