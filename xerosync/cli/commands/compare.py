"""`xerosync compare`: every chart beside the standard, as a grid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode, UsageError
from xerosync.text import full_stop, with_extra

if TYPE_CHECKING:
    from xerosync.cli.many.books import BookSource
    from xerosync.cli.session import Session
    from xerosync.cli.terminal import Terminal
    from xerosync.organisations.compare.grid import Grid


class CompareFormat(StrEnum):
    """The formats of a comparison on stdout."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def command(
    files: options.ChartFiles = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    select: options.Select = [],  # noqa: B006 as above
    shard: options.Shard = "",
    connected: options.AllConnected = False,
    current: options.CurrentFolder = None,
    country: options.CsvCountry = "",
    standard: Annotated[
        list[str],
        typer.Option(
            metavar="FILE",
            help="Compare with this standard instead of the standards that the files extend. "
            "Repeatable, for a standard in several files.",
        ),
    ] = [],  # noqa: B006 as above
    against: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Compare with this organisation instead of with a standard."
        ),
    ] = "",
    account: Annotated[
        str, typer.Option(metavar="CODE", help="Show one account in all organisations.")
    ] = "",
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    format: Annotated[  # noqa: A002 the option is called so
        CompareFormat,
        typer.Option(
            help="Format of stdout: a summary, JSON for programs, CSV for spreadsheets, or an "
            "HTML page."
        ),
    ] = CompareFormat.TEXT,
    html_file: Annotated[Path | None, options.also_write("comparison", "an HTML page")] = None,
    xlsx_file: Annotated[Path | None, options.also_write("comparison", "an Excel workbook")] = None,
    csv_file: Annotated[Path | None, options.also_write("comparison", "CSV")] = None,
    json_file: Annotated[Path | None, options.also_write("comparison", "JSON")] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with status 2 if anything differs.")
    ] = False,
    proposing: Annotated[
        bool,
        typer.Option(
            "--propose",
            help="Instead of a comparison, write a standard: each account that at least half of "
            "the organisations have, as most of them have it.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --propose: write the standard to this new file."),
    ] = None,
    workers: options.Workers = options.WORKERS,
    engine: options.Engine = "",
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Compare the charts of many organisations with a standard. Only reads from Xero."""
    from xerosync.cli.many.books import BookSource
    from xerosync.cli.many.proposal import check_proposal, write_proposal
    from xerosync.cli.session import open_session
    from xerosync.files import write_bytes
    from xerosync.organisations.run import failure_of

    source = BookSource.of(
        files, file, select, shard, connected=connected, folder=current, country=country,
        sandbox=sandbox, engine=engine,
    )  # fmt: skip
    if xlsx_file and find_spec("xlsxwriter") is None:
        raise UsageError(
            "--xlsx-file needs XlsxWriter, which is not installed.", f"{with_extra('xlsx')}."
        )
    if standard and against:
        raise UsageError("--standard and --against cannot be used together.", "Give one of them.")
    if account and format is not CompareFormat.TEXT:
        raise UsageError(
            f"--account cannot be used with --format {format}, which shows all accounts.",
            "Leave out --account or --format.",
        )
    compared = {
        "--standard": standard, "--against": against, "--account": account,
        "--html-file": html_file, "--xlsx-file": xlsx_file, "--csv-file": csv_file,
        "--json-file": json_file, "--detailed-exitcode": detailed_exitcode,
        "--format": format is not CompareFormat.TEXT,
    }  # fmt: skip
    check_proposal([name for name, given in compared.items() if given], out, proposing=proposing)
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        if proposing:
            write_proposal(session, source, out, workers=workers, engine=engine)
            return ExitCode.OK
        grid = _compare(session, source, standard, against, workers, engine)
        made_at = datetime.now(UTC)
        wanted = {
            CompareFormat.HTML: html_file, CompareFormat.CSV: csv_file,
            CompareFormat.JSON: json_file, "xlsx": xlsx_file,
        }  # fmt: skip
        for form, path in wanted.items():
            if path:
                write_bytes(path, _document(form, grid, made_at))
        if format is not CompareFormat.TEXT:
            _write(session.terminal, grid, _document(format, grid, made_at))
        elif grid.organisations or grid.failed:
            session.terminal.show_comparison(grid, account)
        if grid.failed:
            raise failure_of(grid.failed, len(grid.organisations))
    return ExitCode.CHANGES if detailed_exitcode and grid.differs else ExitCode.OK


def _compare(
    session: Session,
    source: BookSource,
    standard: list[str],
    against: str,
    workers: int,
    engine: str,
) -> Grid:
    from xerosync.cli.many.books import read_books
    from xerosync.organisations.book import whole_book
    from xerosync.organisations.compare.cells import compare_book, no_standard
    from xerosync.organisations.compare.side_by_side import find_book, grid_of
    from xerosync.organisations.run import failure_of

    read = partial(read_books, session, source, done="compared", workers=workers, engine=engine)
    if against:
        books, failed = read(whole_book)
        base = find_book(books, against, failed)
        others = [compare_book(one, against=base) for one in books if one is not base]
        name = base.chart.organisation.name
        grid = grid_of(others, name, failed)
        return replace(grid, notes=(f"Here, “the standard” means {full_stop(name)}", *grid.notes))
    charts = None
    if standard:
        from xerosync.chartfile.load import load_standard

        charts = load_standard(standard)
    elif source.files is None:
        raise no_standard()
    found, failed = read(partial(compare_book, standard=charts))
    if not found and failed and all(isinstance(one.error, UsageError) for one in failed):
        raise failure_of(failed, 0)
    return grid_of(found, failed=failed, standard=charts.name if charts else "")


def _write(terminal: Terminal, grid: Grid, document: bytes) -> None:
    terminal.data(document.decode("utf-8", "backslashreplace"))
    for note in grid.notes:
        terminal.say(note)


def _document(form: str, grid: Grid, made_at: datetime) -> bytes:
    """Return the comparison in the format `form`, which is any format except text."""
    match form:
        case CompareFormat.HTML:
            from xerosync.render.compare.html import page

            text = page(grid, made_at)
        case CompareFormat.CSV:
            from xerosync.chartfile.csv.table import write_table
            from xerosync.render.compare.csv import csv_rows

            text = write_table(csv_rows(grid))
        case CompareFormat.JSON:
            from xerosync.render.compare.json import grid_as_json

            text = grid_as_json(grid, made_at)
        case _:
            from xerosync.render.compare.xlsx import workbook

            return workbook(grid, made_at)
    return text.encode("utf-8", "backslashreplace")
