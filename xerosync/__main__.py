"""`python -m xerosync` is `xerosync`."""

from xerosync.cli import main

if __name__ == "__main__":
    main()
