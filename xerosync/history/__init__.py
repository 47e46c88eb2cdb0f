"""Write and read the journals of runs, explain where differences come from, plan rollbacks."""
