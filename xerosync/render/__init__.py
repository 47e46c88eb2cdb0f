"""Plans, journals and reports in their output formats. Nothing here prints or decides."""
