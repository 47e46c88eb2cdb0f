"""Apply to many organisations in waves: what stops what, and how a run goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Xerosync
from render.test_published_schemas import load, validator

from end_to_end import process
from end_to_end.practice import BLOCKED, NEW, Begin, Practice, practices
from xerosync.history import runs
from xerosync.plan.saved.digest import digest
from xerosync.sandbox.books import seed
from xerosync.sandbox.http.messages import LogEntry


@pytest.fixture
def begin(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    with practices(monkeypatch) as found:
        yield found


def journals() -> dict[str, list[runs.Run]]:
    """Return the runs on record by the name of their file, the earliest first."""
    found: dict[str, list[runs.Run]] = {}
    for path in sorted(Path(".xerosync/runs").glob("*.jsonl")):
        (run,) = runs.read(path)
        found.setdefault(Path(run.file).stem, []).append(run)
    return found


def test_each_organisation_is_applied_proved_and_journalled(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(4)
    said = xerosync("apply", "--yes", "clients")
    assert said.code == 0, said.err
    assert practice.done == [0, 1, 2, 3]
    assert practice.written[0] == 0
    assert said.out.count("Applied: 1 created") == 4
    assert f"Wave 1 of 2: {practice.name(0)}." in said.err
    assert "Applied to 4 organisations, and checked: Xero is as planned there." in said.err
    assert "4 journals, one for each organisation, in .xerosync/runs" in said.err
    assert [run.whole for found in journals().values() for run in found] == [True] * 4
    assert xerosync("plan", "clients", "--detailed-exitcode").code == 0


def test_the_organisation_is_read_once_in_an_apply(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(3)
    assert xerosync("apply", "--yes", "clients/client00.yaml").code == 0
    assert xerosync("apply", "--yes", "clients").code == 0
    read = [entry.path for entry in practice.sandbox.requests if "Organisation" in entry.path]
    assert len(read) == 1 + 3


def test_a_canary_is_first_and_its_failure_writes_nowhere_else(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(4, faults=["PUT /Accounts#1=403"])
    practice.write(2, NEW, head="tags: [canary]")
    said = xerosync("apply", "--yes", "clients", "--waves", "canary,rest")
    assert said.code == 6
    assert practice.written == [2]
    assert practice.done == []
    assert "1 of 4 organisations failed, and 3 were not begun." in said.err
    assert f"clients/client02.yaml ({practice.name(2)}): not everything was applied" in said.err
    for number in (0, 1, 3):
        assert f"clients/client{number:02}.yaml ({practice.name(number)})" in said.err
    assert list(journals()) == ["client02"]


def test_after_a_failure_another_path_for_the_result_is_advised(
    begin: Begin, xerosync: Xerosync
) -> None:
    """The same command with the same path is refused: a journal is never overwritten."""
    practice = begin(3, faults=["PUT /Accounts#1=403", "PUT /Accounts#2=403"])
    one = xerosync("apply", "--yes", str(practice.file(0)), "--result", "one.jsonl")
    assert "Run the same command again (with another path for --result): it" in one.err
    many = xerosync("apply", "--yes", "clients", "--waves", "1,rest", "--result", "many/")
    assert "Resolve this, and run again (with another path for --result)." in many.err
    assert (one.code, many.code) == (6, 6)
    for result in ("one.jsonl", "many/"):
        assert xerosync("apply", "--yes", "clients", "--result", result).code == 64
    for chart in ("clients", str(practice.file(0))):
        refused = xerosync("apply", "--yes", chart, "--result", "many/")
        assert "many is not empty, and a journal is never overwritten." in refused.err
    assert xerosync("apply", "--yes", "clients", "--result", "again/").code == 0
    assert practice.done == [0, 1, 2]


def test_the_next_run_begins_with_what_was_not_proved(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(4, faults=["PUT /Accounts#2=403"])
    said = xerosync("apply", "--yes", "clients", "--workers", "1", "--waves", "2,rest")
    assert said.code == 6
    assert practice.done == [0]
    practice.sandbox.clear_log()
    said = xerosync("apply", "--yes", "clients", "--workers", "1")
    assert said.code == 0
    assert practice.written == [1, 2, 3]
    assert f"Wave 1 of 2: {practice.name(1)}." in said.err


def test_one_blocked_organisation_of_ten_is_skipped_and_nine_are_applied(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(10)
    practice.write(0, NEW, BLOCKED)
    said = xerosync("apply", "--yes", "clients")
    assert said.code == 6
    assert practice.done == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert f"Will not be applied: {practice.name(0)}." in said.err
    assert "1 of 10 organisations failed. " in said.err.replace("\n", " ")
    assert "1 change cannot be made" in said.err
    assert xerosync("apply", "--yes", "clients", "--skip-blocked").code == 0
    assert 0 in practice.done


def test_an_organisation_refused_before_its_first_write_does_not_stop_the_others(
    begin: Begin, xerosync: Xerosync
) -> None:
    """Blocked, over a limit, no access from the start, none since the plan, edited since."""
    held: list[Practice] = []

    def edit(request: LogEntry) -> None:
        for practice in held:
            store = practice.stores[4]
            theirs = request.headers.get("xero-tenant-id") == store.tenant_id
            if theirs and request.path.endswith("/Accounts"):
                held.clear()
                store.insert(code="9871", name="Somebody's", type="EXPENSE")

    names = [client.name for client in seed.clients(7, seed.country("NZ"))]
    faults = [f"* /Accounts@{names[2]}=403", f"GET /Accounts#2@{names[3]}=403"]
    practice = begin(7, on_request=edit, faults=faults)
    held.append(practice)
    active = next(
        a for a in practice.stores[1].accounts()
        if a.status == "ACTIVE" and a.type == "EXPENSE" and not a.system_account
    )  # fmt: skip
    practice.write(0, NEW, BLOCKED)
    practice.write(1, NEW, f'code: "{active.code}", status: ARCHIVED', head="limits: {archives: 0}")
    said = xerosync("apply", "--yes", "clients")
    assert said.code == 6
    assert sorted(practice.written) == [5, 6]
    assert "5 of 7 organisations failed." in said.err
    for number, why in (
        (0, "cannot be made"),
        (1, "limits.archives allows 0"),
        (2, "no access"),
        (3, "no access"),
        (4, "Xero has changed since this plan of clients/client04.yaml was made"),
    ):
        line = next(one for one in said.err.splitlines() if f"client{number:02}.yaml (" in one)
        assert why in line
    assert sorted(journals()) == ["client05", "client06"]


def test_the_exit_code_is_that_of_the_refusal_if_all_are_refused_alike(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(3)
    for number in range(3):
        practice.write(number, BLOCKED)
    said = xerosync("apply", "--yes", "clients")
    assert said.code == 5
    assert practice.written == []


def test_one_change_in_too_many_organisations_is_refused_for_all(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(3)
    for number in range(3):
        practice.stores[number].insert(code="9880", name="Old", type="EXPENSE")
        practice.write(number, 'code: "9880", status: ARCHIVED', head="limits: {organisations: 2}")
    shown = xerosync("plan", "clients")
    assert "9880 Old would be archived in 3 organisations; limits.organisations allows 2." in (
        " ".join(shown.out.split())
    )
    assert xerosync("plan", "clients", "--out", "plan.json").code == 0
    marked = xerosync("ci", "annotate", "plan.json")
    assert marked.code == 5
    assert "file=clients/client00.yaml,title=limit,line=5,col=6::9880 Old would be" in marked.out
    assert "%0AAn apply needs --allow organisations=3." in marked.out
    assert xerosync("ci", "annotate", "plan.json", "--allow", "organisations=3").code == 0
    said = xerosync("apply", "--yes", "clients")
    assert said.code == 5
    assert "--allow organisations=3" in said.err
    assert practice.written == []
    assert xerosync("apply", "--yes", "clients", "--allow", "organisations=3").code == 0
    assert len(practice.written) == 3


def test_a_misspelt_tag_is_wrong_usage_before_any_call(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(2)
    for charts in ("clients", "clients/client00.yaml"):
        said = xerosync("apply", "--yes", charts, "--waves", "canarry,rest")
        assert said.code == 64
        assert "no organisation has the tag canarry" in said.err
    assert practice.sandbox.requests == ()


def test_only_selected_organisations_are_applied(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(4)
    practice.write(1, NEW, head="tags: [canary]")
    practice.write(2, NEW, head="tags: [canary]")
    assert xerosync("apply", "--yes", "clients", "--select", "tag:canary").code == 0
    assert practice.done == [1, 2]
    others = ("--select", "!tag:canary", "--waves", "canary,rest")
    said = xerosync("apply", "--yes", "clients", *others)
    assert said.code == 0
    assert practice.done == [0, 1, 2, 3]
    first = "no organisation that this run would change has the tag canary. All are in one wave."
    assert first in " ".join(said.err.split())


def test_result_is_one_file_or_a_folder_of_journals(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(2)
    assert xerosync("apply", "--yes", "clients", "--result", "out/run.jsonl").code == 0
    assert {run.tenant_id for run in runs.read(Path("out/run.jsonl"))} == {
        store.tenant_id for store in practice.stores
    }
    assert xerosync("show", "out/run.jsonl").code == 0
    said = xerosync("apply", "--yes", "clients", "--result", "out/run.jsonl")
    assert said.code == 64
    for number in (0, 1):
        practice.write(number, NEW, 'code: "9872", name: More, type: EXPENSE')
    assert xerosync("apply", "--yes", "clients", "--result", "both/").code == 0
    assert sorted(path.name for path in Path("both").iterdir()) == [
        "client00.jsonl",
        "client01.jsonl",
    ]
    assert "client01.yaml" in xerosync("show", "both").out
    assert len(runs.read(Path("both"))) == 2
    undone = xerosync("rollback", "both", "--out", "undo.json")
    assert undone.code == 0, undone.err
    assert xerosync("apply", "undo.json").code == 0
    assert practice.done == [0, 1]
    assert len(list(Path(".xerosync/runs").iterdir())) == 6
    assert xerosync("rollback", "out/run.jsonl", "--out", "both.json").code == 0
    assert xerosync("apply", "both.json", "--result", "undone/").code == 0
    assert sorted(one.name for one in Path("undone").iterdir()) == ["run-2.jsonl", "run.jsonl"]


def test_an_organisation_whose_undoing_cannot_be_planned_does_not_stop_the_others(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice, journal = begin(3), Path("run.jsonl")
    assert xerosync("apply", "--yes", "clients", "--result", str(journal)).code == 0
    gone = practice.stores[1].tenant_id.replace("-4", "-5")
    text = journal.read_text().replace(practice.stores[1].tenant_id, gone)
    journal.write_text(text)
    undone = xerosync("rollback", "run.jsonl", "--out", "undo.json")
    assert undone.code == 6, undone.err
    assert "1 of 3 organisations failed." in undone.err
    assert (
        f"  - run.jsonl ({practice.name(1)}): This sign-in has no access to the organisation {gone}"
        in undone.err
    )
    assert xerosync("apply", "undo.json").code == 6
    books = [{(a.code, a.status) for a in store.accounts()} for store in practice.stores]
    assert [("9871", "ACTIVE") in accounts for accounts in books] == [False, True, False]


def test_a_rollback_beside_a_failed_organisation_says_that_an_apply_refuses_it(
    begin: Begin, xerosync: Xerosync
) -> None:
    """`limits.organisations` counts if several organisations were to be planned."""
    practice, journal = begin(2), Path("run.jsonl")
    for number in (0, 1):
        practice.write(number, NEW, head="limits: {organisations: 0}")
    assert xerosync("apply", "--yes", "clients", "--result", str(journal)).code == 0
    text, lost = journal.read_text(encoding="utf-8"), practice.stores[1].tenant_id
    journal.write_text(text.replace(lost, lost.replace("-4", "-5")), encoding="utf-8")
    undone = xerosync("rollback", "run.jsonl", "--out", "undo.json")
    assert undone.code == 6
    assert "Nothing was changed. Some of the plan is blocked or exceeds a limit, " in undone.err
    assert xerosync("apply", "undo.json").code == 5


def test_json_events_of_one_organisation_stay_together(begin: Begin, xerosync: Xerosync) -> None:
    begin(3)
    said = xerosync("apply", "--yes", "clients", "--format", "json", "--waves", "all")
    assert said.code == 0
    events = [json.loads(line)["event"] for line in said.out.splitlines()]
    assert events == ["plan", *["begin", "sending", "ended", "end"] * 3]
    (wave,) = json.loads(said.out.splitlines()[0])["waves"]
    assert len(wave) == 3
    Path("events.jsonl").write_text(
        "".join(said.out.splitlines(keepends=True)[1:]), encoding="utf-8"
    )
    assert all(run.whole for run in runs.read(Path("events.jsonl")))


def test_the_first_event_names_the_waves(begin: Begin, xerosync: Xerosync) -> None:
    practice = begin(4)
    practice.write(2, NEW, head="tags: [canary]")
    said = xerosync("apply", "--yes", "clients", "--format", "json", "--waves", "canary,1,rest")
    assert said.code == 0, said.err
    first = json.loads(said.out.splitlines()[0])
    ids = [store.tenant_id for store in practice.stores]
    assert first["waves"] == [[ids[2]], [ids[0]], [ids[1], ids[3]]]
    errors = [e.message for e in validator(load("events.schema.json")).iter_errors(first)]
    assert errors == []


def test_the_first_event_has_the_digest_of_what_it_shows(begin: Begin, xerosync: Xerosync) -> None:
    """That is: of the plans, and of the organisations that could not be planned."""
    begin(2)
    Path("twice.yaml").write_text(Path("clients/client01.yaml").read_text("utf-8"), "utf-8")
    said = xerosync("apply", "--yes", "clients", "twice.yaml", "--format", "json")
    assert said.code == 6, said.err
    first = json.loads(said.out.splitlines()[0])
    assert (len(first["plans"]), len(first["failed"])) == (1, 2)
    assert first["digest"] == digest(first["plans"], first["created_at"], first["failed"])


def test_an_organisation_without_changes_is_recorded_once(begin: Begin, xerosync: Xerosync) -> None:
    begin(2)
    assert xerosync("apply", "--yes", "clients").code == 0
    assert xerosync("apply", "--yes", "clients").code == 0
    assert [len(found) for found in journals().values()] == [1, 1]


def test_after_kill_9_in_a_wave_the_next_run_converges(begin: Begin, xerosync: Xerosync) -> None:
    """The process is killed at the third write: the canary and another one are done."""
    killed: list[int] = []
    seen: list[str] = []

    def kill(request: LogEntry) -> None:
        if request.is_write and killed:
            seen.append(request.path)
            if len(seen) == 3:
                os.kill(killed[0], signal.SIGKILL)

    practice = begin(6, before_answer=kill)
    child = process.start("apply", "--yes", "clients", "--workers", "3")
    killed.append(child.pid)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    killed.clear()
    first = practice.done
    assert 0 in first
    assert len(first) < 6
    said = xerosync("apply", "--yes", "clients")
    assert said.code == 0, said.err
    assert practice.done == [0, 1, 2, 3, 4, 5]
    assert xerosync("plan", "clients", "--detailed-exitcode").code == 0


def interrupted_apply(pids: list[int], workers: int) -> str:
    """Apply in a process, add its id to `pids`, and return its stderr after a signal ended it."""
    child = process.start("apply", "--yes", "clients", "--workers", str(workers))
    pids.append(child.pid)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    return err


def test_ctrl_c_finishes_the_calls_in_flight_and_begins_no_other(begin: Begin) -> None:
    """Two organisations of the second wave are being written to; each is proved to its end."""
    pids: list[int] = []
    seen: list[str] = []

    def interrupt(request: LogEntry) -> None:
        if request.is_write:
            seen.append(request.path)
            if len(seen) == 2:
                os.kill(pids[0], signal.SIGINT)

    practice = begin(6, before_answer=interrupt)
    err = interrupted_apply(pids, 2)
    assert "Interrupted: " in err
    assert "not begun" in err
    assert "Stopping: calls in flight will finish." in err
    assert 2 <= len(practice.done) <= 3
    found = journals()
    assert {f"client{number:02}" for number in practice.written} <= set(found)
    assert all(run.ended_at for each in found.values() for run in each)


def test_ctrl_c_while_unchanged_organisations_are_journalled_is_not_a_success(
    begin: Begin, xerosync: Xerosync
) -> None:
    pids: list[int] = []
    reads: list[str] = []

    def interrupt(request: LogEntry) -> None:
        if pids and request.path.endswith("/Accounts"):
            reads.append(request.path)
            if len(reads) == 4:  # each chart was read once for the plan
                os.kill(pids[0], signal.SIGINT)

    begin(3, before_answer=interrupt)
    assert xerosync("apply", "--yes", "clients").code == 0
    shutil.rmtree(".xerosync/runs")
    err = interrupted_apply(pids, 1)
    assert "Interrupted: 0 of " in err
    assert "not begun" in err


def test_without_a_terminal_the_question_is_refused_before_any_call(
    begin: Begin, xerosync: Xerosync
) -> None:
    practice = begin(2)
    assert xerosync("apply", "clients").code == 5
    assert practice.sandbox.requests == ()


def test_the_question_is_asked_once_and_names_the_waves(
    begin: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice = begin(7)
    asked: list[str] = []

    def answer() -> str:
        asked.append("?")
        return "no"

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("xerosync.cli.terminal.Terminal.interactive", True)
    said = xerosync("apply", "clients")
    assert said.code == 5
    assert asked == ["?"]
    assert "Apply this to 7 organisations in 2 waves? Type yes to continue: " in said.err
    assert practice.written == []
