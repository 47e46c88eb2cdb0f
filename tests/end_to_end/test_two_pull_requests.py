"""Two pull requests at once: both are planned from one state, merged, and applied in turn.

The plan of the second is applied with `--same-as` on the merged file. It is refused only
where it is about what the first one or somebody in Xero has changed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Said, Xerosync

from end_to_end.conftest import chart, writes
from xerosync.sandbox import Sandbox

BASE = {"200": "Sales", "400": "Advertising", "404": "Bank Fees"}


def file(**names: str) -> str:
    """Write the chart with some of its accounts renamed."""
    entries = BASE | {code.removeprefix("c"): name for code, name in names.items()}
    return chart(*(f'"code": "{code}", name: {name}' for code, name in entries.items()))


class Team:
    """Two branches of one repository, and its CI."""

    def __init__(self, xerosync: Xerosync, books: Sandbox) -> None:
        self.books = books
        self._xerosync = xerosync

    def plan(self, name: str, text: str) -> None:
        Path("accounts.yaml").write_text(text, encoding="utf-8")
        assert self._xerosync("plan", "--out", f"{name}.json").code == 0

    def apply(self, name: str, merged: str, *options: str) -> Said:
        self.books.clear_log()
        Path("accounts.yaml").write_text(merged, encoding="utf-8")
        return self._xerosync("apply", f"{name}.json", "--same-as", "accounts.yaml", *options)

    def refused(self, name: str, merged: str) -> str:
        """Apply a plan that must be refused before anything is sent; return what it says."""
        said = self.apply(name, merged)
        assert said.code == 5, said.err
        assert writes(self.books) == []
        return " ".join(said.err.split())

    def names(self) -> dict[str, str]:
        return {a.code: a.name for a in self.books.store.accounts() if a.code in BASE}


@pytest.fixture
def team(xerosync: Xerosync, books: Sandbox) -> Team:
    return Team(xerosync, books)


def test_two_renames_planned_from_one_state_are_both_applied(
    team: Team, xerosync: Xerosync
) -> None:
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c404="Bank Charges"))
    assert team.apply("a", file(c200="Takings")).code == 0
    said = team.apply("b", file(c200="Takings", c404="Bank Charges"))
    assert said.code == 0, said.err
    assert len(writes(team.books)) == 1
    assert team.names() == {"200": "Takings", "400": "Advertising", "404": "Bank Charges"}
    assert xerosync("plan", "--detailed-exitcode").code == 0


def test_the_second_plan_is_applied_if_both_were_merged_before_either_was_applied(
    team: Team, xerosync: Xerosync
) -> None:
    merged = file(c200="Takings", c404="Bank Charges")
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c404="Bank Charges"))
    said = team.apply("b", merged)
    assert said.code == 0
    assert "also asks for 1 change that this plan does not make: 200 Takings." in said.err
    assert team.apply("a", merged).code == 0
    assert xerosync("plan", "--detailed-exitcode").code == 0


def test_changes_that_another_apply_made_are_left_out(team: Team) -> None:
    """Both branches have the first rename, as after a rebase."""
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c200="Takings", c404="Bank Charges"))
    assert team.apply("a", file(c200="Takings")).code == 0
    said = team.apply("b", file(c200="Takings", c404="Bank Charges"))
    assert said.code == 0
    assert len(writes(team.books)) == 1


def test_a_create_and_an_archive_of_different_accounts_do_not_conflict(
    team: Team, xerosync: Xerosync
) -> None:
    hire = '  - {"code": "210", name: Hire, type: REVENUE}\n'
    gone = '  - {"code": "433", status: ARCHIVED}\n'
    team.plan("a", file() + hire)
    team.plan("b", file() + gone)
    assert team.apply("a", file() + hire).code == 0
    assert team.apply("b", file() + hire + gone).code == 0
    assert xerosync("plan", "--detailed-exitcode").code == 0


def test_two_renames_of_one_account_conflict_and_our_apply_is_not_called_an_edit(
    team: Team,
) -> None:
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c200="Turnover"))
    assert team.apply("a", file(c200="Takings")).code == 0
    said = team.refused("b", file(c200="Turnover"))
    assert '200 Turnover: name was "Sales" and is now "Takings" (changed by an apply on ' in said
    assert "edited in Xero" not in said


def test_our_apply_is_not_an_edit_in_xero_even_if_its_journal_is_elsewhere(team: Team) -> None:
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c200="Turnover"))
    assert team.apply("a", file(c200="Takings"), "--result", "elsewhere.jsonl").code == 0
    Path("elsewhere.jsonl").rename("moved.jsonl")
    said = team.refused("b", file(c200="Turnover"))
    assert 'name was "Sales" and is now "Takings" (changed by an apply on ' in said


def test_a_merge_that_keeps_the_other_rename_is_a_conflict(team: Team) -> None:
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c200="Turnover"))
    assert team.apply("a", file(c200="Takings")).code == 0
    said = team.refused("b", file(c200="Takings"))
    assert (
        '200 Turnover: name: the plan makes it "Turnover", the file asks for "Takings"; Xero '
        "already has that (changed by an apply on "
    ) in said


def test_another_field_of_the_same_account_is_a_conflict(team: Team) -> None:
    team.plan("b", file(c200="Takings"))
    merged = file(c200="Takings, description: All we sell")
    said = team.refused("b", merged)
    assert '200 Takings: description: the file now also asks for "All we sell".' in said
    assert "edited in Xero" not in said


def test_a_merge_that_accepts_an_edit_in_xero_conflicts_with_the_plan(team: Team) -> None:
    team.plan("b", file(c200="Takings"))
    team.books.store.edit("200", name="Income")
    said = team.refused("b", file(c200="Income"))
    assert (
        'the plan makes it "Takings", the file asks for "Income"; Xero already has that (edited'
        in said
    )


def test_an_edit_in_xero_of_the_same_field_is_reported_as_a_conflict(team: Team) -> None:
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c404="Bank Charges"))
    assert team.apply("a", file(c200="Takings")).code == 0
    team.books.store.edit("404", name="Fees of Banks")
    said = team.refused("b", file(c200="Takings", c404="Bank Charges"))
    assert "Xero has changed since this plan" in said
    assert (
        '404 Bank Charges: name was "Bank Fees" and is now "Fees of Banks" (edited in Xero' in said
    )


def test_an_edit_after_our_apply_is_reported_as_an_edit_in_xero(team: Team) -> None:
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c200="Turnover"))
    assert team.apply("a", file(c200="Takings")).code == 0
    team.books.store.edit("200", name="Income")
    assert 'is now "Income" (edited in Xero on ' in team.refused("b", file(c200="Turnover"))


def test_a_code_that_another_apply_took_is_a_conflict(team: Team) -> None:
    """Both create 210; the merge keeps the entry of the first, then that of the second."""
    hire = '  - {"code": "210", name: Hire, type: REVENUE}\n'
    rent = '  - {"code": "210", name: Rent Received, type: REVENUE}\n'
    team.plan("a", file() + hire)
    team.plan("b", file() + rent)
    assert team.apply("a", file() + hire).code == 0
    said = team.refused("b", file() + hire)
    assert (
        'the plan makes it "Rent Received", the file asks for "Hire"; Xero already has that' in said
    )
    said = team.refused("b", file() + rent)
    assert "210 Rent Received: its entry now matches 210 Hire in Xero" in said


def test_a_name_that_another_apply_took_is_a_conflict(team: Team) -> None:
    hire = '  - {"code": "210", name: Hire, type: REVENUE}\n'
    team.plan("a", file(c400="Hire"))
    team.plan("b", file() + hire)
    assert team.apply("a", file(c400="Hire")).code == 0
    said = team.refused("b", file(c400="Hire") + hire.replace("Hire", "Hire Income"))
    assert '210 Hire: name: the plan makes it "Hire", the file asks for "Hire Income".' in said
    said = team.refused("b", file() + hire)
    assert "400 Hire has the name Hire and keeps it" in said


def test_a_create_that_waited_for_a_move_is_made_after_another_apply_made_the_move(
    team: Team,
) -> None:
    moved = file().replace('"code": "404"', '"code": "4040", previously: ["404"]')
    cards = '  - {"code": "404", name: Fees of Cards, type: EXPENSE}\n'
    team.plan("a", moved)
    team.plan("b", moved + cards)
    assert team.apply("a", moved).code == 0
    assert team.apply("b", moved + cards).code == 0
    assert len(writes(team.books)) == 1


def test_an_account_renamed_by_one_and_archived_by_the_other_is_a_conflict(team: Team) -> None:
    gone = file().replace("name: Bank Fees", "status: ARCHIVED")
    team.plan("a", file(c404="Bank Charges"))
    team.plan("b", gone)
    assert team.apply("a", file(c404="Bank Charges")).code == 0
    said = team.refused("b", gone)
    assert 'name was "Bank Fees" and is now "Bank Charges" (changed by an apply on ' in said


def test_an_edit_in_xero_that_the_second_apply_left_alone_is_still_drift(
    team: Team, xerosync: Xerosync
) -> None:
    team.plan("a", file(c200="Takings"))
    team.plan("b", file(c404="Bank Charges"))
    assert team.apply("a", file(c200="Takings")).code == 0
    team.books.store.edit("400", name="Marketing")
    assert team.apply("b", file(c200="Takings", c404="Bank Charges")).code == 0
    said = xerosync("drift", "--detailed-exitcode")
    assert said.code == 2
    assert 'name was "Advertising"' in " ".join(said.out.split())
    assert xerosync("pull").code == 0
    assert "name: Marketing" in Path("accounts.yaml").read_text(encoding="utf-8")
    assert xerosync("plan", "--detailed-exitcode").code == 0


def test_a_blocked_entry_that_is_not_in_the_plan_does_not_stop_the_apply(
    team: Team, xerosync: Xerosync
) -> None:
    """The journal of the apply counts it as left to do."""
    merged = file(c404="Bank Charges") + '  - {"code": "998", name: Blocked One}\n'
    team.plan("b", file(c404="Bank Charges"))
    said = team.apply("b", merged)
    assert said.code == 0, said.err
    assert team.names()["404"] == "Bank Charges"
    (journal,) = Path(".xerosync/runs").iterdir()
    assert json.loads(journal.read_text(encoding="utf-8").splitlines()[0])["left"] == 1
