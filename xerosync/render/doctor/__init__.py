"""The results of the doctor, and its reports on Xero's behaviour, in their output formats."""
