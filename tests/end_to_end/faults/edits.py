"""Edit Xero during an apply, at each moment that makes a difference, and see what becomes of it.

Shared by the tests of this folder and by `docs/make_faults.py`, which writes the table.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from end_to_end.faults.lab import GENEROUS, lab, run_at
from xerosync.sandbox import LogEntry, Sandbox

CHART = """version: 1
organisation: {name: "Demo Company (NZ)"}
limits: {archives: 5}
accounts:
  - {code: "400", name: Marketing}
  - {code: "404", name: Bank Charges}
  - {code: "412", name: Consulting}
  - {code: "416", name: Loss in Value}
  - {code: "429", name: Other Expenses}
  - {code: "433", name: Insurance, description: All premiums}
  - {code: "441", name: Legal Costs}
  - {code: "461", status: ARCHIVED}
"""
"""Eight steps: the last three have a reading of their own, and are those that are edited."""
STEPS = 8
READING = 3
"""The number of that reading, among those of the accounts."""
EDIT = "Edited by hand"


@dataclass(frozen=True)
class Edit:
    """An edit of one account: the field that somebody changes, and how the table names it."""

    what: str
    code: str
    field: str


EDITS = (
    Edit("the field that the plan changes", "433", "description"),
    Edit("another field that the file manages", "433", "name"),
    Edit("a field that the file does not manage", "441", "description"),
    Edit("the name of an account that the plan archives", "461", "name"),
)
MOMENTS = (
    "after the plan was made, before the first write",
    "during the apply, before the reading that the step relies on",
    "between that reading and the write",
    "after the write, before the proof",
)


@dataclass(frozen=True)
class Ended:
    """What became of an edit: the exit code, what Xero has then, what the journals have."""

    code: int
    kept: bool
    written: bool
    journalled: bool
    said: str


def measure() -> list[list[Ended]]:
    """Make every edit at every moment, each in an apply of its own: a row for each moment."""
    with lab(CHART) as folder:
        return [[_apply(folder, edit, moment) for edit in EDITS] for moment in MOMENTS]


class _Editor:
    """Makes an edit once, before the answer to the call that a moment is about is sent."""

    def __init__(self, edit: Edit, moment: str) -> None:
        self.made = False
        self._edit = edit
        self._moment = MOMENTS.index(moment)
        self._reads = 0

    def open(self, books: Sandbox) -> str:
        """Begin with these books; return the id of the account."""
        self._books = books
        account = books.store.by_code(self._edit.code)
        assert account
        self._account_id = account.account_id
        return account.account_id

    def __call__(self, entry: LogEntry) -> None:
        """Look at a call that Xero has made, and whose answer is not sent yet."""
        is_list = entry.method == "GET" and entry.path.endswith("/Accounts")
        self._reads += is_list
        now = (
            is_list and self._reads == 1,
            entry.is_write,
            is_list and self._reads == READING,
            entry.is_write and entry.path.endswith(self._account_id),
        )
        if now[self._moment] and not self.made:
            self.made = True
            self._books.store.edit(self._edit.code, **{self._edit.field: EDIT})


def _apply(folder: Path, edit: Edit, moment: str) -> Ended:
    shutil.copy(folder / "seeded.db", folder / "books.db")
    shutil.rmtree(folder / ".xerosync", ignore_errors=True)
    editor = _Editor(edit, moment)
    with Sandbox(folder / "books.db", limits=GENEROUS, before_answer=editor) as books:
        account_id = editor.open(books)
        run = run_at(books.url, folder, ["apply", "--yes"])
        assert editor.made, (edit, moment)
        found = books.store.by_code(edit.code)
        written = any(one.is_write and one.path.endswith(account_id) for one in books.requests)
    journals = [path.read_text("utf-8") for path in folder.glob(".xerosync/runs/*.jsonl")]
    return Ended(
        run.code,
        getattr(found, edit.field) == EDIT,
        written,
        any(EDIT in text for text in journals),
        run.said,
    )
