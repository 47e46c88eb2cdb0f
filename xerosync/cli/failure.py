"""An exception → what people read of it, on stderr."""

from __future__ import annotations

import errno
import os
import sys
import traceback
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
    """Say what went wrong and the way out; with `--debug`, where in our code too."""
    if isinstance(error, ChartError):
        from xerosync.chartfile.problems import describe

        for problem in error.problems:
            _say(describe(problem) + "\n")
    _say(f"Error: {visible(error.message)}")
    for detail in error.details[:_MOST_DETAILS]:
        _say(f"  - {visible(detail)}")
    if (more := len(error.details) - _MOST_DETAILS) > 0:
        _say(f"  - and {more} more")
    if error.hint:
        _say(f"  {visible(error.hint)}")
    if debug:
        _trace(error)


def unwritable(error: Exception) -> TypeGuard[OSError]:
    """Tell whether an error is that of a full disk under stdout: it names no file."""
    full = isinstance(error, OSError) and error.errno in _FULL
    return full and getattr(error, "filename", None) is None


def report_full(error: OSError) -> None:
    """Say that what was to be printed found no room, and let Python not try once more."""
    _say(f"Error: the output could not be written: {error.strerror}.")
    _say("  Make room, or send it elsewhere, then run again.")
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report_bug(error: Exception, *, debug: bool) -> None:
    """Say that this is our fault; the traceback only with `--debug`."""
    _say(
        f"This is a bug in xerosync {__version__}: {type(error).__name__}. "
        "Your file and Xero are as the journal says."
    )
    if debug:
        _trace(error)
    else:
        _say("  Run again with --debug, and report what it prints.")


def _say(sentence: str) -> None:
    """Write to stderr; where nobody reads it any more, the exit code has to tell."""
    with suppress(OSError, ValueError):
        typer.echo(sentence, err=True)


def _trace(error: Exception) -> None:
    """Print where it came from: files and lines of our code, never the values in them."""
    ours = str(Path(__file__).parent.parent)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(ours):
            _say(f"    {frame.filename}:{frame.lineno} in {frame.name}")
    cause = error.__cause__ or error.__context__
    if cause is not None:
        _say(f"    caused by {type(cause).__name__}")
