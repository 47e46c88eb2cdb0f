"""`plan` and `apply` against a local Xero: what is sent, refused and printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Xerosync

from end_to_end.conftest import chart, writes
from xerosync.sandbox import Sandbox

CHART = chart(
    '"code": "200", name: Sales of Goods',
    '"code": "210", name: Hire, type: REVENUE, add_to_watchlist: true',
    '"code": "457", name: Fax & Telex',
    '"code": "868", name: Customer Deposits, status: ARCHIVED',
)


def save(text: str, name: str = "accounts.yaml") -> None:
    Path(name).write_text(text, encoding="utf-8")


def test_the_first_plan_needs_no_account_at_xero(project: Path, xerosync: Xerosync) -> None:
    """`plan --sandbox` runs a local Xero while the command runs."""
    save(CHART)
    said = xerosync("plan", "--sandbox")
    assert said.code == 0
    assert "Plan: 1 to create, 1 to update, 1 to restore, 1 to archive, 0 to delete" in said.out
    assert xerosync("plan", "--sandbox", "--detailed-exitcode").code == 2
    assert xerosync("apply", "--sandbox", "--yes").code == 0
    assert xerosync("plan", "--sandbox", "--detailed-exitcode").code == 0
    assert xerosync("apply", "--sandbox", "--yes").code == 0


def test_a_plan_sends_only_gets(books: Sandbox, xerosync: Xerosync) -> None:
    save(CHART)
    assert xerosync("plan").code == 0
    assert {r.method for r in books.requests if "api.xro" in r.path} == {"GET"}


def test_an_apply_is_proved_and_a_second_one_finds_nothing(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART)
    said = xerosync("apply", "--yes")
    assert said.code == 0
    assert "Applied: 1 created, 1 updated, 1 restored, 1 archived, 0 deleted." in said.out
    assert "Checked: Xero is as planned." in said.err
    assert len(writes(books)) == 5
    hire = books.store.by_code("210")
    assert hire is not None
    assert hire.add_to_watchlist
    books.clear_log()
    again = xerosync("apply", "--yes")
    assert again.code == 0
    assert "No changes. Xero matches accounts.yaml." in again.out
    assert writes(books) == []
    assert len(list(Path(".xerosync/runs").iterdir())) == 1


@pytest.mark.parametrize(
    "account",
    [
        '"code": "200", description: "  By hand \\n  and more \\n"',
        '"code": " 200 ", name: "  Sales of Goods "',
        '"code": " 231 ", name: " Shoes ", type: REVENUE, description: " x "',
        '"code": "404", type: CURRENT, reporting_code: EXP',
        '"code": "404", type: CURRENT',
        '"code": "093", name: B3, type: BANK, bank_account_number: " 12-34 ", tax_type: NONE',
        '"code": "232", name: Boots, type: REVENUE, status: ARCHIVED',
    ],
)
def test_after_an_apply_the_plan_is_empty(books: Sandbox, xerosync: Xerosync, account: str) -> None:
    save(chart(account))
    said = xerosync("apply", "--yes")
    assert said.code == 0, said.err
    assert xerosync("plan", "--detailed-exitcode").code == 0


def test_each_create_and_update_has_its_own_idempotency_key(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART)
    assert xerosync("apply", "--yes").code == 0
    keys = [r.headers["idempotency-key"] for r in books.requests if r.is_write]
    assert len(set(keys)) == 5


def test_without_a_terminal_apply_is_refused_before_any_call(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART)
    said = xerosync("apply")
    assert said.code == 5
    assert "Cannot ask for confirmation" in said.err
    assert "--yes" in said.err
    assert books.requests == ()


def test_a_blocked_change_stops_everything_and_skip_blocked_applies_the_rest(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(chart('"code": "200", name: Sales of Goods', '"code": "820", status: ARCHIVED'))
    said = xerosync("apply", "--yes")
    assert said.code == 5
    assert "[system-account-archive]" in said.out
    assert "--skip-blocked" in said.err
    assert writes(books) == []
    said = xerosync("apply", "--yes", "--skip-blocked")
    assert said.code == 0
    assert "Applied: 0 created, 1 updated" in said.out
    assert len(writes(books)) == 1
    assert xerosync("plan", "--detailed-exitcode").code == 2, "a blocked change is a change"


def test_if_every_change_is_blocked_apply_says_that_nothing_was_sent(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(chart('"code": "200", type: BANK'))
    said = xerosync("apply", "--yes", "--skip-blocked")
    assert said.code == 0
    assert "Nothing was sent: every change is blocked." in said.err
    assert writes(books) == []


def test_a_safety_limit_stops_everything_and_names_the_flag_that_raises_it(
    books: Sandbox, xerosync: Xerosync
) -> None:
    gone = ("404", "408", "412", "416", "420", "425")
    save(chart(*(f'"code": "{code}", status: ARCHIVED' for code in gone)))
    said = xerosync("apply", "--yes")
    assert said.code == 5
    assert "6 to archive" in said.out, "the plan is printed all the same"
    assert "6 accounts would be archived or deleted; limits.archives allows 5." in said.err
    assert "--allow archives=6" in said.err
    assert writes(books) == []
    assert xerosync("apply", "--yes", "--allow", "archives=5").code == 5
    assert xerosync("apply", "--yes", "--allow", "archives=6").code == 0
    assert len(writes(books)) == 6


def test_a_locked_account_is_refused_with_a_way_out_and_the_rest_is_done(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(
        chart(
            '"code": "200", name: Sales of Goods',
            '"code": "469", status: ARCHIVED',
            '"code": "711", name: Depreciation of Furniture',
            '"code": "868", status: ARCHIVED',
        )
    )
    planned = " ".join(xerosync("plan").out.split())
    assert re.search(r"![0-9]+ Xero does not archive an account that ", planned)
    assert "a bank rule, a registered fixed asset or payroll uses" in planned
    said = xerosync("apply", "--yes")
    sentences = " ".join(said.err.split())
    assert said.code == 6
    assert "Cannot archive an account that is used by a repeating invoice" in sentences
    assert "in Xero, or keep the account active in the file." in sentences
    assert "run the same command again" not in sentences.lower()
    found = [books.store.by_code(code) for code in ("200", "469", "711", "868")]
    assert [(a.name, a.status) for a in found if a] == [
        ("Sales of Goods", "ACTIVE"),
        ("Rent", "ACTIVE"),
        ("Depreciation of Furniture", "ACTIVE"),
        ("Customer Deposits", "ARCHIVED"),
    ]
    books.store.lock("469", "")
    assert xerosync("apply", "--yes").code == 0
    assert "No changes." in xerosync("plan").out


def test_a_file_for_another_organisation_is_refused_and_both_are_named(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART.replace("Demo Company (NZ)", "Kiwi Traders Ltd"))
    for command in (("plan",), ("apply", "--yes")):
        said = xerosync(*command)
        assert said.code == 5
        assert "Kiwi Traders Ltd" in said.err
        assert "Demo Company (NZ)" in said.err
    assert writes(books) == []


def test_another_organisation_is_refused_before_its_chart_is_read(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART.replace("Demo Company (NZ)", "Kiwi Traders Ltd"))
    assert xerosync("apply", "--yes").code == 5
    assert not [r for r in books.requests if r.path.endswith("/Accounts")]


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")])
def test_missing_credentials_exit_with_4_and_a_hint(
    project: Path, xerosync: Xerosync, command: tuple[str, ...]
) -> None:
    save(CHART)
    said = xerosync(*command)
    assert said.code == 4
    assert "XERO_CLIENT_ID" in said.err
    assert "--sandbox" in said.err


def test_wrong_credentials_exit_with_4_and_stay_secret(
    books: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_CLIENT_SECRET", "hunter2-hunter2")
    save(CHART)
    said = xerosync("apply", "--yes")
    assert said.code == 4
    assert "hunter2" not in said.out + said.err
    assert writes(books) == []


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")])
def test_an_invalid_file_shows_every_problem_at_its_place(
    books: Sandbox, xerosync: Xerosync, command: tuple[str, ...]
) -> None:
    save(chart('"code": "200", nam: Sales', '"code": "200", name: Sales'))
    said = xerosync(*command)
    assert said.code == 3
    assert "accounts.yaml:4:" in said.err
    assert "accounts.yaml:5:" in said.err
    assert books.requests == ()


def test_a_missing_file_is_named(books: Sandbox, xerosync: Xerosync) -> None:
    said = xerosync("plan")
    assert said.code == 3
    assert "accounts.yaml" in said.err


@pytest.mark.parametrize(
    "command",
    [
        ("apply", "--allow", "archive=5", "--yes"),
        ("apply", "--allow", "archives=-1", "--yes"),
        ("apply", "--wrong"),
        ("plan", "--format", "yaml"),
        ("nonsense",),
        ("plan", "-f", "accounts.yaml", "-f", "accounts.yaml"),
        ("show",),
        ("show", "missing.json"),
        ("apply", "missing.json"),
        ("rollback", "missing.jsonl"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_64_before_any_call(
    books: Sandbox, xerosync: Xerosync, command: tuple[str, ...]
) -> None:
    save(CHART)
    assert xerosync(*command).code == 64
    assert books.requests == ()


def test_a_rejected_account_shows_every_message_and_the_rest_goes_on(
    xerosync: Xerosync, start: Callable[..., Sandbox]
) -> None:
    """Somebody takes the code and the name between the last reading and the call."""
    taken = False

    def snatch(_: object) -> None:
        nonlocal taken
        read = [r.path.rpartition("/")[2] for r in busy.requests]
        if not taken and read.count("Accounts") == 2:
            taken = True
            busy.store.insert(code="210", name="Somebody's", type="REVENUE", tax_type="OUTPUT2")
            busy.store.insert(code="2100", name="Hire", type="REVENUE", tax_type="OUTPUT2")

    busy = start(before_answer=snatch)
    save(CHART)
    said = xerosync("apply", "--yes")
    assert said.code == 6
    line = next(i for i, text in enumerate(said.out.splitlines()) if "FAILED create 210" in text)
    about = said.out.splitlines()[line : line + 3]
    assert "(accounts.yaml:5)" in about[0]
    assert "Please enter a unique Code." in about[1]
    assert "Please enter a unique Name." in about[2]
    assert "-- update 210 Hire" in said.out, "what needs the account is not sent"
    assert (
        "Applied: 0 created, 1 updated, 1 restored, 1 archived, 0 deleted; 1 change not done."
        in (said.out)
    )
    assert "Correct what Xero refused above, in the file or in Xero." in said.err
    assert len(writes(busy)) == 4


def test_json_events_are_one_a_line_and_start_with_the_plan(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART)
    said = xerosync("apply", "--yes", "--format", "json")
    assert said.code == 0
    events = [json.loads(line) for line in said.out.splitlines()]
    names = [event["event"] for event in events]
    assert names[:2] == ["plan", "begin"]
    assert names[-1] == "end"
    assert names.count("sending") == names.count("ended") == 5
    assert events[0]["digest"] == events[1]["digest"]
    assert events[0]["plans"][0]["summary"]["create"] == 1
    assert events[-1]["proof"] == "as planned"
    journal = next(Path(".xerosync/runs").iterdir()).read_text(encoding="utf-8")
    assert journal == "".join(line + "\n" for line in said.out.splitlines()[1:])


def test_result_names_the_journal_and_is_never_overwritten(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART)
    assert xerosync("apply", "--yes", "--result", "out/run.jsonl").code == 0
    kept = Path("out/run.jsonl").read_bytes()
    books.clear_log()
    save(CHART.replace("Goods", "All Goods"))
    said = xerosync("apply", "--yes", "--result", "out/run.jsonl")
    assert said.code == 64
    assert "never overwritten" in said.err
    assert Path("out/run.jsonl").read_bytes() == kept
    assert books.requests == ()


def test_an_apply_that_cannot_be_journalled_is_refused_before_any_call(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART)
    Path(".xerosync").write_text("a file where a directory should be", encoding="utf-8")
    said = xerosync("apply", "--yes")
    assert said.code == 1
    assert "The journal .xerosync/runs" in said.err
    assert "cannot be written: " in said.err
    assert "Nothing was sent" in said.err
    assert books.requests == ()


def test_two_files_for_one_organisation_are_refused(books: Sandbox, xerosync: Xerosync) -> None:
    save(CHART)
    save(chart('"code": "260", name: Other Income'), "second.yaml")
    said = xerosync("apply", "--yes", "-f", "accounts.yaml", "-f", "second.yaml")
    assert said.code == 64
    assert "accounts.yaml and second.yaml" in said.err
    assert writes(books) == []


def test_nothing_secret_is_written_anywhere(
    books: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    token = books.access_token()
    monkeypatch.setenv("XERO_ACCESS_TOKEN", token)
    monkeypatch.setenv("XERO_TENANT_ID", books.tenant_id)
    save(CHART)
    said = [xerosync("plan", "--out", "p.json", "--debug"), xerosync("apply", "p.json", "--debug")]
    assert [s.code for s in said] == [0, 0]
    for path in project.rglob("*"):
        if path.is_file() and not path.name.startswith("books.db"):
            assert token not in path.read_text(encoding="utf-8"), path
    assert not any(token in s.out + s.err for s in said)


def test_the_journal_of_a_local_run_names_the_user_and_the_commit(
    books: Sandbox, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("USER", raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: "ann")
    commit = "0123456789abcdef0123456789abcdef01234567"
    Path(".git").mkdir()
    Path(".git/HEAD").write_text(commit, encoding="utf-8")
    save(CHART)
    assert xerosync("apply", "--yes", "--result", "run.jsonl").code == 0
    begin = json.loads(Path("run.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (begin["actor"], begin["commit"]) == ("ann", commit)


def test_a_plan_of_two_files_for_one_organisation_is_refused_as_apply_does(
    books: Sandbox, xerosync: Xerosync
) -> None:
    save(CHART)
    Path("other.yaml").write_text(CHART, encoding="utf-8")
    for command in (["plan"], ["apply", "--yes"]):
        said = xerosync(*command, "-f", "accounts.yaml", "-f", "other.yaml")
        assert said.code == 64
        assert "accounts.yaml and other.yaml are both for Demo Company (NZ)." in said.err
    assert writes(books) == []
