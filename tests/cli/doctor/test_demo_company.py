"""`xerosync doctor --demo-company` as a person or a CI job runs it, against a local Xero."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import jsonschema_rs
import pytest
from command_line import Xerosync
from end_to_end.process import start

from xerosync.cli import questions
from xerosync.cli.terminal import Terminal
from xerosync.errors import ExitCode
from xerosync.sandbox import Limits, Sandbox
from xerosync.sandbox.http.messages import LogEntry
from xerosync.xero.clock import Clock
from xerosync.xero_behaviour import Question, from_json

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "schema/xero-behaviour.schema.json").read_text("utf-8"))
ASK = ("doctor", "--demo-company")
GENEROUS = Limits(minute=100_000, day=1_000_000)

Begin = Callable[..., Sandbox]


@pytest.fixture
def begin(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Start a local Xero and sign in to it; the clock jumps ahead instead of waiting."""
    naps: list[float] = []

    def clock(stop: Event) -> Clock:
        return Clock(lambda: time.monotonic() + sum(naps), sleep=naps.append, stop=stop)

    monkeypatch.setattr("xerosync.cli.session.new_clock", clock)
    with ExitStack() as stack:

        def start(**options: Any) -> Sandbox:
            sandbox = stack.enter_context(Sandbox(**{"limits": GENEROUS} | options))
            for name in ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"):
                monkeypatch.setenv(name, sandbox.url)
            monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
            monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
            return sandbox

        yield start


def writes(sandbox: Sandbox) -> list[LogEntry]:
    return [request for request in sandbox.requests if request.is_write]


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Sit at a terminal and answer the question."""
    monkeypatch.setattr(Terminal, "interactive", property(lambda _: True))
    monkeypatch.setattr(questions, "_read_line", lambda: text)


def test_it_asks_cleans_up_and_reports(begin: Begin, xerosync: Xerosync) -> None:
    sandbox = begin()
    before = sandbox.store.accounts()
    said = xerosync(*ASK, "--yes", "--html-file", "page.html")
    assert said.code == ExitCode.OK
    assert said.out.endswith("33 questions answered, none differs from the sandbox.\n")
    assert "35 of 35: Clean up." in said.err
    assert "The books are as they were." in said.err
    report = json.loads(Path("xero-behaviour.json").read_text("utf-8"))
    jsonschema_rs.validator_for(SCHEMA, validate_formats=True).validate(report)
    assert report["source"] == "sandbox"
    assert report["questions"].keys() == {str(question) for question in Question}
    assert Path("page.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    after = sandbox.store.accounts()
    assert [a.name for a in after] == [a.name for a in before]
    assert [a.status for a in after] == [a.status for a in before]
    assert not list(Path(".xerosync/doctor").iterdir())
    assert not Path(".xerosync/runs").exists()


def test_nothing_of_the_organisation_is_in_the_report(begin: Begin, xerosync: Xerosync) -> None:
    """Neither names, codes nor ids of its accounts, though Xero may quote them in its texts."""
    sandbox = begin()
    ours = [a.name for a in sandbox.store.accounts() if len(a.name.split()) > 1]
    behaviour = {"clear_description": "refused", "system_rename": "refused"}
    texts = {
        "clear_description": [f"Look at '{ours[3]}' of {sandbox.store.organisation.name}."],
        "system_rename": [f"{ours[5]} ({sandbox.tenant_id}) belongs to kim@demo.example."],
    }
    begin(behaviour=behaviour, texts=texts)
    assert xerosync(*ASK, "--yes").code == ExitCode.OK
    text = Path("xero-behaviour.json").read_text("utf-8")
    found = from_json(json.loads(text))
    assert found.texts(Question.CLEAR_DESCRIPTION) == ("Look at '[name]' of [name].",)
    assert found.texts(Question.SYSTEM_RENAME) == ("[name] ([id]) belongs to [e-mail].",)
    assert not [name for name in ours if name in text]
    assert sandbox.tenant_id not in text


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_report_can_be_printed_on_stdout(begin: Begin, xerosync: Xerosync, form: str) -> None:
    begin(behaviour={"clear_description": "kept"})
    said = xerosync(*ASK, "--yes", "--format", form, "--report", "r.json", "--detailed-exitcode")
    assert said.code == ExitCode.CHANGES
    if form == "json":
        assert said.out == Path("r.json").read_text("utf-8")
        assert json.loads(said.out)["questions"]["clear_description"]["differs"] is True
    assert "kept" in said.out
    assert not Path("xero-behaviour.json").exists()


def test_a_difference_is_not_a_failure(begin: Begin, xerosync: Xerosync) -> None:
    begin(behaviour={"clear_description": "kept"})
    said = xerosync(*ASK, "--yes")
    assert said.code == ExitCode.OK
    assert "1 differs from the sandbox" in said.out
    first, _, _ = said.out.partition("Same as the sandbox")
    assert re.search(r"empty Description\. +cleared +kept +yes", first)


def test_without_a_terminal_it_needs_yes(begin: Begin, xerosync: Xerosync) -> None:
    sandbox = begin()
    said = xerosync(*ASK)
    assert said.code == ExitCode.REFUSED
    assert "--yes" in said.err
    assert not sandbox.requests


@pytest.mark.parametrize("typed", ["", "no", "y", "YES"])
def test_anything_but_yes_sends_nothing(
    begin: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    sandbox = begin()
    answer(monkeypatch, typed)
    said = xerosync(*ASK)
    assert said.code == ExitCode.REFUSED
    assert "Do this in Demo Company (NZ)? Type yes to continue:" in said.err
    assert not writes(sandbox)


def test_a_person_who_says_yes_is_asked_once(
    begin: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    answer(monkeypatch, "yes")
    assert xerosync(*ASK).code == ExitCode.OK


@pytest.mark.parametrize("flags", [(), ("--yes",), ("--yes", "--organisation", "NAME")])
def test_other_books_are_refused_whatever_the_flags(
    begin: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...]
) -> None:
    sandbox = begin(organisations=3)
    name = sandbox.store.organisation.name
    monkeypatch.setenv("XERO_CLIENT_ID", "sandbox-1")
    answer(monkeypatch, "yes")
    said = xerosync(*ASK, *(name if flag == "NAME" else flag for flag in flags))
    assert said.code == ExitCode.REFUSED
    assert f"does not say that {name} is a demo company" in said.err
    assert not writes(sandbox)
    assert not Path("xero-behaviour.json").exists()


@pytest.mark.parametrize("fault", ["500-before", "503", "401"])
def test_nothing_is_written_if_the_organisation_cannot_be_read(
    begin: Begin, xerosync: Xerosync, fault: str
) -> None:
    """The run does not guess what kind of organisation it is, and writes nothing."""
    sandbox = begin(faults=[f"GET /Organisation={fault}"])
    said = xerosync(*ASK, "--yes")
    assert said.code == ExitCode.ERROR
    assert "The organisation could not be read." in said.err
    assert not writes(sandbox)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("doctor", "--report", "r.json"), "--report cannot be used without --demo-company"),
        (("doctor", "--yes"), "--yes cannot be used without"),
        (("doctor", "--format", "html"), "--format html cannot be used without"),
        ((*ASK, "--yes", "--offline"), "--offline cannot be used with --demo-company"),
        ((*ASK, "--yes", "--bundle", "b.zip"), "--bundle cannot be used with"),
        ((*ASK, "--yes", "--report", "none/r.json"), "There is no folder none"),
        ((*ASK, "--yes", "--html-file", "."), "is a folder"),
        ((*ASK, "--yes", "--report", "r", "--html-file", "./r"), "name the same file"),
        ((*ASK, "--yes", "--report", "/proc/r.json"), "cannot be written"),
        ((*ASK, "--yes", "-f", "a.yaml", "--organisation", "X"), "cannot be used together"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(
    begin: Begin, xerosync: Xerosync, arguments: tuple[str, ...], said: str
) -> None:
    sandbox = begin()
    found = xerosync(*arguments)
    assert found.code == ExitCode.USAGE
    assert said in found.err
    assert not sandbox.requests


@pytest.mark.parametrize("option", ["--report", "--html-file"])
@pytest.mark.parametrize(
    "text", ["version: 1\naccounts: []\n", "{}", "", "<!DOCTYPE html>\n<p>Mine"]
)
def test_only_a_report_is_replaced(
    begin: Begin, xerosync: Xerosync, option: str, text: str
) -> None:
    """A chart file, another JSON document or another page stays, and nothing is sent."""
    sandbox = begin()
    Path("mine").write_text(text, "utf-8")
    found = xerosync(*ASK, "--yes", option, "mine")
    assert found.code == ExitCode.USAGE
    assert "mine already exists and is not a report" in found.err
    assert not sandbox.requests
    assert Path("mine").read_text("utf-8") == text


def test_a_report_and_its_page_are_replaced(begin: Begin, xerosync: Xerosync) -> None:
    """A report does not replace a page, nor a page a report."""
    begin()
    files = ("--report", "r.json", "--html-file", "r.html")
    for _ in range(2):
        assert xerosync(*ASK, "--yes", *files).code == ExitCode.OK
    swapped = xerosync(*ASK, "--yes", "--report", "r.html")
    assert swapped.code == ExitCode.USAGE
    assert "is not a report" in swapped.err


def test_nothing_is_written_to_an_organisation_that_was_not_asked_for(
    begin: Begin, xerosync: Xerosync
) -> None:
    sandbox = begin()
    found = xerosync(*ASK, "--yes", "--organisation", "Nobody")
    assert found.code == ExitCode.REFUSED
    assert "You asked for the organisation Nobody, but the credentials are for" in found.err
    assert "the file" not in found.err
    assert not writes(sandbox)


def test_a_file_may_name_the_demo_company(begin: Begin, xerosync: Xerosync) -> None:
    """With a file that names other books, nothing is written."""
    sandbox = begin()
    text = 'version: 1\norganisation: {{name: "{}"}}\naccounts: []\n'
    Path("demo.yaml").write_text(text.format("Demo Company (NZ)"), "utf-8")
    Path("other.yaml").write_text(text.format("Kauri Ltd"), "utf-8")
    assert xerosync(*ASK, "--yes", "-f", "other.yaml").code == ExitCode.REFUSED
    assert xerosync(*ASK, "--yes", "--organisation", "Kauri Ltd").code == ExitCode.REFUSED
    assert not writes(sandbox)
    assert xerosync(*ASK, "--yes", "-f", "demo.yaml").code == ExitCode.OK


def test_a_person_cannot_be_asked_about_custom_connections(
    begin: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = begin()
    monkeypatch.setenv("XERO_ACCESS_TOKEN", sandbox.access_token())
    monkeypatch.setenv("XERO_TENANT_ID", sandbox.tenant_id)
    assert xerosync(*ASK, "--yes").code == ExitCode.OK
    report = from_json(json.loads(Path("xero-behaviour.json").read_text("utf-8")))
    assert report.not_asked.keys() == {Question.CONNECTIONS_LISTED, Question.SCOPE_REQUESTED}
    assert "custom connection" in report.not_asked[Question.SCOPE_REQUESTED]


def test_a_missing_scope_for_items_is_reported(begin: Begin, xerosync: Xerosync) -> None:
    sandbox = begin(faults=["PUT /Items=401", "GET /Items=401"])
    assert xerosync(*ASK, "--yes").code == ExitCode.OK
    report = from_json(json.loads(Path("xero-behaviour.json").read_text("utf-8")))
    assert report.not_asked.keys() == {Question.ARCHIVE_LOCKED, Question.DELETE_LOCKED}
    assert "does not allow" in report.not_asked[Question.DELETE_LOCKED]
    assert not [a for a in sandbox.store.accounts() if "xerosync test" in a.name]


@pytest.mark.parametrize("seed", [1, 2])
def test_repeated_failures_of_xero_exceed_no_limit_and_leave_no_account_for_long(
    begin: Begin, xerosync: Xerosync, seed: int
) -> None:
    """One call in ten fails: the run stays within its calls, and no account is left for long."""
    sandbox = begin(db="books.db", fault_rate=0.1, fault_seed=seed)
    before = [(a.account_id, a.name, a.status) for a in sandbox.store.accounts()]
    said = xerosync(*ASK, "--yes")
    assert said.code in {ExitCode.OK, ExitCode.ERROR, ExitCode.SIGN_IN, ExitCode.PARTIAL}, said.err
    assert "bug" not in said.err
    calls = [one for one in sandbox.requests if "/api.xro/" in one.path]
    assert len(calls) <= 150
    sandbox.close()
    healthy = begin(db="books.db")
    assert xerosync(*ASK, "--yes").code == ExitCode.OK
    assert [(a.account_id, a.name, a.status) for a in healthy.store.accounts()] == before


def test_a_report_that_cannot_be_written_leaves_no_account(
    begin: Begin, xerosync: Xerosync
) -> None:
    def move(_: LogEntry) -> None:
        if Path("folder").exists():
            Path("folder").rename("moved")

    sandbox = begin(before_answer=move)
    Path("folder").mkdir()
    said = xerosync(*ASK, "--yes", "--report", "folder/r.json")
    assert said.code == ExitCode.USAGE
    assert "cannot be written" in said.err
    assert not [a for a in sandbox.store.accounts() if "xerosync test" in a.name]


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_books_are_cleaned_up_after_a_process_is_killed_or_stopped(
    begin: Begin, xerosync: Xerosync, kind: signal.Signals
) -> None:
    """SIGKILL leaves the rest to the next run; Ctrl-C and SIGTERM clean up."""
    children: list[subprocess.Popen[str]] = []

    def send(request: LogEntry) -> None:
        if len(writes(sandbox)) == 12 and request.is_write and children:
            children[0].send_signal(kind)

    sandbox = begin(before_answer=send)
    before = [(a.account_id, a.name, a.status) for a in sandbox.store.accounts()]
    with start(*ASK, "--yes") as child:
        children.append(child)
        out, err = child.communicate(timeout=120)
    if kind == signal.SIGKILL:
        assert child.returncode == -kind
        assert list(Path(".xerosync/doctor").glob("*.json"))
        assert xerosync(*ASK, "--yes").code == ExitCode.OK
    else:
        assert child.returncode == ExitCode.INTERRUPTED, err
        assert "Stopping: what this run made in the demo company is cleaned up first." in err
        assert "Stopped: no report was written." in err
        assert "This run left no throw-away account." in err
        assert not out
    assert [(a.account_id, a.name, a.status) for a in sandbox.store.accounts()] == before
    assert not list(Path(".xerosync/doctor").glob("*.json"))


def test_a_second_ctrl_c_ends_the_run_at_once_and_says_what_cleans_up(
    begin: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of the profile cannot be encoded, which must not keep the process alive."""
    children: list[subprocess.Popen[str]] = []

    def send(request: LogEntry) -> None:
        if len(writes(sandbox)) in {12, 14} and request.is_write and children:
            children[0].send_signal(signal.SIGINT)

    sandbox = begin(before_answer=send)
    before = [(a.account_id, a.name, a.status) for a in sandbox.store.accounts()]
    for name in ("XERO_CLIENT_ID_A", "XERO_CLIENT_SECRET_A"):
        monkeypatch.setenv(name, "sandbox")
    with start(*ASK, "--yes", "--profile", "a\udcff", errors="backslashreplace") as child:
        children.append(child)
        _, err = child.communicate(timeout=120)
    assert child.returncode == ExitCode.INTERRUPTED, err
    assert "Stopped at once: what this run made may still be in the demo company." in err
    assert [(a.account_id, a.name, a.status) for a in sandbox.store.accounts()] != before
    assert xerosync(*ASK, "--yes").code == ExitCode.OK
    assert [(a.account_id, a.name, a.status) for a in sandbox.store.accounts()] == before
