"""A worksheet that comes back filled in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xerosync.desired import DesiredAccount, Source
from xerosync.model import Account, Organisation
from xerosync.organisations.adopt.adoption import Joining
from xerosync.organisations.adopt.decisions import check
from xerosync.organisations.adopt.filled import FilledRow
from xerosync.organisations.adopt.suggested import Suggestion
from xerosync.organisations.adopt.worksheet import COLUMNS, DECISION, make_worksheet


def test_two_accounts_on_one_line_of_the_standard_are_two_accounts() -> None:
    rent = DesiredAccount({"code": "400", "name": "Rent"}, inherited=Source("std.yaml", 3, 12))
    fees = DesiredAccount({"code": "404", "name": "Fees"}, inherited=Source("std.yaml", 3, 60))
    found = [(Joining(Organisation("t-1", "Acme"), (), (rent, fees)), ())]
    columns = {name: number for number, name in enumerate(COLUMNS, 1)}
    rows = [
        FilledRow(
            Source("sheet.csv", line),
            {name: str(cell) for name, cell in row.cells.items()} | {DECISION: "create"},
            columns,
        )
        for line, row in enumerate(make_worksheet(found).rows, 2)
    ]
    checked = check(rows, found)
    assert not checked.findings
    assert [one.entry.code for one in checked.decisions[0].entries] == ["400", "404"]
    (problem,) = check([*rows, replace(rows[0], source=Source("sheet.csv", 9))], found).findings
    assert problem.message == "The account is in row 2 too. In Acme."


@pytest.mark.parametrize(("number", "pronoun"), [(1, "it"), (2, "them")])
def test_what_is_said_of_one_row_is_not_plural(number: int, pronoun: str) -> None:
    of_standard = (("400", "Rent"), ("404", "Fees"))[:number]
    entries = tuple(
        DesiredAccount({"code": code, "name": name}, inherited=Source("std.yaml", line))
        for line, (code, name) in enumerate(of_standard, 3)
    )
    own = tuple(Account(f"id-{n}", f"740{n}", f"Hire {n}", "EXPENSE") for n in range(number))
    found = [(Joining(Organisation("t-1", "Acme"), own, entries), tuple(map(Suggestion, own)))]
    rows = [
        FilledRow(
            Source("sheet.csv", line),
            {name: str(cell) for name, cell in row.cells.items()}
            | ({DECISION: "create"} if row.missing else {}),
            {},
        )
        for line, row in enumerate(make_worksheet(found).rows, 2)
    ]
    told = " ".join(check(rows, found).sentences)
    assert f"): nothing was written for {pronoun}. " in told
    assert told.endswith(
        f" of the standard that books lack will be created, unless the overlay of those books omits"
        f" {pronoun}."
    )


ONE = (
    "1 account without a decision has a code of the standard: a plan renames or restores it if it "
    "seems to be the standard's account, and otherwise blocks it."
)
TWO = (
    "2 accounts without a decision have a code of the standard: a plan renames or restores those "
    "that seem to be the standard's accounts, and blocks the rest."
)


@pytest.mark.parametrize(("number", "said"), [(1, ONE), (2, TWO)])
def test_a_plan_renames_or_blocks_an_undecided_account_with_a_code_of_the_standard(
    number: int, said: str
) -> None:
    entries = tuple(
        DesiredAccount({"code": code, "name": name}, inherited=Source("std.yaml", line))
        for line, (code, name) in enumerate((("400", "Rent"), ("401", "Fees"), ("402", "Fuel")), 3)
    )
    own = tuple(Account(f"id-{n}", f"40{n}", f"Hire {n}", "EXPENSE") for n in range(number))
    found = [(Joining(Organisation("t-1", "Acme"), own, entries), tuple(map(Suggestion, own)))]
    rows = [
        FilledRow(
            Source("sheet.csv", line),
            {name: str(cell) for name, cell in row.cells.items()}
            | ({DECISION: "create"} if row.missing else {}),
            {},
        )
        for line, row in enumerate(make_worksheet(found).rows, 2)
    ]
    assert said in check(rows, found).sentences
