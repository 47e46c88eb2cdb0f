"""The command line: options, output and exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

INTERRUPTED = 130
"""The same as `ExitCode.INTERRUPTED`, because `--help` must not import `errors`."""


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        run = _load()
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        _exit_now(code)
    sys.exit(code)


def _load() -> Callable[[Sequence[str]], int]:
    """Import the command line, and leave it out of every collection of garbage.

    What is imported stays until the program ends: to look through it, when importing and once
    more at the end, would take a quarter of the time of `--help`.
    """
    gc.disable()
    from xerosync.cli.app import run

    gc.freeze()
    gc.enable()
    return run


def _exit_now(code: int) -> None:
    """Exit without waiting for reads in flight: nobody needs their answers."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
