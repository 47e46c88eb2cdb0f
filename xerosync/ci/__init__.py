"""CI: comments, issues, reviewed plans and journals on GitHub and GitLab."""
