"""An apply that finds nothing to do is the last apply too, and is on record once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync

from end_to_end.conftest import chart, writes
from xerosync.sandbox import Sandbox

INSURANCE = '"code": "433", name: Insurance'
FEES = '"code": "404", name: Bank Fees'
FILE = chart('"code": "200", name: Sales', FEES, INSURANCE)


def save(text: str, name: str = "accounts.yaml") -> None:
    Path(name).write_text(text, encoding="utf-8")


def journals() -> list[Path]:
    return sorted(Path(".xerosync/runs").glob("*.jsonl"))


def words(text: str) -> str:
    return " ".join(text.split())


def origin(xerosync: Xerosync, code: str) -> tuple[str, list[str]]:
    document = json.loads(xerosync("plan", "--format", "json").out)
    (change,) = (c for c in document["plans"][0]["changes"] if c["code"] == code)
    return change["origin"], change["reasons"]


@pytest.fixture
def applied(books: Sandbox, xerosync: Xerosync) -> Sandbox:
    """Apply a file that asks for what Xero has."""
    save(FILE)
    said = xerosync("apply", "--yes")
    assert (said.code, writes(books)) == (0, [])
    assert "No changes. Xero matches accounts.yaml." in said.out
    assert f"Journal: {journals()[0]}" in said.err
    return books


def test_an_entry_that_leaves_the_file_afterwards_is_reported(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    save(chart(FEES))
    assert ("433 Insurance was removed from the file after the last apply on record") in words(
        xerosync("plan").out
    )


def test_an_edit_that_the_file_took_over_is_not_drift_later(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("433", name="Cover")
    assert xerosync("pull").code == 0
    assert "name: Cover" in Path("accounts.yaml").read_text(encoding="utf-8")
    assert xerosync("apply", "--yes").code == 0
    assert len(journals()) == 2
    save(FILE.replace("Insurance", "Premiums"))
    assert origin(xerosync, "433")[0] == "file"


def test_a_blocked_change_made_and_undone_by_hand_is_an_edit_in_xero(
    books: Sandbox, xerosync: Xerosync
) -> None:
    """The first apply could not do it, so it would read as left over."""
    save(FILE.replace("Insurance", "Rent"))
    for _ in range(2):
        said = xerosync("apply", "--yes", "--skip-blocked")
        assert (said.code, writes(books)) == (0, [])
        assert "Nothing was sent: every change is blocked." in said.err
        assert len(journals()) == 1
    books.store.edit("469", name="Lease")
    assert origin(xerosync, "433")[0] == "left"
    books.store.edit("433", name="Rent")
    assert xerosync("apply", "--yes").code == 0
    assert len(journals()) == 2
    books.store.edit("433", name="Insurance")
    name, reasons = origin(xerosync, "433")
    assert name == "xero"
    assert 'name was "Rent"' in reasons[0]


def test_applies_that_change_nothing_again_leave_no_journals(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    save("# Sorted, and with a comment\n" + FILE.replace("accounts:", "\n\naccounts:"))
    for options in ((), ("--result", "run.jsonl")):
        said = xerosync("apply", "--yes", *options)
        assert (said.code, "No changes." in said.out) == (0, True)
        assert "Journal" not in said.err
    assert len(journals()) == 1
    assert not Path("run.jsonl").exists()


def test_an_account_that_is_new_in_xero_is_drift_however_many_applies_find_nothing_to_do(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.insert(code="999", name="By hand", type="EXPENSE", tax_type="NONE")
    assert xerosync("apply", "--yes").code == 0
    assert len(journals()) == 1
    assert "999 By hand" in xerosync("drift").out


@pytest.mark.parametrize(
    "text",
    [
        chart(FEES, INSURANCE),
        FILE + '  - {"code": "469", name: Rent}\n',
        FILE.replace("name: Insurance", "name: Insurance, protect: true"),
    ],
    ids=["an entry less", "an entry more", "protected"],
)
def test_a_file_that_asks_for_something_else_is_recorded(
    text: str, applied: Sandbox, xerosync: Xerosync
) -> None:
    save(text)
    for _ in range(2):
        assert xerosync("apply", "--yes").code == 0
        assert len(journals()) == 2


def test_the_apply_of_another_file_is_recorded(applied: Sandbox, xerosync: Xerosync) -> None:
    save(FILE, "other.yaml")
    assert xerosync("apply", "--yes", "other.yaml").code == 0
    assert len(journals()) == 2


def test_a_plan_without_changes_is_not_used_up(applied: Sandbox, xerosync: Xerosync) -> None:
    save(chart(FEES))
    assert xerosync("plan", "--out", "p.json").code == 0
    for _ in range(2):
        assert xerosync("apply", "p.json").code == 0
    assert len(journals()) == 2


def test_a_reviewed_plan_without_changes_is_recorded_too(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    """As after the merge of a pull request that accepts an edit in Xero."""
    applied.store.edit("433", name="Cover")
    save(FILE.replace("Insurance", "Cover"))
    assert xerosync("plan", "--out", "p.json").code == 0
    Path("standard.yaml").write_text("version: 1\nstandard: {name: S}\naccounts: []\n")
    refused = xerosync("apply", "p.json", "--same-as", "standard.yaml")
    assert refused.code == 64
    assert "standard.yaml is a standard" in refused.err
    assert xerosync("apply", "p.json", "--same-as", "accounts.yaml").code == 0
    assert len(journals()) == 2
    save(FILE.replace("Insurance", "Premiums"))
    assert origin(xerosync, "433")[0] == "file"


def test_the_events_of_an_apply_without_changes_are_the_lines_of_its_journal(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    save(chart(FEES))
    said = xerosync("apply", "--yes", "--format", "json")
    plan, *events = said.out.splitlines(keepends=True)
    assert json.loads(plan)["event"] == "plan"
    assert [json.loads(line)["event"] for line in events] == ["begin", "end"]
    assert "".join(events) == journals()[-1].read_text(encoding="utf-8")
    again = xerosync("apply", "--yes", "--format", "json")
    assert [json.loads(line)["event"] for line in again.out.splitlines()] == ["plan"]


def test_a_rollback_with_nothing_to_undo_is_not_recorded(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    save(FILE.replace("Insurance", "Cover"))
    assert xerosync("apply", "--yes").code == 0
    applied.store.edit("433", name="Insurance")
    assert xerosync("rollback", str(journals()[-1]), "--out", "undo.json").code == 0
    said = xerosync("apply", "undo.json")
    assert (said.code, len(journals())) == (0, 2)


def test_after_a_rollback_a_file_that_follows_it_is_recorded(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    save(FILE.replace("Insurance", "Cover"))
    assert xerosync("apply", "--yes").code == 0
    assert xerosync("rollback", str(journals()[-1]), "--out", "undo.json").code == 0
    assert xerosync("apply", "undo.json").code == 0
    save(FILE)
    assert xerosync("apply", "--yes").code == 0
    assert len(journals()) == 4
    save(FILE.replace("Insurance", "Cover"))
    assert origin(xerosync, "433")[0] == "file", "no longer what a rollback undid"


def test_the_journal_of_an_apply_without_changes_is_shown_as_what_it_is(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    for form in ("text", "markdown", "html"):
        text = xerosync("show", str(journals()[0]), "--format", form).out
        assert "Nothing to do: Xero matched the file." in text
        assert "0 steps planned" not in text
    (run,) = json.loads(xerosync("show", str(journals()[0]), "--format", "json").out)["runs"]
    assert (run["steps"], run["calls"], run["proof"]) == (0, [], "as planned")


def test_a_rollback_of_an_apply_that_changed_nothing_names_the_last_one_that_did(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    (first,) = journals()
    said = xerosync("rollback", str(first), "--out", "undo.json")
    assert said.code == 64
    assert f"{first} records nothing that was sent to Xero: there is nothing to undo." in (
        words(said.err)
    )
    assert "No apply on record here changed Demo Company (NZ)." in said.err
    assert not Path("undo.json").exists()
    save(FILE.replace("Insurance", "Cover"))
    assert xerosync("apply", "--yes").code == 0
    changed = journals()[-1]
    save(chart(FEES))
    assert xerosync("apply", "--yes").code == 0
    assert journals()[-1] != changed
    said = xerosync("rollback", str(journals()[-1]))
    assert said.code == 64
    assert (
        "To undo the last apply on record that changed Demo Company (NZ), run "
        f"`xerosync rollback {changed}`."
    ) in words(said.err)
    assert xerosync("rollback", str(changed)).code == 0


def test_a_rollback_of_several_files_undoes_those_that_changed(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    """One journal can hold an apply that found nothing to do beside one that changed something."""
    save(FILE.replace("Insurance", "Cover"))
    assert xerosync("apply", "--yes").code == 0
    first, second = journals()
    both = Path("both.jsonl")
    both.write_text(first.read_text("utf-8") + second.read_text("utf-8"), encoding="utf-8")
    assert xerosync("rollback", "both.jsonl", "--out", "undo.json").code == 0
    (plan,) = json.loads(Path("undo.json").read_text("utf-8"))["plans"]
    assert plan["summary"]["update"] == 1
