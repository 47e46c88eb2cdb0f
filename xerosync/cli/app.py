"""The `xerosync` command: its subcommands, and every way out of it as an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from xerosync import __version__
from xerosync.cli.commands import (
    apply,
    auth,
    ci,
    drift,
    export_csv,
    fmt,
    import_csv,
    init,
    plan,
    pull,
    rollback,
    sandbox,
    schema,
    show,
    validate,
)
from xerosync.cli.failure import report_bug, report_failure, report_full, unwritable
from xerosync.errors import ExitCode, XerosyncError

app = typer.Typer(
    name="xerosync",
    help="Keep a Xero organisation's chart of accounts in a file: plan, review, apply.",
    epilog="First steps, without an account at Xero: xerosync plan --sandbox",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("plan")(plan.command)
app.command("apply")(apply.command)
app.command("drift")(drift.command)
app.command("pull")(pull.command)
app.command("validate")(validate.command)
app.command("fmt")(fmt.command)
app.command("show")(show.command)
app.command("rollback")(rollback.command)
app.command("import-csv")(import_csv.command)
app.command("export-csv")(export_csv.command)
app.command("init")(init.command)
app.command("schema")(schema.command)
app.command("sandbox")(sandbox.command)
app.add_typer(auth.app, name="auth")
app.add_typer(ci.app, name="ci")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"xerosync {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Keep a Xero organisation's chart of accounts in a file: plan, review, apply."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line, and give its exit code; nothing is raised."""
    debug = "--debug" in arguments
    try:
        code = app(list(arguments), prog_name="xerosync", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        show_usage = getattr(error, "show", None)
        if show_usage:
            show_usage()
        return ExitCode.USAGE if show_usage else ExitCode.ERROR
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("\nInterrupted.", err=True)
        return ExitCode.INTERRUPTED
    except XerosyncError as error:
        report_failure(error, debug=debug)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.ERROR
    except Exception as error:  # noqa: BLE001 what is not ours is a bug, and says so
        if unwritable(error):
            report_full(error)
        else:
            report_bug(error, debug=debug)
        return ExitCode.ERROR
    if code == ExitCode.INTERRUPTED:  # what typer makes of a Ctrl-C
        typer.echo("\nInterrupted.", err=True)
    return code if isinstance(code, int) else ExitCode.OK
