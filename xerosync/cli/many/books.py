"""Read the charts of many organisations, from Xero or from CSV exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from xerosync.chartfile.csv.read import load_csv
from xerosync.cli.many.choose import Chosen, shard_of
from xerosync.cli.session import Session, say_problems
from xerosync.errors import UsageError
from xerosync.model import Chart, Organisation
from xerosync.organisations.book import Book, BookWork, work_on_book
from xerosync.organisations.distinct import distinct_books
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import work_in_turn
from xerosync.organisations.shard import Shard

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BookSource:
    """Which books to read: from chart files, a folder of CSV exports, or the whole sign-in.

    `files` and `folder` are None for the sign-in. `country` is the country of the CSV exports.
    """

    files: Chosen | None = None
    folder: Path | None = None
    country: str = ""
    shard: Shard = field(default_factory=Shard)

    @classmethod
    def of(
        cls,
        arguments: Sequence[str],
        options: Sequence[str],
        select: Sequence[str] = (),
        shard: str = "",
        *,
        connected: bool = False,
        folder: Path | None = None,
        country: str = "",
        sandbox: bool = False,
        engine: str = "",
    ) -> BookSource:
        """Return the books that the options name. Raises `UsageError` or `Refused`."""
        if not connected and folder is None:
            if country:
                raise UsageError(
                    "--country is only for CSV exports, and none are given.",
                    "Give --current FOLDER too, or leave --country out.",
                )
            return cls(files=Chosen.of(arguments, options, select, shard))
        wanted = "--all" if connected else "--current"
        others = {
            "chart files": bool(arguments or options),
            "--current": connected and folder is not None,
            "--select": bool(select),
            "--shard": bool(shard) and not connected,
            "--country": bool(country) and connected,
            "--sandbox": sandbox and not connected,
            "--engine": bool(engine) and not connected,
        }
        if found := [name for name, given in others.items() if given]:
            raise UsageError(
                f"{wanted} cannot be used with {found[0]}.",
                "--all reads every organisation of the sign-in, and its country, from Xero;"
                " --current reads the CSV files of a folder. Leave out either"
                f" {wanted} or {found[0]}.",
            )
        if folder is not None and not folder.is_dir():
            raise UsageError(
                f"{folder} is not a folder.",
                "--current takes a folder with a CSV export of each organisation's chart, named"
                " for the organisation, such as exports/Acme Ltd.csv.",
            )
        return cls(folder=folder, country=country, shard=shard_of(shard))


def read_books(
    session: Session,
    source: BookSource,
    work: BookWork[T],
    *,
    done: str,
    workers: int,
    engine: str = "",
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Do the work on each book; return the results, and the organisations that failed.

    `done` is the past participle of the work, such as "compared", for messages. A file fails if it
    is invalid, or if another file is for its organisation. If there is only one chart file, its
    failure is raised. Raises `ChartError` if all chart files are invalid, `UsageError` if all (at
    least two) are for one organisation.
    """
    from xerosync.cli.many.run import run_all, run_connected

    on_book = partial(work_on_book, work=work)
    if source.folder is not None:
        return _read_folder(session, source.folder, source.country, work)
    if source.files is not None:
        charts = source.files.charts(session.terminal.say, skip_invalid=True)
        found, failed = run_all(session, charts, on_book, done, workers, engine, journals=False)
    else:
        found, failed = run_connected(session, source.shard, on_book, done, workers, engine)
    found, twice = distinct_books(
        found, lambda one: (one.organisation, one.file, ()), alone=not failed
    )
    return tuple(one.result for one in found), (*failed, *twice)


def _read_folder(
    session: Session, folder: Path, country: str, work: BookWork[T]
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Do the work on the CSV files of a folder; return invalid files as failed organisations."""
    files = sorted(one for one in folder.iterdir() if one.suffix.lower() == ".csv")
    if not files:
        raise UsageError(
            f"The folder {folder} has no CSV file.",
            "Export each chart from Xero (Accounting, Chart of accounts, Export) into it.",
        )

    def read(file: str) -> T:
        source = load_csv(file)
        say_problems(source.warnings, session.terminal.say)
        organisation = Organisation("", Path(file).stem, country_code=country)
        return work(Book(Chart(organisation, source.accounts), file=file))

    results, failed = work_in_turn(
        [*map(str, files)], read, lambda file: (file, Path(file).stem), even_alone=True
    )
    return tuple(results), tuple(failed)
