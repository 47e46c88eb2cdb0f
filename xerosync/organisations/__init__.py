"""Many organisations at once: standards, choosing, running, reviewing, waves."""
