"""One HTTP request within limits of time and size, for the clients of Xero, GitHub and GitLab."""
