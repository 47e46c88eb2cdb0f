"""Print errors on stderr."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeGuard

import typer

from xerosync import __version__
from xerosync.errors import ChartError, XerosyncError
from xerosync.text import visible

_MOST_DETAILS = 20
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO)


def report_failure(error: XerosyncError, *, debug: bool) -> None:
    """Print an error, with its hint; with `--debug`, its traceback too."""
    if isinstance(error, ChartError):
        from xerosync.chartfile.problems import describe

        for problem in error.problems:
            _say(describe(problem) + "\n")
    _say(f"Error: {visible(error.message)}")
    shown = _fitting(error.details)
    for detail in shown:
        nested = "  " if detail.startswith("  ") else ""
        _say(f"  {nested}- {visible(detail.strip())}")
    if more := len(error.details) - len(shown):
        _say(f"  - and {more:,} more")
    if error.hint:
        _say(f"  {visible(error.hint)}")
    if debug:
        _trace(error)


def _fitting(details: Sequence[str]) -> list[str]:
    """Return at most `_MOST_DETAILS` details; if there are more, leave out indented ones first."""
    indented = [at for at, detail in enumerate(details) if detail.startswith("  ")]
    room = max(0, _MOST_DETAILS - len(details) + len(indented))
    left_out = set(indented[room:])
    return [detail for at, detail in enumerate(details) if at not in left_out][:_MOST_DETAILS]


def unwritable(error: Exception) -> TypeGuard[OSError]:
    """Whether an error means that stdout could not be written, for example to a full disk.

    An error with a `filename` is about that file, not about stdout.
    """
    full = isinstance(error, OSError) and error.errno in _FULL
    return full and getattr(error, "filename", None) is None


def report_full(error: OSError) -> None:
    """Report that stdout could not be written, and discard the output that is still buffered."""
    _say(f"Error: the output could not be written: {error.strerror}.")
    _say("  Free some space or write the output elsewhere, then run again.")
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report_bug(error: Exception, *, debug: bool) -> None:
    """Report a bug in xerosync; print the traceback only with `--debug`."""
    _say(
        f"This is a bug in xerosync {__version__}: {type(error).__name__}. "
        "After an apply, the journal shows what was sent to Xero."
    )
    if debug:
        _trace(error)
    else:
        _say(
            "  Report this with the output of --debug, if the command has that option, and with the"
            " file that `xerosync doctor --bundle report.zip` writes."
        )


def _say(sentence: str) -> None:
    """Print a line on stderr. If that fails, the exit status still reports the failure."""
    with suppress(OSError, ValueError):
        typer.echo(sentence, err=True)


def _trace(error: Exception) -> None:
    """Print the error's frames in xerosync and the type of its cause, but no error's text."""
    ours = str(Path(__file__).parent.parent)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(ours):
            _say(f"    {frame.filename}:{frame.lineno} in {frame.name}")
    cause = error.__cause__ or error.__context__
    if cause is not None:
        _say(f"    caused by {type(cause).__name__}")
