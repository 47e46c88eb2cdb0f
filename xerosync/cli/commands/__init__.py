"""One module for each command: it reads the options, calls other packages, and shows the result."""
