"""Work on many organisations: select them, merge standards, review plans, apply in waves."""
