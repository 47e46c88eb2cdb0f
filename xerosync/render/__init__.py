"""Plans, drift and journals as text, Markdown, HTML and JSON. Nothing here prints or decides."""
