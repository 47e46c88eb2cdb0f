"""With the journal of an earlier run, a plan says where each change comes from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Xerosync

from end_to_end.conftest import chart
from xerosync.sandbox import LogEntry, Sandbox

FIRST = chart(
    '"code": "200", name: Sales of Goods, description: Shoes',
    '"code": "210", name: Hire, type: REVENUE',
    '"code": "404", name: Bank Fees',
    '"code": "433", name: Insurance',
)


@pytest.fixture
def applied(books: Sandbox, xerosync: Xerosync) -> Sandbox:
    Path("accounts.yaml").write_text(FIRST, encoding="utf-8")
    assert xerosync("apply", "--yes").code == 0
    return books


def origins(xerosync: Xerosync) -> dict[str, tuple[str, list[str]]]:
    document = json.loads(xerosync("plan", "--format", "json").out)
    return {c["code"]: (c["origin"], c["reasons"]) for c in document["plans"][0]["changes"]}


RENAMED = "Renamed: past transactions and reports show the new name."


def test_a_plan_distinguishes_edits_of_the_file_from_edits_in_xero(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("200", name="Turnover")
    applied.store.edit("433", status="ARCHIVED")
    Path("accounts.yaml").write_text(
        FIRST.replace("Shoes", "Boots").replace("Bank Fees", "Fees of Banks"), encoding="utf-8"
    )
    found = origins(xerosync)
    assert found["404"] == ("file", [RENAMED])
    assert found["200"][0] == "both"
    assert 'name was "Sales of Goods"' in found["200"][1][0]
    assert "Edited in Xero on" in found["200"][1][0]
    assert found["433"][0] == "xero"
    assert "status was ACTIVE" in found["433"][1][0]
    said = xerosync("plan")
    assert "edited in Xero since the last apply" in " ".join(said.out.split())


def test_a_drift_report_advises_only_what_undoes_it(applied: Sandbox, xerosync: Xerosync) -> None:
    """An account that is new in Xero is unmanaged: no plan touches it."""

    def report() -> str:
        return " ".join(xerosync("drift", "--format", "markdown").out.split())

    assert "To accept" not in report()
    applied.store.insert(code="999", name="By hand", type="EXPENSE", tax_type="NONE")
    assert "stays there until somebody archives it" in report()
    assert "`xerosync apply`" not in report()
    applied.store.edit("200", name="Turnover")
    assert "different from the file, run `xerosync plan` and `xerosync apply`." in report()


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_two_files_of_one_organisation_are_refused(
    command: str, books: Sandbox, xerosync: Xerosync
) -> None:
    for name in ("one.yaml", "two.yaml"):
        Path(name).write_text(FIRST, encoding="utf-8")
    said = xerosync(command, "one.yaml", "two.yaml")
    assert said.code == 64
    assert "one.yaml and two.yaml are both for Demo Company (NZ)." in said.err
    assert said.out == ""


def test_an_account_deleted_in_xero_is_reported_as_deleted(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("210", status="DELETED")
    origin, reasons = origins(xerosync)["210"]
    assert origin == "xero"
    assert "deleted there" in reasons[0]


def test_without_a_journal_the_origin_is_unknown(books: Sandbox, xerosync: Xerosync) -> None:
    Path("accounts.yaml").write_text(FIRST, encoding="utf-8")
    assert origins(xerosync)["200"] == ("", [RENAMED])


def test_unreadable_journals_are_skipped_and_named(applied: Sandbox, xerosync: Xerosync) -> None:
    applied.store.edit("200", name="Turnover")
    Path(".xerosync/runs/99990101T000000Z-junk.jsonl").write_text("junk\n", encoding="utf-8")
    Path(".xerosync/runs/99990101T000000Z-cut.jsonl").write_text('{"event": "beg', "utf-8")
    Path(".xerosync/runs/99990101T000000Z-none.jsonl").write_text("", encoding="utf-8")
    said = xerosync("plan")
    assert said.code == 0
    assert "99990101T000000Z-junk.jsonl" in said.err
    assert "cut.jsonl" not in said.err, "a run killed as it began is no surprise"
    assert origins(xerosync)["200"][0] == "xero"


def test_journals_of_other_organisations_are_ignored(applied: Sandbox, xerosync: Xerosync) -> None:
    for path in Path(".xerosync/runs").iterdir():
        text = path.read_text(encoding="utf-8").replace(applied.tenant_id, "another")
        path.write_text(text, encoding="utf-8")
    applied.store.edit("200", name="Turnover")
    assert origins(xerosync)["200"] == ("", [])


def test_an_entry_missing_in_another_file_is_not_called_removed(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    Path("other.yaml").write_text(chart('"code": "404", name: Bank Fees'), encoding="utf-8")
    assert "removed from the file" not in xerosync("plan", "other.yaml").out
    assert xerosync("pull", "-f", "other.yaml").code == 0
    assert "Insurance" in Path("other.yaml").read_text(encoding="utf-8")
    Path("accounts.yaml").write_text(chart('"code": "404", name: Bank Fees'), encoding="utf-8")
    assert "removed from the file" in " ".join(xerosync("plan").out.split())


@pytest.mark.parametrize("earlier", [False, True], ids=["first apply", "later apply"])
@pytest.mark.parametrize("code", ["210", "404", "433"])
def test_an_edit_during_an_apply_is_an_edit_in_xero(
    code: str, start: Callable[..., Sandbox], xerosync: Xerosync, *, earlier: bool
) -> None:
    """It may edit an account that the apply creates, one that it renames, or one that it leaves."""
    written: list[str] = []

    def edit(call: LogEntry) -> None:
        """Edit the account once Xero has made the last write."""
        if call.is_write:
            written.append(call.path)
            if len(written) == 2:
                books.store.edit(code, name="By hand")

    books = start(before_answer=edit)
    Path("accounts.yaml").write_text(chart('"code": "469", name: Rent'), encoding="utf-8")
    assert xerosync("apply", "--yes").code == 0
    if not earlier:
        shutil.rmtree(".xerosync/runs", ignore_errors=True)
    assert written == []
    Path("accounts.yaml").write_text(
        chart(
            '"code": "210", name: Hire, type: REVENUE',
            '"code": "404", name: Fees of Banks',
            '"code": "433", name: Insurance',
        ),
        encoding="utf-8",
    )
    assert xerosync("apply", "--yes").code == 1
    origin, reasons = origins(xerosync)[code]
    assert origin == "xero"
    assert reasons[0].startswith("Edited in Xero")
    assert "name was " in reasons[0]


def test_an_apply_is_on_record_wherever_its_journal_goes(
    books: Sandbox, xerosync: Xerosync
) -> None:
    Path("accounts.yaml").write_text(FIRST, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    Path("run.jsonl").unlink()
    Path("accounts.yaml").write_text(FIRST.replace("Shoes", "Boots"), encoding="utf-8")
    assert origins(xerosync)["200"][0] == "file"
    books.store.edit("433", name="By hand")
    assert origins(xerosync)["433"][0] == "xero"


def test_an_apply_that_cannot_be_recorded_says_so_and_goes_on(
    books: Sandbox, xerosync: Xerosync
) -> None:
    Path("accounts.yaml").write_text(FIRST, encoding="utf-8")
    Path(".xerosync").write_text("a file where a folder should be", encoding="utf-8")
    said = xerosync("apply", "--yes", "--result", "run.jsonl")
    assert said.code == 0
    assert "This apply cannot be recorded in .xerosync/runs (" in " ".join(said.err.split())
    assert Path("run.jsonl").is_file()


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.txt"])
def test_a_journal_in_the_folder_of_journals_is_kept_once(
    name: str, books: Sandbox, xerosync: Xerosync
) -> None:
    """Only files that end with .jsonl are found there."""
    Path("accounts.yaml").write_text(FIRST, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", f".xerosync/runs/{name}").code == 0
    assert len(list(Path(".xerosync/runs").glob("*.jsonl"))) == 1
