"""`xerosync adopt`: existing books join a standard, by a worksheet that a person fills in."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from xerosync.cli import options
from xerosync.errors import ExitCode, UsageError
from xerosync.organisations.book import whole_book
from xerosync.workspace import WORKSHEET_SUFFIXES


def command(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="[WORKSHEET] [FILES]...",
            help="A worksheet that was filled in (.xlsx or .csv), to write overlays from; and "
            "chart files, or folders or patterns of them.",
        ),
    ] = [],  # noqa: B006 typer copies it
    file: options.FilesOrFolders = [],  # noqa: B006 as above
    connected: options.AllConnected = False,
    current: options.CurrentFolder = None,
    country: options.CsvCountry = "",
    standard: Annotated[
        list[str],
        typer.Option(
            metavar="FILE",
            help="The standard for organisations whose file extends no standard yet. Repeatable.",
        ),
    ] = [],  # noqa: B006 as above
    out: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write the worksheet here: .xlsx, or .csv.")
    ] = None,
    into: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="The folder for new overlays. With --all or --current, existing files of the "
            "organisations are looked for there, too.",
        ),
    ] = Path("clients"),
    by_organisation: Annotated[
        bool,
        typer.Option(
            "--by-organisation",
            help="With --out: give each organisation its own rows, to decide for each separately.",
        ),
    ] = False,
    check: options.CheckEdits = False,
    select: options.Select = [],  # noqa: B006 as above
    shard: options.Shard = "",
    sandbox: options.UseSandbox = False,
    profile: options.Profile = "",
    workers: options.Workers = options.WORKERS,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Bring existing books to a standard. Changes nothing in Xero.

    With --out, writes a worksheet: each existing account beside the account of the standard that
    probably matches it. Fill in the decisions, and run `adopt` with the worksheet (not with
    --current: it must read Xero). That writes each organisation's file (its overlay).
    """
    from xerosync.cli.many import adopt_books
    from xerosync.cli.many.books import BookSource, read_books
    from xerosync.cli.session import open_session
    from xerosync.organisations.adopt.worksheet import make_worksheet, summary
    from xerosync.organisations.failed import FailedOrganisation
    from xerosync.organisations.run import failure_of

    sheets = [name for name in files if Path(name).suffix.lower() in WORKSHEET_SUFFIXES]
    charts = [name for name in files if name not in sheets]
    _check_usage(sheets, out, current, standard, check=check)
    source = BookSource.of(
        charts, file, select, shard, connected=connected, folder=current, country=country,
        sandbox=sandbox,
    )  # fmt: skip
    invalid: tuple[FailedOrganisation, ...] = ()
    with open_session(sandbox=sandbox, no_color=no_color, debug=debug, profile=profile) as session:
        books, failed = read_books(session, source, whole_book, done="read", workers=workers)
        adoptees, others = adopt_books.find_adoptees(
            books, into, standard, search=source.files is None, writing=bool(sheets)
        )
        failed = (*failed, *others)
        if not adoptees and failed:
            raise failure_of(failed, 0)
        joined = [(one.joining, one.suggestions) for one in adoptees]
        if out:
            made = make_worksheet(joined, by_organisation=by_organisation)
            adopt_books.write_worksheet(out, made)
            for sentence in summary(made):
                session.terminal.say(sentence)
            session.terminal.say(f"{out}: written. Fill in its column Decision, and save it.")
            changed = 0
        else:
            checked = adopt_books.decide(Path(sheets[0]), joined, session.terminal)
            changed, invalid = adopt_books.write_overlays(session, adoptees, checked, dry=check)
            failed = (*failed, *invalid)
            for sentence in checked.sentences:
                session.terminal.say(sentence)
            if changed and not check:
                folder = (str(into),) if source.files is None else (*charts, *file)
                words = ("xerosync", "plan", *(w for f in folder for w in ("-f", f)))
                session.terminal.say(f"Nothing was changed in Xero. Next: {shlex.join(words)}")
        if failed:
            again = f"remove {out}, and run again" if out else "and run again"
            raise failure_of(failed, len(adoptees) - len(invalid), again=again)
    return ExitCode.CHANGES if check and changed else ExitCode.OK


def _check_usage(
    sheets: Sequence[str],
    out: Path | None,
    current: Path | None,
    standard: Sequence[str],
    *,
    check: bool,
) -> None:
    """Raise `UsageError` if an option is missing, cannot be used, or contradicts another one."""
    if len(sheets) > 1:
        raise UsageError(
            "More than one worksheet (.xlsx or .csv) is given.",
            "Give one at a time. Give CSV exports from Xero as a folder, with --current.",
        )
    if bool(sheets) == bool(out):
        raise UsageError(
            "--out makes a worksheet, and cannot be used with one that was filled in."
            if out
            else "No worksheet is given.",
            "Make one with `--standard FILE --all --out worksheet.xlsx`, and fill it in. Then give"
            " worksheet.xlsx with the same options, without --out. To make it from CSV exports,"
            " give --current FOLDER instead of --all; but give the filled worksheet with --all.",
        )
    if out and out.suffix.lower() not in WORKSHEET_SUFFIXES:
        raise UsageError(f"{out} is neither XLSX nor CSV.", "Name a file ending in .xlsx or .csv.")
    if out and check:
        raise UsageError(
            "--check is for a worksheet that was filled in.",
            "Leave out --check to make a worksheet.",
        )
    if sheets and current:
        raise UsageError(
            "Overlays cannot be written from CSV exports, which lack the ids of accounts.",
            "Give --all or the chart files instead of --current and --country. A worksheet that was"
            " made from the exports can be used.",
        )
    for one in standard:
        if not Path(one).is_file():
            raise UsageError(f"There is no file {shlex.quote(one)}.", "Name a standard's file.")
