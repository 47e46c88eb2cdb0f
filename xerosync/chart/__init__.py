"""accounts.yaml in and out: the only home of yaml and jsonschema."""
