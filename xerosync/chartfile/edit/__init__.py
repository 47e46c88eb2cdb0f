"""`xerosync pull`: edit a chart file in place, comments and layout kept."""
