"""What `xerosync doctor` reads on this machine and at Xero, and its questions to a demo company."""
