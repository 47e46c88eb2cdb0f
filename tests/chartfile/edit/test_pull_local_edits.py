"""`pull` leaves in the file what was edited there and not applied yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import Xerosync

from chartfile.charts import BOOKS
from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.edit.pull import pull
from xerosync.chartfile.load import parse
from xerosync.desired import Unmanaged
from xerosync.errors import XerosyncError
from xerosync.history.baseline import Baseline, LastApplied
from xerosync.model import Account, Chart, code_key
from xerosync.plan.matching.match import match

AT = datetime(2026, 11, 1, tzinfo=UTC)
HEAD = "version: 1\norganisation: {short_code: '!3T6Q-'}\naccounts:\n"
SALES = '  - code: "200"   # c-sales\n    name: Sales\n    type: REVENUE\n    protect: true\n'
OTHER = '  - code: "201"   # c-other\n    name: Other Sales\n    type: REVENUE\n'
FILE = HEAD + SALES + OTHER


def account(number: int, code: str, name: str, **fields: str) -> Account:
    account_id = f"00000000-0000-4000-8000-{number:012}"
    return replace(
        Account(account_id, code, name, "REVENUE", tax_type="NONE", account_class="REVENUE"),
        **fields,  # type: ignore[arg-type]
    )


FIRST, SECOND = account(1, "200", "Sales"), account(2, "201", "Other Sales")


def applied(text: str, *accounts: Account) -> Baseline:
    """Return the baseline of an apply: the entries of this file, and the accounts after it."""
    desired = parse(text, "accounts.yaml", lint=False).chart
    found = [m for m in match(Chart(BOOKS, accounts), desired) if m.account]
    last = LastApplied(
        {m.account.account_id: m.desired for m in found if m.account},
        {code_key(m.desired.code): m.account.account_id for m in found if m.account},
        frozenset(),
        Unmanaged.KEEP,
        "accounts.yaml",
    )
    return Baseline({a.account_id: a for a in accounts}, AT, last_applied=last)


BASE = applied(FILE, FIRST, SECOND)


def pulled(text: str, *accounts: Account, base: Baseline | None = BASE) -> Merged:
    desired = parse(text, "accounts.yaml", lint=False).chart
    chart = Chart(BOOKS, accounts)
    known = SourceFields()
    return pull(text.encode(), desired, chart, known, "accounts.yaml", baseline=base)


@pytest.mark.parametrize(
    "text",
    [
        FILE.replace("name: Sales", "name: Web Sales"),
        FILE.replace('"201"', '"210"'),
        FILE.replace('"201"', '"210"').replace("Sales\n", 'Sales\n    previously: ["201"]\n', 2),
        FILE.replace("protect: true", "status: ARCHIVED"),
        FILE.replace("protect: true", "description: for the shop"),
        FILE + '  - code: "300"\n    name: New Here\n    type: EXPENSE\n',
        HEAD + OTHER,
    ],
    ids=["name", "code", "previously", "status", "field", "entry", "removed"],
)
def test_an_edit_that_was_never_applied_stays(text: str) -> None:
    text = text.replace('    previously: ["201"]\n', "", 1)
    result = pulled(text, FIRST, SECOND)
    assert result.text == text
    assert result.edited == []
    assert len(result.kept) == 1


def test_what_changed_in_xero_is_pulled_beside_an_edit_of_the_file() -> None:
    text = FILE.replace("name: Sales", "name: Web Sales")
    now = (FIRST, replace(SECOND, name="Shop Sales"), account(3, "300", "New in Xero"))
    result = pulled(text, *now)
    assert "name: Web Sales" in result.text
    assert "name: Shop Sales" in result.text
    assert '- code: "300"' in result.text
    (kept,) = result.kept
    assert kept == (
        '200 Web Sales: name stays "Web Sales", which has not been applied yet; in Xero it is'
        ' "Sales"'
    )


def test_if_a_field_was_edited_in_both_places_the_files_edit_stays_and_both_are_shown() -> None:
    text = FILE.replace("name: Sales", "name: Web Sales")
    result = pulled(text, replace(FIRST, name="Sales NZ"), SECOND)
    assert result.text == text
    assert 'in Xero it is "Sales NZ"' in result.kept[0]


def test_a_journal_knows_the_account_after_its_code_and_name_changed() -> None:
    now = (
        replace(FIRST, code="205", name="Web"),
        replace(SECOND, code="200", name="Sales"),
        account(3, "201", "Other Sales"),
    )
    result = pulled(FILE, *now)
    sales = SALES.replace('"200"', '"205"').replace("Sales\n", "Web\n", 1)
    assert result.text.startswith(HEAD + sales)
    assert '- code: "200"   # c-other\n    name: Sales\n' in result.text


def test_an_account_that_was_deleted_in_xero_is_commented_out() -> None:
    for text in (FILE, FILE.replace("Other Sales", "Others"), FILE.replace('"201"', '"210"')):
        assert "# - code" in pulled(text, FIRST).text


def test_without_a_journal_xeros_values_are_taken() -> None:
    text = FILE.replace("name: Sales", "name: Web Sales")
    assert pulled(text, FIRST, SECOND, base=None).text == FILE


def test_after_a_rollback_xeros_values_are_taken() -> None:
    base = replace(BASE, rolled_back={FIRST.account_id: AT})
    assert "name: Old Name" in pulled(FILE, replace(FIRST, name="Old Name"), SECOND, base=base).text


def test_a_difference_that_pull_cannot_write_to_the_file_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xerosync.chartfile.edit.pull.update_file", lambda *_a, **_k: Merged(FILE))
    with pytest.raises(XerosyncError, match="cannot represent"):
        pulled(FILE, replace(FIRST, name="Sales NZ"), SECOND)


def test_an_edit_after_an_apply_survives_a_pull(xerosync: Xerosync, project: Path) -> None:
    xerosync("pull", "--sandbox")
    file = project / "accounts.yaml"

    def edit(before: str, after: str) -> str:
        file.write_text(file.read_text("utf-8").replace(before, after, 1), "utf-8")
        return file.read_text("utf-8")

    edit("name: Advertising\n", "name: Marketing\n")
    first = xerosync("pull", "--sandbox", "--check").err
    assert xerosync("apply", "--sandbox", "--yes").code == 0
    text = edit("name: Marketing\n", "name: Campaigns\n")
    again = xerosync("pull", "--sandbox")
    assert again.code == 0
    assert file.read_text("utf-8") == text
    assert "No finished apply is recorded here" in first
    assert 'name stays "Campaigns", which has not been applied yet;' in again.err
