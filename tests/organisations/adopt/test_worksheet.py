"""A worksheet that comes back filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pytest

from xerosync.desired import DesiredAccount, Source
from xerosync.model import Account, Organisation, Status
from xerosync.organisations.adopt.adoption import FileDecision, Grounds, Joining, Verdict
from xerosync.organisations.adopt.decisions import CheckedWorksheet, check
from xerosync.organisations.adopt.filled import FilledRow
from xerosync.organisations.adopt.suggested import Suggestion
from xerosync.organisations.adopt.worksheet import (
    CHANGES,
    COLUMNS,
    DECISION,
    KEEP,
    MISSING,
    NAME,
    NEW_CODE,
    REASON,
    SUGGESTION,
    make_worksheet,
)


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
    assert problem.hint.startswith("Delete one of the two rows.")


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["400", "400"], "name"),
        (["401", "401"], "name, code"),
        (["400", "401"], "name in all, code in 1"),
    ],
)
def test_a_row_says_in_how_many_books_a_field_would_change(codes: list[str], said: str) -> None:
    rent = DesiredAccount({"code": "400", "name": "Rent"}, inherited=Source("std.yaml", 3))
    accounts = [Account(f"id-{n}", code, "Rental", "EXPENSE") for n, code in enumerate(codes)]
    found = [
        (
            Joining(Organisation(f"t-{one.account_id}", "Acme"), (one,), (rent,)),
            (Suggestion(one, Grounds.NEAR, rent),),
        )
        for one in accounts
    ]
    (row,) = make_worksheet(found).rows
    assert row.cells[CHANGES] == said


def sentences(of_standard: Iterable[tuple[str, str]], codes: Iterable[str]) -> tuple[str, ...]:
    """Return what is said of accounts with these codes, all undecided; the others are created."""
    entries = tuple(
        DesiredAccount({"code": code, "name": name}, inherited=Source("std.yaml", line))
        for line, (code, name) in enumerate(of_standard, 3)
    )
    own = tuple(Account(f"id-{code}", code, f"Hire {code}", "EXPENSE") for code in codes)
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
    return tuple(check(rows, found).sentences)


@pytest.mark.parametrize(("number", "pronoun"), [(1, "it"), (2, "them")])
def test_messages_about_one_row_are_in_the_singular(number: int, pronoun: str) -> None:
    of_standard = (("400", "Rent"), ("404", "Fees"))[:number]
    told = " ".join(sentences(of_standard, [f"740{n}" for n in range(number)]))
    assert f"): nothing was written for {pronoun}. " in told
    created = f"missing account{'s' * (number > 1)} of the standard will be created, unless"
    assert told.endswith(f" {number} {created} the overlay omits {pronoun}.")


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
    of_standard = (("400", "Rent"), ("401", "Fees"), ("402", "Fuel"))
    assert said in sentences(of_standard, [f"40{n}" for n in range(number)])


ADVERTISING = DesiredAccount(
    {"code": "400", "name": "Advertising"}, inherited=Source("std.yaml", 3, 5)
)


def checked_rows(
    joining: Joining, suggested: Sequence[Suggestion], filled_in: Mapping[str, dict[str, str]]
) -> CheckedWorksheet:
    """Check a worksheet whose rows are filled in by name or suggestion."""
    found = [(joining, suggested)]
    rows = []
    for line, row in enumerate(make_worksheet(found).rows, 2):
        cells = {name: str(cell) for name, cell in row.cells.items()}
        name = cells[SUGGESTION] if cells[NAME] == MISSING else cells[NAME]
        rows.append(FilledRow(Source("sheet.csv", line), cells | filled_in.get(name, {}), {}))
    return check(rows, found)


def problems(
    joining: Joining, suggested: Sequence[Suggestion], filled_in: Mapping[str, dict[str, str]]
) -> list[tuple[str, str]]:
    """Return the messages and hints about a worksheet."""
    checked = checked_rows(joining, suggested, filled_in)
    return [(one.message, one.hint) for one in checked.findings]


OMITTED = (
    "The account stays archived, so these books omit 400 Advertising of the standard, and Reason "
    "is empty."
)
LACKED = (
    "If Advertising stays archived, these books lack 400 Advertising, and the standard does not "
    "allow that (`overridable: false`)."
)
RESTORE = "Write 400 to restore it, or ask the owner of the standard."


@pytest.mark.parametrize(
    ("fixed", "message", "hint"),
    [(False, OMITTED, "Write why these books do not need it."), (True, LACKED, RESTORE)],
)
def test_a_problem_of_an_account_that_stays_archived_says_what_is_written_in_its_row(
    fixed: bool, message: str, hint: str
) -> None:
    account = Account("id-1", "400", "Advertising", "EXPENSE", status=Status.ARCHIVED)
    entries = frozenset([ADVERTISING.inherited] if fixed else [])
    joining = Joining(Organisation("t-1", "Acme"), (account,), (ADVERTISING,), fixed=entries)
    of_row = Suggestion(account, Grounds.CODE_AND_NAME, ADVERTISING)
    assert problems(joining, [of_row], {"Advertising": {DECISION: "archive"}}) == [(message, hint)]


RENT = DesiredAccount({"code": "404", "name": "Rent"}, inherited=Source("std.yaml", 4, 5))
HIRE = Account("id-1", "404", "Hire", "EXPENSE")
LEASE = Account("id-2", "7404", "Lease", "EXPENSE")
RENT_TOO = Account("id-3", "7405", "Rent", "EXPENSE")
OR_OMIT = ", or omit the account of the standard in its own row."
AGAIN = " and make the worksheet again"
IF_NOT = "If they are one account, write 404 as the decision. If not, "
OWN, CODE_404 = {DECISION: "own"}, {DECISION: "own", NEW_CODE: "404"}
KEEPS_IT = {DECISION: "400", KEEP: "code", REASON: "Old reports"}
ARCHIVE = {DECISION: "archive"}


@pytest.mark.parametrize(
    ("account", "filled_in", "alone", "taken"),
    [
        (HIRE, OWN, "Write a New code for it", ""),
        (LEASE, CODE_404, "Write another New code for it", ""),
        (RENT_TOO, OWN, f"{IF_NOT}rename this account in Xero{AGAIN}", "Rename this account"),
        (HIRE, ARCHIVE, f"{IF_NOT}give this account another code in Xero{AGAIN}", "Give this"),
        (HIRE, KEEPS_IT, "Leave code out of Keep", ""),
    ],
)
def test_a_hint_offers_only_decisions_that_the_rows_can_make(
    account: Account, filled_in: dict[str, str], alone: str, taken: str
) -> None:
    """That is: to omit an account of the standard that has a row, or to be one that is free."""
    found, other = Suggestion(account), Account("id-9", "7409", "Premises", "EXPENSE")
    near, decisions = Suggestion(other, Grounds.NEAR, RENT), {account.name: filled_in}

    def hint(*suggested: Suggestion, fixed: Iterable[Source] = (), more: str = "") -> str:
        joining = Joining(
            Organisation("t-1", "Acme"),
            tuple(one.account for one in suggested),
            (ADVERTISING, RENT),
            fixed=frozenset(fixed),
        )
        told = problems(joining, suggested, decisions | {"Premises": {DECISION: more}})
        (said,) = [hint for _, hint in told]
        return said

    assert hint(found) == f"{alone}{OR_OMIT}"
    assert hint(found, fixed=[RENT.inherited]) == f"{alone}."
    assert hint(found, near) == f"{alone}.", "suggested for Premises, so it has no row of its own"
    last = hint(found, near, more="404")
    assert last.startswith(taken or alone)
    assert OR_OMIT not in last


GST = DesiredAccount({"name": "GST"}, system_account="GST", inherited=Source("std.yaml", 5, 5))
TAX = Account("id-4", "820", "Sales Tax", "CURRLIAB", system_account="GST")


@pytest.mark.parametrize("filled_in", [OWN, {DECISION: "own", NEW_CODE: "821"}, {}])
def test_a_system_account_of_the_standard_can_only_be_that_account(
    filled_in: dict[str, str],
) -> None:
    """A new code or another name does not change its role, so no plan would accept it."""
    joining = Joining(
        Organisation("t-1", "Acme"),
        (TAX, LEASE),
        (GST,),
        file="acme.yaml",
        own={"id-4": DesiredAccount({"code": "820", "name": "Tax"}, system_account="GST")},
    )
    suggested = [Suggestion(TAX), Suggestion(LEASE)]
    checked = checked_rows(joining, suggested, {"Sales Tax": filled_in, "Lease": OWN})
    (problem,) = checked.findings or checked.decisions[0].findings
    assert problem.hint == "Write GST."
    assert problem.message.removesuffix(" In Acme.") == (
        "820 Sales Tax is the system account GST, which the standard has too, so it can only"
        " be that account of the standard."
        if filled_in
        else "820 Sales Tax is undecided: acme.yaml lists it under accounts, but its "
        "system_account is that of the standard's GST."
    )


def test_a_system_account_of_the_standard_cannot_change_places_with_another_account() -> None:
    joining = Joining(Organisation("t-1", "Acme"), (TAX, LEASE), (GST, RENT))
    suggested = [Suggestion(TAX), Suggestion(LEASE)]
    filled_in = {"Sales Tax": {DECISION: "404"}, "Lease": {DECISION: "GST"}}
    told = problems(joining, suggested, filled_in)
    assert [hint for message, hint in told if "it can only be that account" in message] == [
        "Write GST, and decide again about 7404 Lease (row 3)."
    ]


def test_two_accounts_do_not_get_the_same_new_code() -> None:
    joining = Joining(Organisation("t-1", "Acme"), (LEASE, HIRE), (ADVERTISING,))
    suggested = [Suggestion(LEASE), Suggestion(HIRE)]
    new = {DECISION: "own", NEW_CODE: "450"}
    ((message, hint),) = problems(joining, suggested, {"Lease": new, "Hire": new})
    assert message.startswith("The new code 450 is also written for 404 Hire (row 2).")
    assert hint == "Choose a code that no account has or gets."
    taken = {"Lease": new | {NEW_CODE: "404"}, "Hire": OWN}
    ((message, _),) = problems(joining, suggested, taken)
    assert message.startswith("The new code 404 is taken by 404 Hire.")


def test_a_conflict_with_the_file_names_the_account_that_the_file_decides_about() -> None:
    joining = Joining(
        Organisation("t-1", "Acme"),
        (LEASE, HIRE),
        (ADVERTISING, RENT),
        file="acme.yaml",
        settled={HIRE.account_id: FileDecision(Verdict.STANDARD, RENT)},
    )
    lease = Suggestion(LEASE, Grounds.NEAR, RENT)
    ((message, hint),) = problems(joining, [lease], {"Lease": {DECISION: "404"}})
    assert message == (
        "This row says that 7404 Lease is the standard's account 404 Rent, but acme.yaml says that "
        "404 Hire is. In Acme."
    )
    assert hint == "Decide on 404 Hire in the worksheet too, or remove its override from the file."
