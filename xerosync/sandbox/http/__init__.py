"""HTTP: the server, its rate limits and faults, and the routing of requests."""
