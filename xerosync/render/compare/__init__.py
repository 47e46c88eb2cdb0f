"""A comparison of many charts with a standard, as text, HTML, XLSX, CSV and JSON."""
