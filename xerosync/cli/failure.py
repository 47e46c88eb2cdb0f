"""An exception → what people read of it, on stderr."""

from __future__ import annotations

import traceback
from contextlib import suppress
from pathlib import Path

import typer

from xerosync import __version__
from xerosync.errors import ChartError, XerosyncError
from xerosync.visible import visible


def report_failure(error: XerosyncError, *, debug: bool) -> None:
    """Say what went wrong and the way out; with `--debug`, where in our code too."""
    if isinstance(error, ChartError):
        from xerosync.chart.problems import describe

        for problem in error.problems:
            _say(describe(problem) + "\n")
    _say(f"Error: {visible(error.message)}")
    if error.hint:
        _say(f"  {visible(error.hint)}")
    if debug:
        _trace(error)


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
