"""Chart files: accounts.yaml and Xero's CSV, in and out. The only home of yaml and jsonschema."""
