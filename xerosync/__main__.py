"""Run `xerosync` as `python -m xerosync`."""

from xerosync.cli import main

if __name__ == "__main__":
    main()
