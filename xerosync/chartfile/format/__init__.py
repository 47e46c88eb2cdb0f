"""`xerosync fmt`: rewrite a chart file in its canonical form, and keep its comments."""
