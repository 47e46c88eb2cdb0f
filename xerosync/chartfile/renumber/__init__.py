"""Give accounts of chart files new codes, also in overrides, `take` and lint rules."""
