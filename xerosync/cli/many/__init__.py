"""What commands do for many organisations: choose files, plan in parallel, apply in waves."""
