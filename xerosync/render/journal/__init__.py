"""The journal of an apply as a record for auditors."""
