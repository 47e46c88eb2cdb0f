"""`xerosync compare --propose`: write a standard from what books have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xerosync.chartfile.edit.standard_file import proposed_standard
from xerosync.chartfile.load import parse
from xerosync.cli.many.books import BookSource, read_books
from xerosync.cli.session import Session
from xerosync.errors import UsageError
from xerosync.files import make_folder_of, refuse_existing, write_whole
from xerosync.organisations.compare.propose import lines_of, propose
from xerosync.organisations.run import failure_of
from xerosync.text import counted
from xerosync.workspace import command_line


def check_proposal(others: Sequence[str], out: Path | None, *, proposing: bool) -> None:
    """Raise `UsageError` if options of `compare` contradict each other.

    `others` are the options given that `--propose` does not accept, such as `--html-file`.
    """
    if out and not proposing:
        raise UsageError(
            "--out needs --propose.",
            "To save a comparison, use --html-file, --xlsx-file, --csv-file or --json-file.",
        )
    if proposing and others:
        raise UsageError(
            f"--propose cannot be used with {others[0]}.",
            "--propose writes a standard, and no comparison. Leave one of them out.",
        )


def write_proposal(
    session: Session, source: BookSource, out: Path | None, *, workers: int, engine: str = ""
) -> None:
    """Write the proposed standard to stdout, or to a new file.

    Raises `UsageError` if the file exists. If organisations failed, writes the standard of the
    other organisations, and then raises an error.
    """
    if out:
        refuse_existing(out, "xerosync does not overwrite a standard.")
    books, failed = read_books(
        session, source, lines_of, done="compared", workers=workers, engine=engine
    )
    if not books:
        if failed:
            raise failure_of(failed, 0)
        return
    result = proposed_standard(propose(books))
    accounts = len(parse(result.text, str(out or "standard.yaml"), lint=False).chart.accounts)
    terminal = session.terminal
    for sentence in result.warnings:
        terminal.say(f"Warning: {sentence}", "yellow")
    if out:
        make_folder_of(out)
        write_whole(out, result.text)
    else:
        terminal.data(result.text)
    half = f"in at least half of {len(books):,} charts"
    sentence = f"{counted(accounts, 'account')}, {'each ' if accounts > 1 else ''}{half}."
    if len(books) == 1:
        sentence = f"{counted(accounts, 'account')}, from 1 chart."
    elif not accounts:
        sentence = f"No account is {half}."
    terminal.say(
        sentence + (f" {out}: created. Next: {command_line('validate', out)}" if out else "")
    )
    if failed:
        again = f"remove {out}, and run again" if out else "and run again"
        raise failure_of(failed, len(books), again=again)
