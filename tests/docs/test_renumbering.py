"""What docs/recipes.md says about renumbering is what a plan does, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from laws.simulate import Books, run

from xerosync.chartfile.load import parse
from xerosync.desired import DesiredAccount, DesiredChart, Source
from xerosync.errors import ChartError
from xerosync.model import Account, Chart
from xerosync.plan.blocks import limits
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan

ROOT = Path(__file__).parent.parent.parent
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
RECIPE = RECIPES.partition("## Renumber a chart\n")[2].partition("\n## ")[0]
CLAIMS = [line for line in re.sub(r"```.*?```", "", RECIPE, flags=re.DOTALL).splitlines() if line]
"""The lines of prose, without the blocks, which `tests/cli/test_guides.py` follows."""

FEES, CLEANING = account("404", "Bank Fees"), account("408", "Cleaning")
BANK = account("090", "Bank Account", type="BANK", bank_account_number="12-3141-0123456-00")
SAVINGS = account("091", "Savings", type="BANK", bank_account_number="12-3141-0123456-25")

HELD: list[str] = []
T = TypeVar("T")


def holds(*beginnings: str) -> Callable[[T], T]:
    """Note that a test holds the lines of the recipe that begin so."""
    HELD.extend(beginnings)
    return lambda test: test


def plan(accounts: list[Account], *entries: DesiredAccount) -> Plan:
    return build(chart(*accounts), wanted(*entries))


def applied(current: Chart, file: DesiredChart) -> Books:
    """Return the books after one apply, which leaves nothing to do."""
    books = Books(current)
    found = build(books.chart, file)
    assert not found.blocked
    run(books, found.steps)
    assert build(books.chart, file).empty
    return books


@holds(
    "Give an account its new code, and list the old one under `previously`",
    "With `previously`, the account keeps its history",
    "Bank rules, apps and spreadsheets that use the old code must be changed by hand.",
)
def test_the_former_code_is_listed_and_the_account_keeps_its_history() -> None:
    (change,) = plan([FEES], entry("405", "Bank Fees", previously=("404",))).changes
    assert (change.action, change.account_id) == (Action.UPDATE, "id-404")
    assert change.reasons[0] == "Renumbered, as `previously` says."
    assert "every past transaction and report shows the new code" in change.reasons[1]
    assert "Bank rules, apps and imports that use the old code must be changed" in change.reasons[1]


@holds(
    "Without `previously`, this change is blocked (`name-held`)",
)
def test_without_previously_the_old_name_blocks_and_a_new_name_makes_a_new_account() -> None:
    (blocked,) = plan([FEES], new("405", "Bank Fees")).blocked
    assert blocked.rule == "name-held"
    assert "404" in blocked.reason
    renamed = plan([FEES], new("405", "Bank Charges"))
    assert [(c.action, c.label) for c in renamed.changes] == [(Action.CREATE, "405 Bank Charges")]
    assert renamed.unmanaged == (FEES,)


@holds(
    "Chains (200 to 201, 201 to 202) and swaps",
)
def test_chains_and_swaps_take_one_apply() -> None:
    chain = chart(account("200", "Sales"), account("201", "Hire"))
    file = wanted(
        entry("201", "Sales", previously=("200",)), entry("202", "Hire", previously=("201",))
    )
    codes = {a.account_id: a.code for a in applied(chain, file).accounts.values()}
    assert codes == {"id-200": "201", "id-201": "202"}
    swap = wanted(
        entry("201", "Sales", previously=("200",)), entry("200", "Hire", previously=("201",))
    )
    codes = {a.account_id: a.code for a in applied(chain, swap).accounts.values()}
    assert codes == {"id-200": "201", "id-201": "200"}


@holds(
    "Renumbering many accounts may exceed the limit of 30% of the accounts",
)
def test_many_renumberings_exceed_a_limit_that_a_flag_raises() -> None:
    assert "`--allow change_percent=100`" in RECIPE
    accounts = [account(str(100 + n)) for n in range(10)]
    moved = [entry(str(200 + n), previously=(str(100 + n),)) for n in range(4)]
    found = plan(accounts, *moved)
    assert [breach.limit for breach in limits.check(found)] == ["change_percent"]
    assert not limits.check(found, limits.parse_allow(["change_percent=100"]))
    assert not limits.check(plan(accounts, *moved[:3]))


@holds(
    "You can leave `previously` in the file.",
)
def test_previously_may_stay_and_a_new_account_under_the_old_code_is_reported() -> None:
    moved = entry("405", "Bank Fees", previously=("404",))
    now = [replace(FEES, code="405"), account("404", "Parking", account_id="id-new")]
    assert plan(now[:1], moved).empty
    found = plan(now, moved)
    assert found.empty
    assert found.unmanaged == (now[1],)
    assert any("404 Parking has a code that 405 Bank Fees had" in told for told in found.left_file)


@holds(
    "If the entry then has neither an `account_id` nor the name that its account has in Xero",
)
@pytest.mark.parametrize("name", [None, "Bank Charges"])
def test_without_the_name_in_xero_a_code_that_is_used_again_stops_the_plan(
    name: str | None,
) -> None:
    moved = entry("405", name, previously=("404",))
    now = [replace(FEES, code="405"), account("404", "Parking", account_id="id-new")]
    with pytest.raises(ChartError) as stopped:
        plan(now, moved)
    assert [problem.rule for problem in stopped.value.problems] == ["both-codes-present"]
    assert plan(now, replace(moved, previously=())).unmanaged == (now[1],)


@holds(
    "If an account is found only by its present or former code, and its name is not",
    "The change is then blocked (`another-account`) if",
    "* the account's name is that of another entry",
    "* the account is archived, or the entry would delete it",
    "* its type would change to one of another class",
    "* the entry has the bank account number of another account",
)
@pytest.mark.parametrize(
    ("accounts", "entries"),
    [
        ([FEES, CLEANING], [entry("404", "Cleaning"), entry("408", "Bank Fees")]),
        ([CLEANING], [new("408", "Card Fees"), new("409", "Cleaning")]),
        ([replace(FEES, status=ARCHIVED)], [new("404", "Bank Charges")]),
        ([FEES], [entry("404", "Bank Charges", status=DELETED)]),
        ([FEES], [entry("405", "Bank Charges", status=DELETED, previously=("404",))]),
        ([FEES], [entry("404", "Fee Income", type="REVENUE", tax_type="OUTPUT2")]),
        ([BANK, SAVINGS], [entry("090", "Bank Account", bank_account_number="123141012345625")]),
    ],
    ids=["swap", "insert", "archived", "delete", "delete, former code", "class", "bank number"],
)
def test_a_change_that_may_be_to_another_account_is_blocked(
    accounts: list[Account], entries: list[DesiredAccount]
) -> None:
    found = plan(accounts, *entries)
    assert "another-account" in {blocked.rule for blocked in found.blocked}
    assert not found.changes


@holds(
    "If it is the same account after all, say so with `account_id`",
)
def test_account_id_says_that_it_is_the_same_account() -> None:
    desired = entry("404", "Fee Income", type="REVENUE", tax_type="OUTPUT2")
    (blocked,) = plan([FEES], desired).blocked
    (line,) = re.findall(r"add `account_id: (.+?)` to this entry", blocked.hint)
    (change,) = plan([FEES], replace(desired, account_id=line)).changes
    assert (change.action, change.account_id) == (Action.UPDATE, "id-404")


@holds(
    "If none of these is the case, the account is renamed.",
)
def test_a_new_name_renames_the_account_if_no_other_rule_applies() -> None:
    (alike,) = plan([FEES], entry("404", "Bank Charges")).changes
    training = entry("404", "Staff Training")
    (unlike,) = plan([FEES], training).changes
    assert alike.after() == {"name": "Bank Charges"}
    assert alike.warnings == ()
    assert "this renames it, history included" in unlike.warnings[0]
    of_standard = replace(training, inherited=Source("standard.yaml", 7, 5))
    assert [b.rule for b in plan([FEES], of_standard).blocked] == ["another-account"]


@holds(
    "To replace an account with a new one that has the same code and name",
)
def test_the_recipe_for_a_replacement_replaces_the_account() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", RECIPE, re.DOTALL)
    head = "version: 1\norganisation: {name: Demo Company (NZ)}\naccounts:\n"
    file = parse(head + block, "accounts.yaml").chart
    books = applied(chart(account("400", "Advertising")), file)
    assert [(a.code, a.name, a.status) for a in books.accounts.values()] == [
        ("400A", "Advertising (old)", ARCHIVED),
        ("400", "Advertising", "ACTIVE"),
    ]
    unlike = file.accounts[0].values | {"name": "Gifts"}  # type: ignore[operator]
    other = replace(file, accounts=(replace(file.accounts[0], values=unlike), file.accounts[1]))
    assert build(chart(account("400", "Advertising")), other).blocked


@holds(
    "If an entry without a name archives or deletes an account, the plan warns",
)
def test_an_entry_without_a_name_archives_or_deletes_what_the_last_apply_knew() -> None:
    gone = entry("404", status=ARCHIVED)
    (change,) = plan([FEES], gone).changes
    assert "Found by its code alone" in change.warnings[0]
    known = replace(gone, known_as="Parking")
    assert [b.rule for b in plan([FEES], known).blocked] == ["another-account"]


def test_every_line_of_the_recipe_has_a_test() -> None:
    assert [line for line in CLAIMS if not line.startswith(tuple(HELD))] == []
    for beginning in HELD:
        assert sum(line.startswith(beginning) for line in CLAIMS) == 1, beginning
