"""Write and read the journals of runs; say where a difference comes from; undo a run."""
