"""Pull requests, issues and kept files, at GitHub and GitLab: their spelling is in here."""
