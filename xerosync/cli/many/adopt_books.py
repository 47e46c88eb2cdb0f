"""Make the worksheet of `adopt` from many books, and write overlays from a filled worksheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from xerosync.chartfile import filled_worksheet
from xerosync.chartfile.csv.table import MAX_ROWS, write_table
from xerosync.chartfile.edit.decided import decided_texts
from xerosync.chartfile.edit.file_set import check_unchanged
from xerosync.chartfile.edit.overlay_draft import Adoptee
from xerosync.chartfile.library import Library
from xerosync.chartfile.load import check_all, kind_of, load_each, pin_of
from xerosync.chartfile.paths import files_at
from xerosync.chartfile.problems import problem_at
from xerosync.chartfile.syntax import source
from xerosync.cli.edited_file import difference_of
from xerosync.cli.session import Session, say_problems
from xerosync.cli.terminal import Terminal
from xerosync.errors import ChartError, UsageError
from xerosync.files import make_folder_of, refuse_existing, write_bytes, write_whole
from xerosync.organisations.adopt.adoption import Joining
from xerosync.organisations.adopt.decisions import CheckedWorksheet, check
from xerosync.organisations.adopt.overlays import Overlays, refuse_unknown
from xerosync.organisations.adopt.suggested import Suggestion
from xerosync.organisations.adopt.worksheet import COLUMNS, Worksheet
from xerosync.organisations.book import Book
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.standards.documents import Kind
from xerosync.text import counted, with_extra


def find_adoptees(
    books: Sequence[Book], into: Path, standards: Sequence[str], *, search: bool, writing: bool
) -> tuple[tuple[Adoptee, ...], tuple[FailedOrganisation, ...]]:
    """Return the organisations that can join the standard, and the failures.

    With `search`, the organisations' files are looked for in the folder `into`; then, if `writing`,
    an invalid file without a valid tenant id raises `ChartError`. Raises `UsageError` if an
    organisation has no standard to join.
    """
    there = [*into.iterdir()] if into.is_dir() else []
    files = [one for one in (files_at(str(into)) if there else ()) if Path(one).is_file()]
    names = (path.name.casefold() for path in (*there, *map(Path, files)))
    overlays, library = Overlays(into, frozenset(names)), Library()
    if search:
        charts = [one for one in files if kind_of(one) is Kind.ORGANISATION]
        loaded, failed = load_each(check_all(charts))
        invalid = [(one, pin_of(one.file)) for one in failed]
        if writing:
            refuse_unknown(invalid)
        overlays = overlays.with_files([one.chart for one in loaded], invalid, books)
    return overlays.of_each(
        books, standards, lambda book, path: Adoptee.of(book, path, standards, library)
    )


def write_worksheet(path: Path, worksheet: Worksheet) -> None:
    """Write a worksheet as XLSX or CSV.

    Raises `UsageError` if the file exists, would be too large for `adopt`, or cannot be written.
    """
    refuse_existing(path, "Somebody may have filled it in.")
    rows = ([str(row.cells[name]) for name in COLUMNS] for row in worksheet.rows)
    text = write_table([COLUMNS, *rows]) if path.suffix.lower() == ".csv" else ""
    if len(worksheet.rows) >= MAX_ROWS or len(text.encode()) > source.MAX_BYTES:
        raise UsageError(
            f"{path} would be too large to read again: it would have more than {MAX_ROWS:,} rows,"
            f" or as CSV more than {source.MAX_BYTES // 1_000_000} MB.",
            filled_worksheet.SMALLER,
        )
    if text:
        write_whole(path, text)
        return
    from xerosync.render.worksheet_xlsx import worksheet_xlsx

    try:
        data = worksheet_xlsx(worksheet, datetime.now(UTC))
    except ModuleNotFoundError:
        raise UsageError(
            f"{path} cannot be written without the packages for spreadsheets.",
            f"{with_extra('xlsx')}, or name a file that ends in .csv.",
        ) from None
    write_bytes(path, data)


def decide(
    worksheet: Path, found: Sequence[tuple[Joining, Sequence[Suggestion]]], terminal: Terminal
) -> CheckedWorksheet:
    """Return a worksheet's decisions, and report its warnings. Raises `ChartError` for errors."""
    checked = check(filled_worksheet.read_worksheet(worksheet), found)
    problems = tuple(problem_at("", finding) for finding in checked.findings)
    if any(problem.severity == "error" for problem in problems):
        raise ChartError(problems)
    say_problems(problems, terminal.say)
    return checked


def write_overlays(
    session: Session, adoptees: Sequence[Adoptee], checked: CheckedWorksheet, *, dry: bool
) -> tuple[int, tuple[FailedOrganisation, ...]]:
    """Write overlays for the decisions; return how many changed, and which organisations failed.

    All texts are checked before the first file is written. If a text is invalid, its organisation
    fails and the file stays as it is. If `dry`, differences are shown and no file is written.
    Raises `Refused` if someone changed a file meanwhile.
    """
    terminal, (texts, failed) = session.terminal, decided_texts(adoptees, checked.decisions)
    changed = [(draft, text) for draft, text in texts if text.encode() != draft.before]
    if dry:
        for draft, text in changed:
            terminal.data(difference_of(draft.before, text, draft.path))
        terminal.say(f"{counted(len(changed), 'overlay')} would be written. Nothing was written.")
        return len(changed), failed
    for draft, _ in changed:
        check_unchanged(Path(draft.path), draft.before)
    for draft, _ in changed:
        make_folder_of(Path(draft.path))
    for draft, text in changed:
        write_whole(Path(draft.path), text)
    new = sum(not draft.before for draft, _ in changed)
    terminal.say(
        f"{counted(len(changed), 'overlay')} written: {new:,} new, {len(changed) - new:,} updated."
    )
    return len(changed), failed
