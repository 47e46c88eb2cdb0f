"""`xerosync import-csv` and `export-csv`: Xero's own chart file, in and out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from xerosync.chartfile.edit.merge import Merged


def import_command(
    csv: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="The chart that Xero's screen exports.")
    ],
    file: options.OneFile = Path("accounts.yaml"),
    organisation: Annotated[
        str, typer.Option(metavar="NAME", help="The organisation's name, for a new file.")
    ] = "",
    archive_missing: Annotated[
        bool,
        typer.Option(
            "--archive-missing",
            help="Give accounts that the CSV lacks `status: ARCHIVED`; without it they stay.",
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing; show what would change, and leave with 2 if it would."
        ),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Make or update the file from Xero's CSV export. Does not call Xero."""
    from xerosync.cli.commands.pull import save, tell
    from xerosync.cli.session import open_session

    with open_session(sandbox=False, no_color=no_color, debug=debug) as session:
        say = session.terminal.say
        before, result = merge_csv(csv, file, organisation, say, archive_missing=archive_missing)
        tell(result, session.terminal)
        changed = save(file, before, result, session.terminal, check=check)
    return ExitCode.CHANGES if check and changed else ExitCode.OK


def export_command(
    file: options.OneFile = Path("accounts.yaml"),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.csv", help="Where to; stdout without it."),
    ] = None,
    with_xero: Annotated[
        bool,
        typer.Option(
            "--with-xero", help="Read from Xero what the file does not say: tax rates' names, all."
        ),
    ] = False,
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    incomplete: Annotated[
        bool,
        typer.Option("--incomplete", help="Write rows in which something is missing, too."),
    ] = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> None:
    """Write the CSV that Xero's screen imports. The import archives what the CSV lacks."""
    from xerosync.chartfile.csv.write import write_csv
    from xerosync.cli.files import write_whole
    from xerosync.cli.session import load_charts, open_session, say_problem
    from xerosync.plan.organisation import check_organisation

    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        (desired,) = load_charts([str(file)])
        current = None
        if with_xero or sandbox:
            with session.ledger(desired.organisation, read_only=True) as ledger:
                current = ledger.chart()
            check_organisation(desired.organisation, current.organisation)
        exported = write_csv(desired, current, incomplete=incomplete)
        for problem in exported.warnings:
            say_problem(problem, session.terminal.say)
        if output:
            write_whole(output.resolve(), exported.text)
            session.terminal.say(f"{output}: {exported.rows} accounts.")
        else:
            session.terminal.data(exported.text)
        unknown = "" if current else " The file alone was read: what only Xero has is not in it."
        session.terminal.say(
            "Xero's import replaces the chart: it archives every account that the CSV lacks. "
            f"Read the import's summary in Xero before you confirm it.{unknown}",
            "yellow",
        )


def merge_csv(
    csv: Path,
    file: Path,
    organisation: str,
    say: Callable[[str], None],
    *,
    archive_missing: bool = False,
) -> tuple[bytes, Merged]:
    """Read a CSV, and give the bytes of the file as it is and what it should become."""
    from xerosync.chartfile.csv.current import fill
    from xerosync.chartfile.csv.read import load_csv
    from xerosync.chartfile.edit.entry import Knowledge
    from xerosync.chartfile.edit.pull import new_file, update_file
    from xerosync.chartfile.load import parse
    from xerosync.cli.commands.pull import prove, read_chart
    from xerosync.cli.session import say_problem
    from xerosync.model import Chart, Organisation

    source = load_csv(str(csv))
    before, desired = read_chart(file)
    for problem in source.warnings:
        say_problem(problem, say)
    knowledge = Knowledge(fields=source.fields, ids=False)
    if desired is None:
        if not organisation:
            raise UsageError(
                f"{csv} does not say which organisation it is from, and {file} is new.",
                'Say it with --organisation "NAME", as Xero shows the name.',
            )
        chart = Chart(Organisation("", organisation), source.accounts)
        result = new_file(chart, knowledge)
        prove(result, chart, str(file))
        return before, result
    filled = fill(source, desired)
    for problem in filled.warnings:
        say_problem(problem, say)
    missing = "archive" if archive_missing else "keep"
    result = update_file(before, filled.desired, filled.chart, knowledge, missing=missing)
    parse(result.text, str(file), lint=False)
    if filled.unchecked:
        say(tax_note(filled.unchecked))
    return before, result


def tax_note(count: int) -> str:
    """Say that tax rates were not compared, and why."""
    return (
        f"The tax rates of {count} accounts were not compared: the file has Xero's codes, a CSV "
        "has names."
    )
