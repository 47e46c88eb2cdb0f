"""A plan as text, Markdown and HTML."""
