"""Give accounts of chart files other codes, and update every text that names a code."""
