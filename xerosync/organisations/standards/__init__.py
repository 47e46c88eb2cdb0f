"""Merge standards and overlays into the chart of each organisation."""
