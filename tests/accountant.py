"""A person who knows what was done to the sandbox's charts, and fills in a worksheet of adopt."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xerosync.model import Organisation
from xerosync.organisations.adopt.adoption import Grounds, Joining
from xerosync.organisations.adopt.suggested import Suggestion
from xerosync.organisations.adopt.worksheet import (
    CODE,
    COLUMNS,
    DECISION,
    GROUNDS,
    MARKS,
    MISSING,
    NAME,
    NEW_CODE,
    SUGGESTION,
)
from xerosync.sandbox.books import seed
from xerosync.sandbox.books.organisations import Books
from xerosync.sandbox.books.seed.chart import accounts

Row = dict[str, str]


@dataclass
class Counts:
    """How many accounts a worksheet suggests rightly, wrongly and not at all, by its grounds."""

    right: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    open: int = 0
    pairs: int = 0
    by_hand: int = 0


class Accountant:
    """Knows the code that each account had in the chart that all books started with.

    `codes` are those of the standard: an account that is not in it is an own one.
    """

    def __init__(self, books: Books, codes: Iterable[str]) -> None:
        self._codes = set(codes)
        self._began: dict[str, str] = {}
        for store in books.stores():
            start = {a.account_id: a.code for a in accounts(store.organisation)}
            joining = Joining(Organisation(store.tenant_id, store.organisation.name), (), ())
            for account in store.accounts():
                (mark, _) = joining.marks_of(account.account_id)
                self._began[mark] = start.get(account.account_id, "")

    def code_of(self, row: Mapping[str, str]) -> str:
        """Return the code of the standard that a row's accounts have, "" for own ones."""
        (code,) = {self._began[mark] for mark in row[MARKS].split()}
        return code if code in self._codes else ""

    def is_right(self, joining: Joining, suggestion: Suggestion) -> bool:
        """Whether a suggestion is the account that it was at the start, or the same role."""
        code = self._began[joining.marks(suggestion.account)[0]]
        entry = suggestion.entry
        if entry is None or suggestion.grounds is Grounds.ROLE:
            return entry is not None
        return entry.code == code

    def count(self, rows: Iterable[Mapping[str, str]]) -> Counts:
        """Return how many accounts are suggested rightly, and how many pairs are left to decide."""
        found = Counts()
        for row in rows:
            if row[NAME] == MISSING:
                continue
            found.pairs += 1
            found.by_hand += not row[DECISION]
            suggested = row[SUGGESTION].partition(" ")[0]
            for mark in row[MARKS].split():
                code = self._began[mark]
                true = code if code in self._codes else ""
                by_role = "system role" in row[GROUNDS]
                if not row[SUGGESTION]:
                    found.open += 1
                    continue
                side = found.right if by_role or suggested == true else found.wrong
                grounds = row[GROUNDS].split(" (")[0]
                side[grounds] = side.get(grounds, 0) + 1
        return found

    def fill_in(self, row: Row) -> None:
        """Decide a row that is open: what was done is undone, and an own account stays."""
        if row[DECISION] or row[NAME] == MISSING:
            return
        code = self.code_of(row)
        row[DECISION] = code or "own"
        if not code and row[CODE] in self._codes:
            row[NEW_CODE] = f"{row[CODE]}9"


def standard_text(country: str) -> tuple[str, list[str]]:
    """Return the chart that all books of a country started with as a standard, and its codes."""
    place = seed.country(country)
    names = {"out": "sales", "in": "purchases", "none": "no_tax", "capital": "capital",
             "free": "exempt"}  # fmt: skip
    name_of = {code: names[word] for word, code in reversed(place.tax.items())}
    lines = ["version: 1", "standard: {name: Kauri practice chart}", "tax_types:"]
    lines += [f"  {name}: {{{place.country_code}: {code}}}" for code, name in name_of.items()]
    lines.append("accounts:")
    codes = []
    for account in accounts(seed.demo_company(place)):
        if account.is_bank or account.status != "ACTIVE":
            continue
        name = f'name: "{account.name}"'
        if account.system_account:
            lines.append(f"  - {{system_account: {account.system_account}, {name}}}")
            continue
        codes.append(account.code)
        tax = name_of[account.tax_type]
        lines.append(
            f'  - {{code: "{account.code}", {name}, type: {account.type}, tax_type: {tax}}}'
        )
    return "\n".join(lines) + "\n", codes


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a worksheet in CSV, as they are written."""
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def write_rows(path: Path, rows: Iterable[Mapping[str, str]], *, delimiter: str = ",") -> None:
    """Write rows as CSV, as a spreadsheet does."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def edit(path: Path, change: Callable[[Row], object]) -> list[Row]:
    """Change each row of a worksheet in CSV, and return the rows."""
    rows = read_rows(path)
    for row in rows:
        change(row)
    write_rows(path, rows)
    return rows
