"""Give accounts of chart files new codes, and update every text that names a code."""
