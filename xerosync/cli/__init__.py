"""The command line: options, output and exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

INTERRUPTED = 130
"""The value of `ExitCode.INTERRUPTED`, repeated so that `--help` need not import `errors`."""


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
    """Import and return `app.run`. Its modules live until exit: garbage collection skips them."""
    gc.disable()
    from xerosync.cli.app import run

    gc.freeze()
    gc.enable()
    return run


def _exit_now(code: int) -> None:
    """Exit without waiting for threads that still read from Xero: nobody needs the answers."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
