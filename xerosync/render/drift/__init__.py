"""What drifted, as text, Markdown and JSON."""
