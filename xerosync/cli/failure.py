"""An exception → what people read of it, on stderr."""

from __future__ import annotations

import traceback
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
            typer.echo(describe(problem) + "\n", err=True)
    typer.echo(f"Error: {visible(error.message)}", err=True)
    if error.hint:
        typer.echo(f"  {visible(error.hint)}", err=True)
    if debug:
        _trace(error)


def report_bug(error: Exception, *, debug: bool) -> None:
    """Say that this is our fault; the traceback only with `--debug`."""
    typer.echo(
        f"This is a bug in xerosync {__version__}: {type(error).__name__}. "
        "Your file and Xero are as the journal says.",
        err=True,
    )
    if debug:
        _trace(error)
    else:
        typer.echo("  Run again with --debug, and report what it prints.", err=True)


def _trace(error: Exception) -> None:
    """Print where it came from: files and lines of our code, never the values in them."""
    ours = str(Path(__file__).parent.parent)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(ours):
            typer.echo(f"    {frame.filename}:{frame.lineno} in {frame.name}", err=True)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        typer.echo(f"    caused by {type(cause).__name__}", err=True)
