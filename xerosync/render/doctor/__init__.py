"""The results of `xerosync doctor`, and its reports on Xero's behaviour, in all formats."""
