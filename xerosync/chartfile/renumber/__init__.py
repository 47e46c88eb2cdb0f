"""Change the codes of accounts in chart files, also in overrides, `take` and lint rules."""
