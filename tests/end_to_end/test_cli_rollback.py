"""`rollback` plans how to undo a run; the plan goes through the same review."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

from command_line import Xerosync

from end_to_end.conftest import chart, writes
from xerosync.sandbox import Sandbox
from xerosync.sandbox.accounting.account import Account

CHART = chart(
    '"code": "200", name: Sales of Goods, description: Shoes and boots, tax_type: ZERORATED',
    '"code": "233", name: Sales, type: REVENUE, add_to_watchlist: true',
    '"code": "210", name: Hire, type: REVENUE, add_to_watchlist: true',
    '"code": "412", name: Cleaning, previously: ["408"]',
    '"code": "408", name: Consulting & Accounting, previously: ["412"]',
    '"code": "470", name: Rent, previously: ["469"]',
    '"code": "457", name: Messengers',
    '"code": "433", name: Insurance (old), status: ARCHIVED',
    '"code": "855", status: ARCHIVED',
    '"code": "453", type: OVERHEADS',
    head="limits: {change_percent: 100}",
)


def kept(books: Sandbox) -> dict[str, Account]:
    """Return the accounts by id, without the traces of an update."""
    return {
        a.account_id: dataclasses.replace(a, updated_ms=0, bank_account_type="")
        for a in books.store.accounts()
    }


def undo(xerosync: Xerosync, result: str, out: str) -> None:
    assert xerosync("rollback", result, "--out", out).code == 0
    assert xerosync("apply", out, "--result", f"{out}.jsonl").code == 0


def test_a_rollback_restores_the_chart_and_a_second_one_undoes_the_first(
    books: Sandbox, xerosync: Xerosync
) -> None:
    before = kept(books)
    pinned = CHART
    for a in books.store.accounts():
        if a.code in ("200", "457"):
            same = f'"code": "{a.code}", account_id: {a.account_id}'
            pinned = pinned.replace(f'"code": "{a.code}"', same)
    Path("accounts.yaml").write_text(pinned, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    after = kept(books)
    books.clear_log()
    said = xerosync("rollback", "run.jsonl", "--out", "undo.json")
    assert said.code == 0
    assert writes(books) == [], "a rollback is a plan"
    assert said.err.endswith("To undo the run: xerosync apply undo.json\n")
    assert xerosync("apply", "undo.json", "--result", "undo.jsonl").code == 0
    now = kept(books)
    assert {i: now[i] for i in before} == before
    created = [now[i] for i in now if i not in before]
    assert {(a.name, a.status) for a in created} == {
        ("Hire", "ARCHIVED"),
        ("Sales (undone 1)", "ARCHIVED"),
    }, "what was created is archived, out of the way of the name that returns"
    undo(xerosync, "undo.jsonl", "redo.json")
    assert kept(books) == after
    undo(xerosync, "redo.json.jsonl", "again.json")
    assert kept(books) == now


def test_the_rollback_of_a_folder_names_the_journal_that_it_undoes(
    books: Sandbox, xerosync: Xerosync
) -> None:
    """The folder soon has two runs: that of the rollback, too. So it cannot be planned again."""
    Path("accounts.yaml").write_text(chart('"code": "404", name: Fees'), encoding="utf-8")
    assert xerosync("apply", "--yes").code == 0
    (journal,) = Path(".xerosync/runs").glob("*.jsonl")
    refused_at_once = journal.read_text(encoding="utf-8").split("\n", 1)[0] + "\n"
    journal.with_name("2999.jsonl").write_text(refused_at_once, encoding="utf-8")
    assert xerosync("rollback", ".xerosync/runs", "--out", "undo.json").code == 0
    (plan,) = json.loads(Path("undo.json").read_text(encoding="utf-8"))["plans"]
    assert plan["file"] == str(journal)
    assert xerosync("apply", "undo.json").code == 0
    again = xerosync("rollback", ".xerosync/runs")
    assert "Give the journal of one run. To undo several runs, begin with the newest." in again.err


def test_a_rollback_goes_through_the_limits(books: Sandbox, xerosync: Xerosync) -> None:
    new = [f'"code": "23{n}", name: Sales {n}, type: REVENUE' for n in range(6)]
    Path("accounts.yaml").write_text(chart(*new), encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    assert xerosync("rollback", "run.jsonl", "--out", "undo.json").code == 0
    said = xerosync("apply", "undo.json")
    assert said.code == 5
    assert "--allow archives=6" in said.err
    assert xerosync("apply", "undo.json", "--allow", "archives=6").code == 0


def test_a_delete_cannot_be_undone_and_is_listed(books: Sandbox, xerosync: Xerosync) -> None:
    books.store.insert(code="481", name="Trade Fairs")  # nothing uses it
    Path("accounts.yaml").write_text(
        chart(
            '"code": "481", status: DELETED',
            '"code": "200", name: Sales of Goods',
            head="limits: {deletes: 1}",
        ),
        encoding="utf-8",
    )
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    said = xerosync("rollback", "run.jsonl", "--out", "undo.json")
    assert said.code == 0
    assert "Cannot be undone\n! 481 Trade Fairs: it was deleted" in said.out
    assert "unmanaged" not in said.out.replace("0 unmanaged", ""), "a rollback is of its run alone"
    (plan,) = json.loads(Path("undo.json").read_text(encoding="utf-8"))["plans"]
    assert plan["notes"][0].startswith("481 Trade Fairs: it was deleted")
    for form in ("markdown", "html"):
        assert "Cannot be undone" in xerosync("show", "undo.json", "--format", form).out
    assert "cannot be undone: 481" in xerosync("show", "undo.json", "--brief").out
    assert xerosync("apply", "undo.json").code == 0
    assert books.store.with_name("Sales")
    assert books.store.by_code("481") is None


def test_an_empty_rollback_says_why(books: Sandbox, xerosync: Xerosync) -> None:
    books.store.insert(code="481", name="Trade Fairs")  # nothing uses it
    text = chart('"code": "481", status: DELETED', head="limits: {deletes: 1}")
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    said = xerosync("rollback", "run.jsonl")
    assert "No changes: what is left of the run cannot be undone." in said.out
    text = chart('"code": "200", name: Sales of Goods')
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "name.jsonl").code == 0
    books.store.edit("200", name="Sales")
    assert "No changes: nothing is left to undo." in xerosync("rollback", "name.jsonl").out


def test_a_rollback_warns_of_edits_that_it_would_overwrite(
    books: Sandbox, xerosync: Xerosync
) -> None:
    text = chart('"code": "200", name: Sales of Goods', '"code": "233", name: Shoes, type: REVENUE')
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    assert "Edited after the run" not in xerosync("rollback", "run.jsonl").out
    books.store.edit("200", name="Trading", description="By hand")
    books.store.edit("233", name="Boots")
    said = " ".join(xerosync("rollback", "run.jsonl").out.split())
    assert (
        'the name was "Sales of Goods" and is now "Trading". The rollback overwrites that.' in said
    )
    assert "description" not in said, "what is not put back is not shown"
    archived = "The rollback archives the account all the same."
    assert f'the name was "Shoes" and is now "Boots". {archived}' in said


def test_a_warning_of_an_edit_says_that_an_archived_account_is_restored(
    books: Sandbox, xerosync: Xerosync
) -> None:
    text = chart('"code": "200", name: Sales, status: ARCHIVED')
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    books.store.edit("200", name="Boots")
    said = " ".join(xerosync("rollback", "run.jsonl").out.split())
    restored = "The rollback restores the account all the same."
    assert f'the name was "Sales" and is now "Boots". {restored}' in said


def test_what_a_later_apply_did_is_not_called_an_edit(books: Sandbox, xerosync: Xerosync) -> None:
    first = '"code": "200", name: Sales of Goods, description: Shoes'
    Path("accounts.yaml").write_text(chart(first), encoding="utf-8")
    assert xerosync("apply", "--yes").code == 0
    (journal,) = Path(".xerosync/runs").glob("*.jsonl")
    second = first.replace("Sales of Goods", "Trading")
    Path("accounts.yaml").write_text(chart(second), encoding="utf-8")
    assert xerosync("apply", "--yes").code == 0
    said = " ".join(xerosync("rollback", str(journal)).out.split())
    assert "Changed by a later apply (on " in said
    assert (
        'the name was "Sales of Goods" and is now "Trading". The rollback overwrites that.' in said
    )
    assert "Edited after the run" not in said
    books.store.edit("200", description="By hand")
    said = " ".join(xerosync("rollback", str(journal)).out.split())
    edited, applied = said.split("Edited after the run")[1].split("Changed by a later apply")
    assert 'the description was "Shoes" and is now "By hand"' in edited
    assert 'the name was "Sales of Goods"' in applied


def test_a_delete_that_became_an_archive_is_undone(books: Sandbox, xerosync: Xerosync) -> None:
    head = "on_delete_refused: archive\nlimits: {deletes: 1}"
    Path("accounts.yaml").write_text(
        chart('"code": "433", status: DELETED', head=head), encoding="utf-8"
    )
    said = xerosync("apply", "--yes", "--result", "run.jsonl")
    assert said.code == 0
    assert "Xero refused to delete" in said.err
    insurance = books.store.by_code("433")
    assert insurance is not None
    assert insurance.status == "ARCHIVED"
    undo(xerosync, "run.jsonl", "undo.json")
    assert books.store.by_code("433") == dataclasses.replace(
        insurance,
        status="ACTIVE",
        updated_ms=books.store.by_code("433").updated_ms,  # type: ignore[union-attr]
    )


def test_a_rollback_leaves_later_edits_of_other_fields_alone(
    books: Sandbox, xerosync: Xerosync
) -> None:
    """Only what the run changed is put back, and no other field or status."""
    Path("accounts.yaml").write_text(chart('"code": "200", name: Sales of Goods'), "utf-8")
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    books.store.edit("200", description="By hand", status="ARCHIVED")
    undo(xerosync, "run.jsonl", "undo.json")
    sales = books.store.by_code("200")
    assert sales is not None
    assert (sales.name, sales.description, sales.status) == ("Sales", "By hand", "ARCHIVED")


def test_a_rollback_for_another_organisation_is_refused(
    books: Sandbox, xerosync: Xerosync, start: Callable[..., Sandbox], project: Path
) -> None:
    Path("accounts.yaml").write_text(chart('"code": "200", name: Sales of Goods'), "utf-8")
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    journal = Path("run.jsonl").read_text(encoding="utf-8")
    Path("run.jsonl").write_text(journal.replace(books.tenant_id, "another"), encoding="utf-8")
    said = xerosync("rollback", "run.jsonl")
    assert said.code == 4
    assert "This sign-in has no access to the organisation another (" in said.err


def test_a_file_that_is_not_a_journal_is_refused(books: Sandbox, xerosync: Xerosync) -> None:
    Path("accounts.yaml").write_text(chart('"code": "200", name: Sales'), encoding="utf-8")
    said = xerosync("rollback", "accounts.yaml")
    assert said.code == 64
    assert "not a journal" in said.err
    gone = xerosync("rollback", "gone.jsonl")
    assert "gone.jsonl cannot be read: No such file or directory." in gone.err
