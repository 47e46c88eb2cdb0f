"""The `xerosync` command: its subcommands, and an exit code for every way it can end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from io import StringIO
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command, get_group

from xerosync import __version__
from xerosync.cli import INTERRUPTED

COMMANDS = {
    "plan": ("plan:command", "Show what `apply` would change in Xero."),
    "apply": ("apply:command", "Make Xero match the file."),
    "drift": ("drift:command", "Show what changed in Xero since the file was last applied."),
    "compare": ("compare:command", "Compare the charts of many organisations with a standard."),
    "pull": ("pull:command", "Create the file from Xero, or update it."),
    "adopt": ("adopt:command", "Bring existing books to a standard."),
    "validate": ("validate:command", "Check chart files and report their problems."),
    "fmt": ("fmt:command", "Format chart files."),
    "renumber": ("renumber:command", "Change account codes in chart files."),
    "show": ("show:command", "Show a saved plan, the journal of an apply, or a merged chart."),
    "usage": ("usage:command", "Show what still uses an account."),
    "rollback": ("rollback:command", "Plan how to undo a run."),
    "import-csv": (
        "import_csv:command",
        "Create or update the file from a CSV that Xero exported.",
    ),
    "export-csv": ("export_csv:command", "Write the CSV that Xero imports."),
    "doctor": ("doctor:command", "Check installation, file, network and sign-in."),
    "init": ("init:command", "Set up a project."),
    "schema": ("schema:command", "Print the JSON Schema of accounts.yaml."),
    "sandbox": ("sandbox:command", "Run a local Xero with a demo company."),
    "auth": ("auth:app", "Sign in to Xero as a person."),
    "ci": ("ci:app", "Post plans and drift, and fetch reviewed plans, in CI jobs."),
}
"""Each command: `module:attribute` in `commands/`, and its line in `xerosync --help`."""


@cache
def load(name: str) -> Any:  # noqa: ANN401 typer's type for any command is private
    """Import a command's module, and return the command or group."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(f"xerosync.cli.commands.{module}"), attribute)
    holder = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    return get_group(holder).commands[name]


class LazyCommand(TyperCommand):
    """A command that `--help` lists without importing its module."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,  # noqa: ANN401 as in `load`
        **extra: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Return a context of the real command, so that typer runs that command."""
        return load(str(self.name)).make_context(info_name, args, parent, **extra)


app = typer.Typer(
    name="xerosync",
    help="Keep a Xero organisation's chart of accounts in a file: plan, review, apply.",
    epilog="To try it without Xero, in an empty folder: xerosync pull --sandbox",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, (_, _summary) in COMMANDS.items():
    app.command(_name, cls=LazyCommand, help=_summary)(lambda: None)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"xerosync {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


def _show_safely(show: Callable[..., None]) -> None:
    """Print a usage error with control characters escaped, because it may quote an argument."""
    from xerosync.text import visible

    with StringIO() as text:
        show(file=text)
        for line in text.getvalue().splitlines():
            typer.echo(visible(line), err=True)


def _open_closed_streams() -> None:
    """Open `os.devnull` for each closed standard stream (`>&-`), which Python sets to None."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def run(arguments: Sequence[str]) -> int:
    """Run one command line, and return its exit code."""
    try:
        _open_closed_streams()
        code = get_command(app)(list(arguments), prog_name="xerosync", standalone_mode=False)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 an unknown one is a bug
        return _report(error, debug="--debug" in arguments)
    if not isinstance(code, int) or not code:
        return 0
    if code == INTERRUPTED:  # typer returns this after Ctrl-C
        typer.echo("\nInterrupted.", err=True)
    return code


def _report(error: BaseException, *, debug: bool) -> int:
    """Print the error that ended a command, except a closed pipe, and return its exit code."""
    from xerosync.cli.failure import report_bug, report_failure, report_full, unwritable
    from xerosync.errors import ExitCode, XerosyncError

    match error:
        case typer.TyperException():
            show_usage = getattr(error, "show", None)
            if show_usage:
                _show_safely(show_usage)
            return ExitCode.USAGE if show_usage else ExitCode.ERROR
        case typer.Abort() | KeyboardInterrupt():
            typer.echo("\nInterrupted.", err=True)
            return ExitCode.INTERRUPTED
        case XerosyncError():
            report_failure(error, debug=debug)
            return error.exit_code
        case BrokenPipeError():
            sys.stderr.close()
        case Exception() if unwritable(error):
            report_full(error)
        case Exception():
            report_bug(error, debug=debug)
    return ExitCode.ERROR
