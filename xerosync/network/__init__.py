"""HTTP below the two clients, of Xero and of the forges: one request, one answer, within limits."""
