"""The plans of many organisations as text, Markdown and HTML: a row for each group of changes."""
