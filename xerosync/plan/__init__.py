"""Plan: from the current chart and the desired one to the changes and the calls. No I/O."""
