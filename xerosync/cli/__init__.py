"""The commands: wiring and exit codes, nothing else."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from xerosync.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if code == _INTERRUPTED:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> None:
    """Leave without waiting for reads in flight, whose answers nobody wants any more."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
