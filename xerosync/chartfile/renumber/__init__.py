"""Give accounts of chart files other codes, and change whatever names a code."""
