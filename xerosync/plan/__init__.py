"""Compare the current chart with the desired one, and plan the changes and calls. No I/O."""
