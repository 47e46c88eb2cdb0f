"""Make the worksheet of `adopt` from many books, and write overlays from a filled worksheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from xerosync.chartfile import filled_worksheet
from xerosync.chartfile.csv.table import MAX_ROWS, write_table
from xerosync.chartfile.edit.decided import check_decided, write_decisions
from xerosync.chartfile.edit.file_set import check_unchanged
from xerosync.chartfile.edit.overlay_draft import OverlayDraft, draft_overlay
from xerosync.chartfile.library import Library
from xerosync.chartfile.load import kind_of, pin_of
from xerosync.chartfile.near_names import near_names
from xerosync.chartfile.problems import problem_at
from xerosync.chartfile.syntax import source
from xerosync.cli.edited_file import difference
from xerosync.cli.many.choose import load_each
from xerosync.cli.many.paths import files_at
from xerosync.cli.session import Session, say_problem
from xerosync.cli.terminal import Terminal
from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import ChartError, UsageError, XerosyncError
from xerosync.files import make_folder_of, refuse_existing, write_bytes, write_whole
from xerosync.model import Chart, Organisation, name_key
from xerosync.organisations.adopt.adoption import Joining
from xerosync.organisations.adopt.decisions import CheckedWorksheet, check
from xerosync.organisations.adopt.filled import Decisions
from xerosync.organisations.adopt.suggested import Suggestion, suggest
from xerosync.organisations.adopt.worksheet import COLUMNS, Worksheet
from xerosync.organisations.book import Book
from xerosync.organisations.distinct import distinct_charts
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failed_at
from xerosync.organisations.standards.documents import Kind
from xerosync.plan.organisation import check_organisation
from xerosync.text import counted

_LONGEST_NAME = 60
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
"""Names that no file can have on Windows."""


@dataclass(frozen=True, slots=True)
class Adoptee:
    """An organisation that joins the standard: its overlay, its chart, and suggested matches."""

    draft: OverlayDraft
    chart: Chart
    joining: Joining
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Overlays:
    """Finds the overlay of each organisation: its chart file, or a new one in a folder.

    `standards` are the standards for a new overlay, and for a file that extends none yet.
    """

    folder: Path
    standards: tuple[str, ...]

    def adoptees(
        self, books: Sequence[Book], *, connected: bool, writing: bool
    ) -> tuple[tuple[Adoptee, ...], tuple[FailedOrganisation, ...]]:
        """Return the organisations that can join the standard, and the failures.

        If `connected`, the books do not come from chart files. Then the folder is searched for the
        organisations' files; when `writing`, a file there that is invalid and has no valid tenant
        id raises `ChartError`. Raises `UsageError` if an organisation has no standard to join.
        """
        csv = next((book.chart.organisation for book in books if book.exported), None)
        known, invalid = self._known(csv, writing=writing) if connected else ({}, {})
        taken = _names_in(self.folder)
        library = Library()
        found, failed, used = [], [*invalid.values()], set[str]()
        for book in books:
            organisation = book.chart.organisation
            if _theirs(invalid, organisation):
                continue
            desired = book.desired or _theirs(known, organisation)
            if not self.standards and not (desired and desired.standard):
                raise UsageError(
                    f"{organisation.name} has no standard to join.",
                    "Name one with --standard FILE, or extend one in the organisation's file.",
                )
            path = desired.file if desired else str(self._new_path(organisation, taken))
            try:
                if path in used:
                    raise UsageError(
                        f"{path} may be for this organisation or for another of the same name.",
                        "Write the tenant_id of the right one under organisation: in the file.",
                    )
                used.add(path)
                found.append(self._adoptee(book, desired, path, library))
            except XerosyncError as error:
                failed.append(failed_at(book.file or path, organisation.name, error))
        return tuple(found), tuple(failed)

    def _known(
        self, csv: Organisation | None, *, writing: bool
    ) -> tuple[dict[str, DesiredChart], dict[str, FailedOrganisation]]:
        """Return the charts in the folder, and the files that fail, both by organisation.

        A file fails if it is invalid, or if another file is for its organisation. The keys are
        tenant ids. The key is a name if the file has no id, or if `csv` is given, since a CSV has
        no ids. A failed file whose key is empty or taken has its path as the key. When `writing`,
        an invalid file without a valid tenant id raises `ChartError`.
        """
        files = [str(path) for path in _files_in(self.folder)]
        loaded, failed = load_each(file for file in files if kind_of(file) is Kind.ORGANISATION)
        pins = {one.file: pin_of(one.file) for one in failed}
        unknown = [one for one in failed if not _is_id(pins[one.file].tenant_id)]
        if writing and unknown:
            raise _unknown_organisation(unknown)
        pinned = [_as_exported(one.chart, csv) if csv else one.chart for one in loaded]
        charts, twice = distinct_charts(pinned, alone=False, by_name=True)
        failing = dict[str, FailedOrganisation]()
        for one in (*failed, *twice):
            pin = pin_of(one.file)
            key = (name_key(pin.name) if csv else _key(pin)) or one.file
            failing[one.file if key in failing else key] = replace(one, name=pin.name)
        return {_key(chart.organisation): chart for chart in charts}, failing

    def _new_path(self, organisation: Organisation, taken: set[str]) -> Path:
        """Return the path of a new overlay, named for the organisation and not yet in use."""
        plain = unicodedata.normalize("NFKD", organisation.name).encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "-", plain.casefold())[:_LONGEST_NAME].strip("-")
        short = organisation.tenant_id[:8].casefold() if organisation.tenant_id else ""
        if not name or _RESERVED.fullmatch(name):
            name = f"organisation-{short}".strip("-")
        numbered = (f"{name}-{number}" for number in range(2, 10_000))
        for one in chain((name, *([f"{name}-{short}"] if short else [])), numbered):
            if f"{one}.yaml" not in taken:
                taken.add(f"{one}.yaml")
                return self.folder / f"{one}.yaml"
        raise UsageError(f"{self.folder} has too many files called {name}.", "Use another folder.")

    def _adoptee(
        self, book: Book, desired: DesiredChart | None, path: str, library: Library
    ) -> Adoptee:
        if desired:
            check_organisation(desired.organisation, book.chart.organisation)
        before = source.read(path) if desired else b""
        draft = draft_overlay(
            path, before, desired, book.chart.organisation,
            standards=self.standards, library=library,
        )  # fmt: skip
        joining = draft.joining(book.chart)
        return Adoptee(draft, book.chart, joining, suggest(joining, near_names))


def _files_in(folder: Path) -> list[Path]:
    found = map(Path, files_at(str(folder)) if folder.is_dir() else ())
    return [path for path in found if path.is_file()]


def _names_in(folder: Path) -> set[str]:
    there = folder.iterdir() if folder.is_dir() else ()
    return {path.name.casefold() for path in (*there, *_files_in(folder))}


def _key(pin: OrganisationPin) -> str:
    return pin.tenant_id.casefold() or name_key(pin.name)


def _as_exported(chart: DesiredChart, csv: Organisation) -> DesiredChart:
    """Return the chart without what a CSV lacks, such as the tenant id and the profile."""
    pin = chart.organisation
    pin = OrganisationPin(pin.name, country=csv.country_code and pin.country, source=pin.source)
    return replace(chart, organisation=pin, profile="")


def _is_id(tenant_id: str) -> bool:
    try:
        return str(UUID(tenant_id)) == tenant_id.casefold()
    except ValueError:
        return False


def _unknown_organisation(invalid: Sequence[FailedOrganisation]) -> ChartError:
    """Return the error for invalid files that may be for any of the organisations."""
    problems = (one.error.problems for one in invalid if isinstance(one.error, ChartError))
    error = ChartError(tuple(chain.from_iterable(problems)))
    others = counted(len(invalid) - 1, "other file")
    more = f" The same is true of {others}." if len(invalid) > 1 else ""
    error.message = (
        f"{invalid[0].file} is invalid, and has no valid tenant_id: its organisation could get a"
        f" second overlay.{more}"
    )
    error.hint = (
        "Nothing was written. Correct the file, or write the tenant_id of its organisation under"
        " organisation: in it."
    )
    return error


_T = TypeVar("_T")


def _theirs(known: Mapping[str, _T], organisation: Organisation) -> _T | None:
    by_id = known.get(organisation.tenant_id.casefold()) if organisation.tenant_id else None
    return by_id or known.get(name_key(organisation.name))


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
            "Install them with `pip install 'xerosync[xlsx]'`, or name a file that ends in .csv.",
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
    for problem in problems:
        say_problem(problem, terminal.say)
    return checked


def write_overlays(
    session: Session, adoptees: Sequence[Adoptee], checked: CheckedWorksheet, *, dry: bool
) -> tuple[int, tuple[FailedOrganisation, ...]]:
    """Write overlays for the decisions; return how many changed, and which organisations failed.

    All texts are checked before the first file is written. If a text is invalid, its organisation
    fails and the file stays as it is. If `dry`, differences are shown and no file is written.
    Raises `Refused` if someone changed a file meanwhile.
    """
    terminal, library = session.terminal, Library()
    texts, failed = [], []
    for one, decisions in zip(adoptees, checked.decisions, strict=True):
        if not decisions.any:
            continue
        try:
            texts.append((one.draft, _overlay(one, decisions, library)))
        except ChartError as error:
            failed.append(failed_at(one.draft.path, one.chart.organisation.name, error))
    changed = [(draft, text) for draft, text in texts if text.encode() != draft.before]
    if dry:
        for draft, text in changed:
            before = draft.before.decode("utf-8").splitlines()
            terminal.data(difference(before, text.splitlines(), draft.path, draft.path))
        terminal.say(f"{counted(len(changed), 'overlay')} would be written. Nothing was written.")
        return len(changed), tuple(failed)
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
    return len(changed), tuple(failed)


def _overlay(one: Adoptee, decisions: Decisions, library: Library) -> str:
    """Return the new text of an overlay. Raises `ChartError` if it would be invalid."""
    if decisions.findings:
        raise ChartError(tuple(problem_at("", finding) for finding in decisions.findings))
    text = write_decisions(one.draft, one.chart, decisions)
    check_decided(text, one.draft.path, one.chart, decisions, library)
    return text


def worksheets_among(names: Sequence[str]) -> list[str]:
    """Return the arguments that name worksheets, by their suffix."""
    return [name for name in names if Path(name).suffix.lower() in filled_worksheet.SUFFIXES]
