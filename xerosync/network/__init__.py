"""One HTTP request within limits of time and size, for the clients of Xero and the forges."""
