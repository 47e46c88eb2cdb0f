"""`xerosync drift`: what changed in Xero since the last apply, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import Said, Xerosync
from end_to_end.conftest import chart, writes
from render.hostile import assert_tables_are_whole

from ci.pages import long_drift
from xerosync.render.drift import report as report_of
from xerosync.sandbox import Sandbox

FIRST = chart(
    '"code": "200", name: Sales of Goods, description: Shoes',
    '"code": "210", name: Hire, type: REVENUE',
    '"code": "404", name: Bank Fees',
)


@pytest.fixture
def applied(books: Sandbox, xerosync: Xerosync) -> Sandbox:
    Path("accounts.yaml").write_text(FIRST, encoding="utf-8")
    assert xerosync("apply", "--yes").code == 0
    books.clear_log()
    return books


def drift(xerosync: Xerosync, *options: str) -> Said:
    return xerosync("drift", "--detailed-exitcode", *options)


def report(xerosync: Xerosync) -> dict[str, object]:
    document = json.loads(drift(xerosync, "--format", "json").out)
    found: dict[str, object] = document["charts"][0]
    assert document["drift"] == any(found[kind] for kind in ("drifted", "blocked", "added"))
    return found


def test_there_is_no_drift_after_an_apply_and_only_reads_are_sent(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    said = drift(xerosync)
    assert said.code == 0
    assert "No drift since the last apply (" in said.out
    assert writes(applied) == []


def test_an_edit_in_xero_is_reported_with_its_date_but_not_its_author(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("200", name="Turnover")
    said = drift(xerosync)
    assert said.code == 2
    assert 'name: "Turnover" in Xero, "Sales of Goods" in the file' in said.out
    assert "Edited in Xero on" in said.out
    assert "Xero does not say by whom" in said.out
    assert xerosync("drift").code == 0, "without --detailed-exitcode only errors count"


def test_a_change_of_the_file_that_is_not_applied_is_not_drift(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    text = FIRST.replace("Shoes", "Boots").replace(
        '"code": "404", name: Bank Fees', '"code": "610", status: ARCHIVED'
    )
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    said = drift(xerosync)
    assert said.code == 0
    assert "2 changes in the file are not applied yet" in said.out, "one of them is blocked"


def test_an_account_that_is_new_in_xero_is_drift(applied: Sandbox, xerosync: Xerosync) -> None:
    applied.store.insert(code="999", name="Somebody's new account")
    assert drift(xerosync).code == 2
    found = report(xerosync)
    assert [a["code"] for a in found["added"]] == ["999"]  # type: ignore[attr-defined]


def test_an_account_that_was_always_unmanaged_is_not_drift(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    assert report(xerosync)["added"] == []


def test_an_account_deleted_in_xero_is_drift(applied: Sandbox, xerosync: Xerosync) -> None:
    applied.store.edit("210", status="DELETED")
    said = drift(xerosync)
    assert said.code == 2
    assert "210 Hire: in the file, but not in Xero" in said.out


def test_an_edit_that_xerosync_cannot_undo_is_drift_too(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    """Another account has its name in Xero now, so the plan can only block it."""
    applied.store.edit("210", name="Rental")
    applied.store.insert(code="998", name="Hire")
    found = report(xerosync)
    assert found["blocked"]
    assert drift(xerosync).code == 2


def test_without_a_journal_every_difference_is_drift(books: Sandbox, xerosync: Xerosync) -> None:
    Path("accounts.yaml").write_text(FIRST, encoding="utf-8")
    said = drift(xerosync)
    assert said.code == 2
    assert "Drift: 2 different from the file." in said.out
    assert report(xerosync)["since"] is None


def test_pull_accepts_drift(applied: Sandbox, xerosync: Xerosync) -> None:
    applied.store.edit("200", name="Turnover")
    applied.store.insert(code="999", name="Somebody's new account")
    assert xerosync("pull").code == 0
    assert drift(xerosync).code == 0


def test_several_formats_are_written_at_once(applied: Sandbox, xerosync: Xerosync) -> None:
    applied.store.edit("200", name="Turnover")
    forms = ("json", "markdown")
    files = [part for form in forms for part in (f"--{form}-file", f"{form}.out")]
    assert drift(xerosync, *files).code == 2
    for form in forms:
        said = drift(xerosync, "--format", form)
        assert said.code == 2
        beside = Path(f"{form}.out").read_text(encoding="utf-8")
        if form != "json":
            assert said.out == beside
    assert Path("markdown.out").read_text(encoding="utf-8").startswith("<!-- xerosync:drift:")


def test_an_invalid_file_and_a_refused_sign_in_have_their_exit_codes(
    applied: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("accounts.yaml").write_text("version: 1\n", encoding="utf-8")
    assert drift(xerosync).code == 3
    Path("accounts.yaml").write_text(FIRST, encoding="utf-8")
    monkeypatch.setenv("XERO_CLIENT_SECRET", "wrong")
    assert drift(xerosync).code == 4


def test_a_very_long_report_is_cut_to_fit_into_an_issue() -> None:
    text = report_of.as_markdown([long_drift(), long_drift()])
    assert len(text) < 65_536
    assert_tables_are_whole(text)
    assert "left out for length" in text
    assert text.rstrip().endswith("Xero does not say who edited an account.")


def test_codes_that_moved_in_xero_are_not_reported_as_impossible_to_undo(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    for old, new in (("210", "X1"), ("404", "210"), ("X1", "404")):
        applied.store.edit(old, code=new)
    said = drift(xerosync)
    assert "the entry for Hire is 210" in said.out
    assert "cannot be undone" not in said.out
    page = drift(xerosync, "--format", "markdown").out
    assert "### Has another code in Xero, or is another account" in page
    assert "cannot undo" not in page


def test_a_code_that_moved_in_xero_is_named_with_the_way_out(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("210", code="211")
    out = " ".join(drift(xerosync).out.split())
    assert "210 Hire: code was 210 and is now 211 in Xero." in out
    assert "This is the same account. To undo the edit, add `account_id: " in out
    assert "to accept it, run `xerosync pull`." in out
    assert "cannot be undone" not in out
    page = drift(xerosync, "--format", "markdown").out
    assert "### Has another code in Xero, or is another account" in page
    assert "code was 210 and is now 211 in Xero." in page
    assert "cannot undo" not in page
    assert report(xerosync)["blocked"][0]["rule"] == "name-held"  # type: ignore[index]
    shutil.rmtree(".xerosync")
    out = " ".join(drift(xerosync).out.split())
    assert "210 Hire: Xero's account 211 Hire has the name Hire" in out, "who knows since when"
    assert 'add `previously: ["211"]`' in out
