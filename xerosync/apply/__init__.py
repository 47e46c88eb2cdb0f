"""Apply: from a plan to calls, through the ledger port, and the proof that they took effect."""
