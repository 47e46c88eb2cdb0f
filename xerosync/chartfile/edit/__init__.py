"""Edit a chart file in place; comments and layout stay."""
