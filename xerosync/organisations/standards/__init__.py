"""Merge standards and overlays, the files that extend them, into the charts of organisations."""
