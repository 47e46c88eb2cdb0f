"""What the doctor found, as text, JSON and pages."""
