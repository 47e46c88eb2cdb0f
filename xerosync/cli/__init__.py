"""The commands: wiring and exit codes, nothing else."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from xerosync.cli.app import run

    sys.exit(run(sys.argv[1:]))
