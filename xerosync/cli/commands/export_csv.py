"""`xerosync export-csv`: write the CSV that Xero imports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.text import counted
from xerosync.workspace import DEFAULT_FILE


def command(
    file: options.OneFile = Path(DEFAULT_FILE),
    output: Annotated[
        Path | None,
        options.output("FILE.csv", "Where to write the CSV (default: stdout).", "--output", "-o"),
    ] = None,
    with_xero: Annotated[
        bool,
        typer.Option(
            "--with-xero",
            help="Read from Xero what the file does not say, such as the names of tax rates.",
        ),
    ] = False,
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Also write rows in which something is missing.")
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Write the CSV that Xero imports. That import archives every account the CSV lacks."""
    from xerosync.chartfile.csv.write import write_csv
    from xerosync.cli.session import load_chart, open_session, say_problems
    from xerosync.files import write_whole

    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        desired = load_chart(file)
        current = None
        if with_xero or sandbox:
            current = session.chart(desired.organisation, desired.profile)
        exported = write_csv(desired, current, incomplete=incomplete)
        say_problems(exported.warnings, session.terminal.say)
        if output:
            write_whole(output, exported.text)
            session.terminal.say(f"{output}: {counted(exported.rows, 'account')}.")
        else:
            session.terminal.data(exported.text)
        lacks = " This CSV lacks accounts that only Xero has, and fields that the file leaves out."
        session.terminal.say(
            "Xero's import replaces the chart: it archives every account that the CSV lacks."
            f"{'' if current else lacks} In Xero, read the summary of the import before you "
            "confirm it.",
            "yellow",
        )
