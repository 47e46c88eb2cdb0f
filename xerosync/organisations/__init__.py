"""Many organisations at once: select them, merge their standards, run, review, apply in waves."""
