"""The record of an apply: who ran it, who approved it, the plan, every call, the verification."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ci.pages import whole_run
from command_line import Xerosync
from end_to_end.conftest import chart

from xerosync.render.journal.html import as_html
from xerosync.render.journal.record import as_markdown, as_text
from xerosync.sandbox import Sandbox

CHART = chart(
    '"code": "200", name: Sales of Goods',
    '"code": "210", name: Hire, type: REVENUE, add_to_watchlist: true',
    '"code": "433", status: ARCHIVED',
)


@pytest.fixture
def applied(
    books: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    """Apply a saved plan, which kim approved, in a GitHub job; return the plan."""
    for name, value in {
        "XEROSYNC_APPROVER": "kim",
        "GITHUB_ACTOR": "merger",
        "GITHUB_SHA": "c" * 40,
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "acme/books",
        "GITHUB_RUN_ID": "11",
    }.items():
        monkeypatch.setenv(name, value)
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")
    assert xerosync("plan", "--out", "plan.json").code == 0
    assert xerosync("apply", "plan.json", "--result", "result.jsonl").code == 0
    plan: dict[str, object] = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    return plan


def test_the_record_has_everything_that_an_auditor_asks_for(
    applied: dict[str, object], books: Sandbox, xerosync: Xerosync
) -> None:
    books.clear_log()
    (run,) = json.loads(xerosync("show", "result.jsonl", "--format", "json").out)["runs"]
    assert run["digest"] == applied["digest"]
    assert (run["approver"], run["actor"], run["commit"]) == ("kim", "merger", "c" * 40)
    assert run["job"] == "https://github.example/acme/books/actions/runs/11"
    assert run["proof"] == "as planned"
    assert len(run["calls"]) == run["steps"] == 4
    assert all(call["correlation_id"] and call["result"] == "done" for call in run["calls"])
    assert len({call["correlation_id"] for call in run["calls"]}) == 4
    assert "Hire" in {account["name"] for account in run["accounts_at_end"]}
    assert books.requests == (), "the record is read from the file alone"


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_format_of_the_record_names_approver_plan_and_commit(
    applied: dict[str, object], xerosync: Xerosync, form: str
) -> None:
    text = xerosync("show", "result.jsonl", "--format", form).out
    (run,) = json.loads(xerosync("show", "result.jsonl", "--format", "json").out)["runs"]
    for said in ("kim", "merger", "c" * 40, run["digest"], "Xero was read again and is as planned"):
        assert said in text
    for call in run["calls"]:
        assert call["correlation_id"] in text


def test_the_printed_events_of_an_apply_are_a_record_too(
    books: Sandbox, xerosync: Xerosync
) -> None:
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")
    events = xerosync("apply", "--yes", "--format", "json").out
    Path("events.jsonl").write_text(events, encoding="utf-8")
    assert "4 steps planned" in xerosync("show", "events.jsonl").out


def test_a_partial_apply_is_shown_with_all_messages_of_xero(
    books: Sandbox, xerosync: Xerosync
) -> None:
    books.store.edit("433", used=True)
    text = CHART.replace("ARCHIVED", "DELETED").replace(
        "accounts:", "limits: {deletes: 1}\naccounts:"
    )
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    assert xerosync("apply", "--yes", "--result", "result.jsonl").code == 6
    text = xerosync("show", "result.jsonl").out
    assert "Not all was done." in text
    assert "    Message: " in text
    assert "failed: 433 Insurance" in text
    assert "updated: 200 Sales of Goods" in text


def test_an_incomplete_journal_is_shown_as_incomplete(
    applied: dict[str, object], xerosync: Xerosync
) -> None:
    lines = Path("result.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    begun = [line for line in lines if '"event": "ended"' not in line][:3]
    Path("cut.jsonl").write_text("".join(begun), encoding="utf-8")
    text = xerosync("show", "cut.jsonl").out
    assert "The journal is incomplete: the result of 2 calls is unknown." in text
    assert "not on record" in text


def test_an_old_journal_without_an_approver_is_read(
    applied: dict[str, object], xerosync: Xerosync
) -> None:
    events = [json.loads(line) for line in Path("result.jsonl").read_text("utf-8").splitlines()]
    del events[0]["approver"], events[0]["job"]
    old = "".join(json.dumps(event) + "\n" for event in events)
    Path("old.jsonl").write_text(old, encoding="utf-8")
    assert "Approved by:  not on record" in xerosync("show", "old.jsonl").out


@pytest.mark.parametrize("text", ["", "junk", '{"event": "begin"', '{"event": "x"}\n'])
def test_a_file_that_is_neither_plan_nor_journal_is_refused(
    project: Path, xerosync: Xerosync, text: str
) -> None:
    Path("x").write_text(text, encoding="utf-8")
    assert xerosync("show", "x").code in (5, 64)


def test_a_step_that_was_not_sent_names_its_account() -> None:
    run = replace(
        whole_run(), skipped={3: ("Stopped.",), 4: ("Stopped.",)}, labels={3: "461 Printing"}
    )
    for text in (as_text([run]), as_markdown([run])):
        assert "Step 3 (461 Printing) was not sent: Stopped.\n" in text
        assert "Step 4 was not sent: Stopped.\n" in text, "an older version wrote the journal"
    assert "<li>Step 3 (461 Printing): Stopped.</li>" in as_html([run])


def test_a_step_whose_delete_was_refused_is_not_said_to_be_unsent() -> None:
    """The archive comes after the refusal; the run was stopped between the two."""
    run = replace(whole_run(), skipped={1: ("Stopped.",)}, labels={1: "461 Printing"})
    what = "The archive call after the refused delete in step 1 (461 Printing)"
    unsent = f"{what} was not sent: Stopped.\n"
    assert unsent in as_text([run])
    assert f"- {unsent}" in as_markdown([run])
