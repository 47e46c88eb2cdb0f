"""CI: comments, issues, reviewed plans and journals at GitHub and GitLab."""
