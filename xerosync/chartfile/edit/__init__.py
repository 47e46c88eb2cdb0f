"""Edit the text of a chart file; comments and layout stay."""
