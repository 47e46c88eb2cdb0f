"""Saved plans: the plan is the approval, and exactly what it says is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import Xerosync

from end_to_end.conftest import chart, writes
from xerosync.plan.saved.serialize import loads, to_document
from xerosync.sandbox import Sandbox
from xerosync.text import json_text

CHART = chart(
    '"code": "200", name: Sales of Goods',
    '"code": "210", name: Hire, type: REVENUE',
    '"code": "433", status: ARCHIVED',
)


@pytest.fixture
def saved(books: Sandbox, xerosync: Xerosync) -> Path:
    """Save a plan of three changes."""
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")
    assert xerosync("plan", "--out", "p.json").code == 0
    books.clear_log()
    return Path("p.json")


def test_a_saved_plan_is_applied_without_a_question(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    said = xerosync("apply", "p.json")
    assert said.code == 0
    assert len(writes(books)) == 3
    assert xerosync("plan", "--detailed-exitcode").code == 0


def test_a_plan_that_an_apply_would_refuse_does_not_only_name_the_command(
    books: Sandbox, xerosync: Xerosync
) -> None:
    blocked = chart('"code": "210", name: Hire, type: REVENUE', '"code": "820", status: ARCHIVED')
    Path("accounts.yaml").write_text(blocked, encoding="utf-8")
    said = xerosync("plan", "--out", "p.json")
    assert "Saved. Some of the plan is blocked or exceeds a limit, " in said.err
    assert said.err.rstrip().endswith("To apply exactly this plan: xerosync apply p.json")
    assert xerosync("apply", "p.json").code == 5
    needed = said.err.partition("`xerosync apply` needs ")[2].partition(". To apply")[0].split()
    assert needed == ["--skip-blocked"]
    assert xerosync("apply", "p.json", "--yes", *needed).code == 0


def test_show_prints_the_saved_plan_without_calling_xero(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    planned = xerosync("plan").out
    books.clear_log()
    assert xerosync("show", "p.json").out == planned
    assert xerosync("show", "p.json", "--format", "json").out == saved.read_text(encoding="utf-8")
    assert books.requests == ()


def test_the_journal_has_the_digest_of_the_approved_plan(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    assert xerosync("apply", "p.json", "--result", "run.jsonl").code == 0
    begin = json.loads(Path("run.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert begin["digest"] == json.loads(saved.read_text(encoding="utf-8"))["digest"]


def test_the_saved_plan_is_applied_and_not_the_file_as_it_is_now(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    Path("accounts.yaml").write_text(CHART.replace("Goods", "Bads"), encoding="utf-8")
    assert xerosync("apply", "p.json").code == 0
    assert books.store.with_name("Sales of Goods")


def test_a_stale_plan_is_refused_and_says_what_changed_and_when(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    books.store.edit("200", name="Turnover")
    books.store.edit("433", status="ARCHIVED")
    said = xerosync("apply", "p.json")
    assert said.code == 5
    assert 'name was "Sales" and is now "Turnover"' in said.err
    assert "edited in Xero on" in said.err
    assert "433 Insurance: archive is no longer needed (edited in Xero on" in said.err
    assert writes(books) == []


def test_an_edit_of_another_account_does_not_make_a_plan_stale(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    books.store.edit("404", name="Fees of Banks")
    books.store.edit("260", status="ARCHIVED")
    books.store.insert(code="999", name="Somebody's new account")
    assert xerosync("apply", "p.json").code == 0


def test_an_edit_of_a_field_that_the_plan_leaves_alone_does_not_make_it_stale(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    books.store.edit("200", description="Edited")
    assert xerosync("apply", "p.json").code == 0
    sales = books.store.by_code("200")
    assert sales is not None
    assert (sales.name, sales.description) == ("Sales of Goods", "Edited")


def test_a_code_taken_meanwhile_makes_a_plan_stale(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    books.store.insert(code="999", name="Hire", type="REVENUE", tax_type="OUTPUT2")
    said = xerosync("apply", "p.json")
    assert said.code == 5
    assert "name-held" in said.err
    assert writes(books) == []


def test_a_journal_does_not_make_a_plan_stale(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    """A plan may be saved where there are no journals and applied where there are."""
    Path("other.yaml").write_text(chart('"code": "441", name: Legal Fees'), encoding="utf-8")
    assert xerosync("apply", "--yes", "-f", "other.yaml").code == 0
    assert xerosync("apply", "p.json").code == 0


def edited(document: str) -> str:
    return document.replace("Sales of Goods", "Sales of Bads")


def cut_short(document: str) -> str:
    return document[: len(document) // 2]


def another_major(document: str) -> str:
    return document.replace('"format_version": "1.0"', '"format_version": "2.0"')


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (edited, "digest does not match"),
        (cut_short, "truncated"),
        (another_major, "has the plan format 2.0; this xerosync reads 1.0"),
        (lambda _: "[]", "not a plan"),
        (lambda _: '{"accounts": []}', "no format_version"),
        (lambda _: CHART, "not JSON"),
        (lambda _: "", "not a plan"),
        (lambda _: "[" * 100_000, "not a plan"),
    ],
)
def test_a_damaged_plan_is_refused(
    saved: Path, books: Sandbox, xerosync: Xerosync, spoil: Callable[[str], str], says: str
) -> None:
    saved.write_text(spoil(saved.read_text(encoding="utf-8")), encoding="utf-8")
    for command in ("apply", "show"):
        said = xerosync(command, "p.json")
        assert said.code == 5
        assert says in said.err
    assert books.requests == ()


def test_a_plan_of_a_newer_minor_version_is_accepted(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    text = saved.read_text(encoding="utf-8")
    saved.write_text(text.replace('"1.0"', '"1.7"', 1), encoding="utf-8")
    assert xerosync("apply", "p.json").code == 0


def test_a_plan_for_another_organisation_is_refused(
    saved: Path, books: Sandbox, xerosync: Xerosync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(country="UK") as other:
        monkeypatch.setenv("XEROSYNC_API_URL", other.url)
        monkeypatch.setenv("XEROSYNC_IDENTITY_URL", other.url)
        said = xerosync("apply", "p.json")
        assert said.code == 5
        assert "Demo Company (NZ)" in said.err
        assert "Demo Company (UK)" in said.err
        assert writes(other) == []


def test_safety_limits_apply_to_a_saved_plan_too(books: Sandbox, xerosync: Xerosync) -> None:
    gone = ("404", "408", "412", "416", "420", "425", "429")
    Path("accounts.yaml").write_text(
        chart(*(f'"code": "{code}", status: ARCHIVED' for code in gone)), encoding="utf-8"
    )
    assert xerosync("plan", "--out", "p.json").code == 0
    said = xerosync("apply", "p.json")
    assert said.code == 5
    assert "--allow archives=7" in said.err
    assert xerosync("apply", "p.json", "--allow", "archives=7").code == 0


def test_after_a_partial_apply_plan_shows_the_rest(
    start: Callable[..., Sandbox], xerosync: Xerosync
) -> None:
    books = start(faults=["POST /Accounts/*=403"])
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")
    assert xerosync("plan", "--out", "p.json").code == 0
    said = xerosync("apply", "p.json")
    assert said.code in (4, 6)
    assert "Plan again" in said.err
    books.close()
    start()
    said = xerosync("plan")
    assert "Plan: 0 to create, 1 to update, 0 to restore, 1 to archive" in said.out
    assert xerosync("apply", "p.json").code == 5, "the plan that was saved is used up"
    assert xerosync("apply", "--yes").code == 0
    assert xerosync("plan", "--detailed-exitcode").code == 0


def test_a_plan_applied_twice_is_refused_as_applied_and_not_as_edited(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    assert xerosync("apply", "p.json").code == 0
    books.clear_log()
    said = xerosync("apply", "p.json")
    assert said.code == 5
    assert "This plan (p.json) was already applied on " in said.err
    assert "journal: .xerosync" in said.err
    assert "edited in Xero" not in said.err
    assert writes(books) == []


def test_each_difference_has_a_line_and_at_most_twenty_are_shown(
    books: Sandbox, xerosync: Xerosync
) -> None:
    active = [a for a in books.store.accounts() if a.status == "ACTIVE"]
    codes = [a.code for a in active if a.code and a.type == "EXPENSE"][:25]
    text = chart(*(f'"code": "{code}", name: New {code}' for code in codes))
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    assert xerosync("plan", "--out", "p.json").code == 0
    for code in codes:
        books.store.edit(code, name=f"Other {code}")
    lines = xerosync("apply", "p.json").err.splitlines()
    told = [line for line in lines if line.startswith("  - ")]
    assert len(told) == 21
    assert told[-1] == f"  - and {len(codes) - 20} more"
    assert all(line.count('is now "Other ') == 1 for line in told[:-1])


@pytest.mark.parametrize("file", ["accounts.yaml", "other.yaml"])
def test_a_file_beside_a_saved_plan_is_wrong_usage(
    saved: Path, books: Sandbox, xerosync: Xerosync, file: str
) -> None:
    said = xerosync("apply", "p.json", "-f", file)
    assert said.code == 64
    assert "--same-as" in said.err
    assert books.requests == ()


def test_the_suggested_command_applies_to_the_same_organisation(
    project: Path, xerosync: Xerosync
) -> None:
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")
    assert "xerosync apply --sandbox 'my plan.json'" in (
        xerosync("plan", "--sandbox", "--out", "my plan.json").err
    )
    assert xerosync("apply", "my plan.json", "--sandbox", "--result", "r.jsonl").code == 0
    said = xerosync("rollback", "r.jsonl", "--sandbox", "--out", "undo.json").err
    assert "xerosync apply --sandbox undo.json" in said


def test_a_journal_instead_of_a_plan_is_recognised(saved: Path, xerosync: Xerosync) -> None:
    assert xerosync("apply", "p.json", "--result", "run.jsonl").code == 0
    for command in (("apply",), ("ci", "annotate"), ("ci", "split", "--out", "x/")):
        said = xerosync(*command, "run.jsonl")
        assert said.code == 5
        assert "it is the journal of an apply" in said.err
        assert "xerosync rollback run.jsonl" in said.err


def test_the_index_of_a_folder_and_another_report_are_no_changed_plans(
    project: Path, xerosync: Xerosync
) -> None:
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")
    assert xerosync("plan", "--sandbox", "--out", "plans/").code == 0
    assert "This is JSON that xerosync wrote" in xerosync("plan", "plans/index.json").err
    Path("drift.json").write_text(xerosync("drift", "--sandbox", "--format", "json").out)
    for command in (("show",), ("apply", "--sandbox"), ("ci", "split", "--out", "x/")):
        index = xerosync(*command, "plans/index.json")
        assert (index.code, "index of a folder of plans" in index.err) == (5, True)
        assert "Give one of the plans in the folder" in index.err
        report = xerosync(*command, "drift.json")
        assert (report.code, "drift.json is not a plan" in report.err) == (5, True)


def test_a_plan_is_applied_once_even_after_a_rollback(books: Sandbox, xerosync: Xerosync) -> None:
    text = chart('"code": "200", name: Sales of Goods')
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    assert xerosync("plan", "--out", "p.json").code == 0
    assert xerosync("apply", "p.json").code == 0
    (journal,) = Path(".xerosync/runs").iterdir()
    assert xerosync("rollback", str(journal), "--out", "undo.json").code == 0
    same = xerosync("apply", "undo.json", "--same-as", "accounts.yaml")
    assert same.code == 64
    assert "This plan undoes a run" in same.err
    assert xerosync("apply", "undo.json").code == 0
    books.clear_log()
    said = xerosync("apply", "p.json")
    assert said.code == 5
    assert "was already applied" in said.err
    assert writes(books) == []
    made_later("p.json", "again.json")
    assert xerosync("apply", "again.json").code == 0, "a plan made anew has its own approval"


def made_later(path: str, other: str) -> None:
    """Save the same plan as if it had been made later."""
    plans = loads(Path(path).read_text(encoding="utf-8"))
    later = to_document(plans, datetime(2030, 1, 1, tzinfo=UTC))
    Path(other).write_text(json_text(later), encoding="utf-8")


def test_a_plan_is_used_up_wherever_its_journal_goes(
    saved: Path, books: Sandbox, xerosync: Xerosync, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere" / "run.jsonl"
    assert xerosync("apply", "p.json", "--result", str(elsewhere)).code == 0
    undo(books)
    said = xerosync("apply", "p.json")
    assert said.code == 5
    assert "was already applied on " in said.err
    assert str(elsewhere) in said.err
    assert writes(books) == []


@pytest.mark.parametrize("link", [False, True])
def test_a_plan_is_used_up_for_every_folder_from_which_it_is_applied(
    saved: Path, books: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, *, link: bool
) -> None:
    """From a folder below the project, whose own .xerosync knows of nothing."""
    assert xerosync("apply", "p.json", "--result", "run.jsonl").code == 0
    undo(books)
    below = Path("below")
    below.mkdir()
    monkeypatch.chdir(below)
    Path("link.json").symlink_to("../p.json")
    said = xerosync("apply", "link.json" if link else "../p.json")
    assert said.code == 5
    assert "was already applied on " in said.err
    assert writes(books) == []


def test_a_plan_with_an_edited_date_is_refused(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    document = json.loads(saved.read_text(encoding="utf-8"))
    document["created_at"] = "2030-01-01T00:00:00Z"
    saved.write_text(json.dumps(document), encoding="utf-8")
    said = xerosync("apply", "p.json")
    assert said.code == 5
    assert "digest does not match" in said.err
    assert books.requests == ()


def test_a_damaged_record_still_says_that_the_plan_was_applied(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    assert xerosync("apply", "p.json", "--result", "run.jsonl").code == 0
    (record,) = Path(".xerosync/applied").iterdir()
    for damage in ("", "[]", '{"at": 3, "journal": null}', "[" * 9000):
        record.write_text(damage, encoding="utf-8")
        said = xerosync("apply", "p.json")
        assert (said.code, "was already applied" in said.err) == (5, True), damage


def test_a_plan_that_was_refused_before_its_first_call_is_not_used_up(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    books.store.edit("200", name="Turnover")
    assert xerosync("apply", "p.json").code == 5
    books.store.edit("200", name="Sales")
    assert xerosync("apply", "p.json").code == 0


def undo(books: Sandbox) -> None:
    """Take back in Xero what the plan did, so that only its use makes it stale."""
    books.store.edit("200", name="Sales")
    books.store.edit("433", status="ACTIVE")
    books.store.edit("210", code="2100", name="Another")
    books.clear_log()


def test_a_plan_that_leaves_an_organisation_out_applies_the_rest_and_says_so(
    saved: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    document = json.loads(saved.read_text(encoding="utf-8"))
    document["failed"] = [
        {
            "file": "kea.yaml", "organisation": "Kea Tours", "exit_code": 4,
            "message": "Kea Tours is not connected.", "hint": "Connect it.",
        }
    ]  # fmt: skip
    saved.write_text(json.dumps(document), encoding="utf-8")
    for command, code in (("show", 0), ("apply", 6)):
        said = xerosync(command, "p.json")
        assert said.code == code
        assert "Kea Tours  kea.yaml" in said.out
        assert "Plan for 2 organisations: 1 planned, 1 not planned" in said.out
    assert "1 of 2 organisations failed." in said.err
    assert (
        "kea.yaml (Kea Tours): Not in the saved plan: Kea Tours is not connected. Connect it."
        in said.err
    )
    assert "The others are done. Resolve this, and plan again." in said.err
    assert len(writes(books)) == 3
    saved.write_text(json.dumps({**document, "failed": [5]}), encoding="utf-8")
    assert "`failed` in the plan is not what xerosync writes" in xerosync("apply", "p.json").err


@pytest.mark.parametrize("status", ["ARCHIVED", "DELETED"])
def test_an_entry_without_a_name_removes_only_the_account_that_the_last_apply_knew(
    status: str, books: Sandbox, xerosync: Xerosync
) -> None:
    """Somebody moved the code in Xero: plan, drift, apply and a saved plan all block it."""
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")
    assert xerosync("apply", "--yes").code == 0
    books.store.edit("210", code="999")
    books.store.edit("200", code="210")
    books.clear_log()
    gone = chart(f'"code": "210", status: {status}')
    Path("accounts.yaml").write_text(f"limits: {{deletes: 1}}\n{gone}", encoding="utf-8")
    reason = (
        "In Xero the code 210 is Sales of Goods, but at the last apply on record an account with "
        "the entry's code was named Hire"
    )
    said = xerosync("plan", "--format", "json", "--out", "p.json")
    (blocked,) = json.loads(said.out)["plans"][0]["blocked"]
    assert blocked["reason"].startswith(reason)
    assert reason in xerosync("drift").out
    for command in (("apply", "--yes"), ("apply", "p.json"), ("apply", "p.json", "--same-as")):
        files = ("accounts.yaml",) if command[-1] == "--same-as" else ()
        assert xerosync(*command, *files).code in {0, 5}
    assert writes(books) == []
