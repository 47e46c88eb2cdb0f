"""Apply a plan: send its steps, read the chart again, and judge how it ended."""
