"""YAML text: parsed into nodes with their places, and quoted."""
