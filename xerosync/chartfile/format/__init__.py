"""`xerosync fmt`: rewrite a chart file in its canonical form, comments kept."""
