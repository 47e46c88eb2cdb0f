"""What commands do for many organisations: choose files, run each in parallel, apply in waves."""
