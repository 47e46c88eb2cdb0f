"""A comparison of many charts with a standard, as HTML and as a workbook."""
