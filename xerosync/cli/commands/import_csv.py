"""`xerosync import-csv`: create or update a chart file from Xero's CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode
from xerosync.workspace import DEFAULT_FILE, command_line

if TYPE_CHECKING:
    from xerosync.cli.terminal import Terminal


def command(
    csv: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="The chart of accounts, exported from Xero.")
    ],
    file: options.OneFile = Path(DEFAULT_FILE),
    organisation: options.ForNewFile = "",
    archive_missing: Annotated[
        bool,
        typer.Option(
            "--archive-missing",
            help="Set `status: ARCHIVED` for accounts that the CSV lacks, except protected and "
            "system accounts. Without this option, all of them stay.",
        ),
    ] = False,
    check: options.CheckEdits = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Create or update the file from a CSV that Xero exported. Does not connect to Xero."""
    from xerosync.cli.session import open_session

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        changed = import_file(
            csv, file, organisation, session.terminal, archive_missing=archive_missing, check=check
        )
    return ExitCode.CHANGES if check and changed else ExitCode.OK


def import_file(
    csv: Path,
    file: Path,
    organisation: str,
    terminal: Terminal,
    *,
    archive_missing: bool = False,
    check: bool = False,
) -> bool:
    """Create or update a chart file from a CSV; return whether its text changes.

    If `check`, show the difference, and write nothing.
    """
    from xerosync.chartfile.csv.import_chart import import_chart
    from xerosync.chartfile.csv.read import load_csv
    from xerosync.cli.edited_file import read_chart, report, save
    from xerosync.cli.session import say_problems

    source = load_csv(str(csv))
    before, desired = read_chart(file, organisation)
    pin = options.pin_of_organisation(organisation)
    imported = import_chart(
        source, before, desired, str(file), pin, archive_missing=archive_missing
    )
    say_problems((*source.warnings, *imported.problems), terminal.say)
    if imported.note:
        terminal.say(imported.note)
    report(imported.result, terminal)
    if imported.result.left_out:
        terminal.say(
            f"A CSV exported from {file} would lack what is left out, so importing that CSV "
            "into Xero would archive those accounts or empty those fields.",
            "yellow",
        )
    then = command_line("plan", file, "--current", str(csv))
    if imported.result.unexplained:
        then = command_line("validate", file)
    return save(file, before, imported.result.text, terminal, check=check, next_step=then)
