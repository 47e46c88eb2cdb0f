"""Plans, drift, journals and problems in their output formats. Nothing here prints or decides."""
