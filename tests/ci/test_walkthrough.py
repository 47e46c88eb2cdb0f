"""A pull request from change to drift, with Git, the real jobs, and a local GitHub and Xero.

`docs/walkthrough.md` tells the same story, with commands alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Xerosync
from end_to_end import process
from end_to_end.conftest import writes

from ci.documented import assert_refused, refusals
from ci.forges import GitHub, Pull, let_through, review
from ci.jobs import (
    SECRETS,
    Ended,
    commit,
    edit,
    first_commit,
    git,
    job,
    keep_plan,
    on_main,
    on_request,
)
from xerosync.sandbox import Sandbox


@pytest.fixture
def repository(
    github: GitHub,
    books: Sandbox,
    xerosync: Xerosync,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Make a repository with the chart of Xero on its main branch."""
    folder = project / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    first_commit(lambda: xerosync("pull").code)
    books.clear_log()
    return folder


@pytest.fixture
def request_7(repository: Path, github: GitHub) -> str:
    """Open and plan pull request 7, which renames an account; return its last commit."""
    git("switch", "--quiet", "--create", "topic")
    edit("name: Bank Fees", "name: Bank Charges")
    head = commit("Merchant fees are in here too")
    planned = job("plan", "plan", on_request(head))
    assert planned.code == 0, planned.log
    keep_plan(github, planned, head)
    return head


def said(ended: Ended) -> str:
    """Return the log on one line."""
    return " ".join(ended.log.split())


def merge(github: GitHub, head: str, *reviewers: str) -> str:
    """Merge pull request 7 after its reviews, and return the commit of the merge."""
    git("switch", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "--message", "Merge pull request 7", "topic")
    merged = git("rev-parse", "HEAD")
    reviews = [review(name, "APPROVED", head) for name in reviewers]
    github.pulls = [Pull(7, head, merged, reviews=reviews)]
    return merged


@pytest.mark.usefixtures("installed")
def test_a_change_is_planned_reviewed_merged_and_applied_and_drift_is_pulled(
    repository: Path, github: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    # A change on a branch: the job comments its plan, and writes over it for the next commit.
    git("switch", "--quiet", "--create", "topic")
    edit("name: Bank Fees", "name: Bank Costs")
    job("plan", "first", on_request(commit("First thought")))
    edit("name: Bank Costs", "name: Bank Charges")
    head = commit("Second thought")
    planned = job("plan", "second", on_request(head))
    assert planned.code == 0, planned.log
    (comment,) = github.comments
    assert "Bank Costs" not in comment["body"]
    assert "Bank Charges" in planned.summary
    assert planned.summary.partition("\n")[2] in comment["body"]
    digest = json.loads(planned.kept()["plan.json"])["digest"]
    assert re.search(rf"Planned at commit {head} in \[this job\].+`{digest}`", comment["body"])
    assert set(planned.kept()) == {"plan.json", "plan.md", "plan.html"}
    assert writes(books) == []
    keep_plan(github, planned, head)

    # Kim approves the last commit, and it is merged: just that plan is applied.
    merged = merge(github, head, "kim")
    applied = job("apply", "apply", on_main(merged))
    assert applied.code == 0, applied.log
    fees = books.store.by_code("404")
    assert fees
    assert fees.name == "Bank Charges"
    assert len(writes(books)) == 1
    (run,) = json.loads(
        xerosync("show", str(applied.out / "result.jsonl"), "--format", "json").out
    )["runs"]
    assert run["digest"] == digest
    assert (run["approver"], run["actor"], run["commit"]) == ("kim", "merger", merged)
    assert run["proof"] == "as planned"
    assert run["calls"][0]["correlation_id"] in applied.summary
    assert "kim" in applied.kept()["result.html"]
    github.keep("xerosync-result-1", applied.kept(), head=merged)

    # A quiet night, then somebody edits an account in Xero: an issue, once, kept up to date.
    quiet = job("drift", "quiet", on_main(merged))
    assert quiet.code == 0, quiet.log
    assert github.issues == []
    books.store.edit("404", name="Fees of Banks")
    for night in ("one", "two"):
        found = job("drift", night, on_main(merged))
        assert found.code == 0, found.log
    (issue,) = github.issues
    assert "since the last apply" in issue["body"]
    assert "Fees of Banks" in issue["body"]
    assert "Xero does not say by whom" in issue["body"]
    books.store.edit("200", name="Turnover")
    job("drift", "three", on_main(merged))
    assert len(github.issues) == 1
    assert "Turnover" in github.issues[0]["body"]

    # The team accepts it: the file follows, and the issue closes itself.
    assert xerosync("pull").code == 0
    accepted = commit("Accept what was changed in Xero")
    over = job("drift", "four", on_main(accepted))
    assert over.code == 0, over.log
    assert github.issues[0]["state"] == "closed"
    assert "No drift since the last apply" in github.said[0]


def test_a_stale_saved_plan_is_refused(request_7: str, github: GitHub, books: Sandbox) -> None:
    books.store.edit("404", name="Fees of Banks")
    merged = merge(github, request_7, "kim")
    refused = job("apply", "apply", on_main(merged))
    assert_refused("a saved plan, after Xero changed", refused.code, refused.log)
    assert writes(books) == []
    assert not (refused.out / "result.jsonl").exists()


def test_a_plan_that_main_no_longer_asks_for_is_refused(
    request_7: str, github: GitHub, books: Sandbox
) -> None:
    """The file that is applied asks for another name of the same account."""
    merged = merge(github, request_7, "kim")
    edit("name: Bank Charges", "name: Bank Costs")
    refused = job("apply", "apply", on_main(merged))
    assert_refused(
        "a saved plan that the merged file no longer asks for", refused.code, refused.log
    )
    assert writes(books) == []


def test_a_plan_is_applied_although_another_pull_request_is_merged_and_not_applied(
    request_7: str, github: GitHub, books: Sandbox
) -> None:
    git("switch", "--quiet", "main")
    edit("name: Legal expenses", "name: Legal Fees")
    commit("Another pull request")
    merged = merge(github, request_7, "kim")
    applied = job("apply", "apply", on_main(merged))
    assert applied.code == 0, applied.log
    assert "also asks for 1 change that this plan does not make" in applied.log
    assert len(writes(books)) == 1


def test_after_a_refusal_a_new_plan_is_applied_once_a_reviewer_approves_it(
    request_7: str, github: GitHub, books: Sandbox
) -> None:
    books.store.edit("404", name="Fees of Banks")
    merged = merge(github, request_7, "kim")
    planned = job("plan", "again", on_main(merged), {"GITHUB_RUN_ID": "12"})
    assert planned.code == 0, planned.log
    github.keep("xerosync-plan", planned.kept(), head=merged, run=12)
    this_run = {"GITHUB_RUN_ID": "12", "XEROSYNC_THIS_RUN": "yes", **on_main(merged)}
    assert job("apply", "too-early", this_run).code == 5
    github.deployers = [let_through("lee")]
    applied = job("apply", "apply", this_run)
    assert applied.code == 0, applied.log
    assert "lee" in applied.summary


def test_an_unmerged_branch_is_refused(request_7: str, github: GitHub, books: Sandbox) -> None:
    github.pulls = [Pull(7, request_7, reviews=[review("kim", "APPROVED", request_7)])]
    branch = {"GITHUB_REF": "refs/heads/topic", "GITHUB_SHA": request_7}
    for name, where in {"branch": branch, "request": on_request(request_7)}.items():
        refused = job("apply", name, where)
        what = "a commit of an unmerged branch, or of an open pull request"
        assert_refused(what, refused.code, refused.log)
    pushed = job("apply", "pushed", on_main(request_7))
    assert_refused("a commit pushed without a pull request", pushed.code, pushed.log)
    assert writes(books) == []


def test_a_plan_without_approval_is_refused_unless_the_workflow_needs_none(
    request_7: str, github: GitHub, books: Sandbox
) -> None:
    merged = merge(github, request_7)
    refused = job("apply", "apply", on_main(merged))
    assert_refused("a plan that nobody has approved", refused.code, refused.log)
    assert writes(books) == []
    alone = job("apply", "alone", on_main(merged), {"XEROSYNC_REQUIRE_APPROVAL": "no"})
    assert alone.code == 0, alone.log
    assert "not on record" in alone.summary


@pytest.mark.parametrize("source", ["stranger/books", None])
def test_a_fork_without_secrets_is_validated_and_sends_nothing_to_xero(
    repository: Path, github: GitHub, books: Sandbox, source: str | None
) -> None:
    edit("name: Bank Fees", "name: Bank Charges")
    checked = job("plan", "checked", on_request("a" * 40, source), secrets=False)
    assert checked.code == 0
    assert "its chart is valid, but there is no plan" in checked.log
    assert github.calls == []
    assert books.requests == ()


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_fork_with_secrets_is_refused(
    repository: Path, github: GitHub, books: Sandbox, event: str
) -> None:
    refused = job("plan", "refused", on_request("a" * 40, "stranger/books", event))
    assert_refused("a fork's job that has secrets", refused.code, refused.log)
    assert "holds XERO_CLIENT_SECRET:" in said(refused)
    assert "not `pull_request_target`" in said(refused)
    assert github.calls == []
    assert books.requests == ()


@pytest.mark.parametrize("empty", [{}, dict.fromkeys(SECRETS, "")])
@pytest.mark.parametrize("more", [{}, {"XEROSYNC_CURRENT": "chart.csv"}])
def test_missing_or_misspelt_secrets_fail_the_job(
    repository: Path, github: GitHub, empty: dict[str, str], more: dict[str, str]
) -> None:
    misspelt = {"XERO_CLIENT_SECRT": "sandbox"}
    for name, where in {"request": on_request("a" * 40), "branch": on_main("a" * 40)}.items():
        failed = job("plan", name, where, empty, more, misspelt, secrets=False)
        what = "a job without credentials, unless its pull request is a fork's or changes no chart"
        assert_refused(what, failed.code, failed.log)
        assert (
            "none of XERO_CLIENT_SECRET, XERO_ACCESS_TOKEN and XERO_TOKEN_COMMAND is set"
            in said(failed)
        )
        assert "XERO_READ_CLIENT_SECRET" in failed.log
    alone = {"XERO_CLIENT_ID": "", "XERO_CLIENT_SECRET": "sandbox"}
    half = job("plan", "half", on_request("a" * 40), alone)
    assert half.code == 4
    assert "XERO_CLIENT_ID is not set" in half.log
    assert github.writes == []


def test_with_only_a_csv_every_pull_request_is_planned_without_credentials(
    repository: Path, github: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    """The workflow `ci/github/csv.yml` does so. Its plan is in the summary of the job."""
    assert xerosync("export-csv", "--with-xero", "--output", "chart.csv").code == 0
    books.clear_log()
    edit("name: Bank Fees", "name: Bank Charges")
    only = {"XEROSYNC_CSV_ONLY": "yes", "XEROSYNC_CURRENT": "chart.csv"}
    for name, source in {"own": "acme/books", "fork": "stranger/books"}.items():
        planned = job("plan", name, on_request("a" * 40, source), only, secrets=False)
        assert planned.code == 0, planned.log
        assert "Bank Charges" in planned.summary
        assert "plan.json" in planned.kept()
    Path("chart.csv").unlink()
    assert job("plan", "gone", on_request("a" * 40), only, secrets=False).code != 0
    assert github.calls == []
    assert books.requests == ()


def test_an_event_that_cannot_be_read_is_not_taken_for_a_fork(
    repository: Path, github: GitHub
) -> None:
    event = {**on_request("a" * 40), "GITHUB_EVENT_PATH": "gone.json"}
    assert job("plan", "gone", event, secrets=False).code == 64


def test_a_failed_plan_replaces_the_plan_of_an_earlier_commit(
    request_7: str, github: GitHub
) -> None:
    good = Path("accounts.yaml").read_text(encoding="utf-8")
    Path("accounts.yaml").write_text(f"{good}  nonsense: 1\n", encoding="utf-8")
    head = commit("A slip")
    assert job("plan", "bad", on_request(head)).code == 3
    (comment,) = github.comments
    assert f"There is no plan for commit {head}: planning failed in [this job](" in comment["body"]
    assert "Bank Charges" not in comment["body"]
    assert job("plan", "no-secrets", on_request(head), secrets=False).code == 3
    Path("accounts.yaml").write_text(good, encoding="utf-8")
    head = commit("Mended")
    assert job("plan", "good", on_request(head)).code == 0
    assert "Bank Charges" in comment["body"]
    assert f"Planned at commit {head}" in comment["body"]


def test_the_plan_of_a_failed_run_is_not_applied(
    request_7: str, github: GitHub, books: Sandbox
) -> None:
    edit("name: Cleaning\n", "name: Cleaning\n    status: ARCHIVED\n")
    head = commit("And more")
    github.forbidden = "PATCH"
    unseen = job("plan", "unseen", on_request(head))
    assert unseen.code == 4
    assert "Cleaning" not in github.comments[0]["body"]
    assert (unseen.out / "failed.txt").exists()
    github.keep("xerosync-failed-plan", unseen.kept(), head=head, branch="topic", run=2)
    refused = job("apply", "apply", on_main(merge(github, head, "kim")))
    assert refused.code == 5
    assert "no saved plan for the last commit" in said(refused)
    assert writes(books) == []


def test_a_request_for_changes_blocks_the_apply(
    request_7: str, github: GitHub, books: Sandbox
) -> None:
    merged = merge(github, request_7, "kim")
    github.pulls[0].reviews.append(review("boss", "CHANGES_REQUESTED", "d" * 40))
    refused = job("apply", "apply", on_main(merged))
    assert refused.code == 5
    assert "boss requested changes, but commit" in said(refused)
    assert writes(books) == []
    github.permissions = {"boss": "read"}
    assert job("apply", "reader", on_main(merged)).code == 0


def test_an_invalid_file_of_a_fork_is_annotated_at_its_line(
    repository: Path, github: GitHub, books: Sandbox
) -> None:
    text = Path("accounts.yaml").read_text(encoding="utf-8")
    Path("accounts.yaml").write_text(f'{text}  - code: "404"\n    nmae: Twice\n', encoding="utf-8")
    line = text.count("\n") + 2
    bad = job("plan", "bad", on_request("a" * 40, "stranger/books"), secrets=False)
    assert bad.code == 3
    assert f"::error file=accounts.yaml,title=unknown-field,line={line}" in bad.log
    assert books.requests == ()


def test_a_fork_is_planned_against_the_export_and_that_plan_is_never_applied(
    repository: Path, github: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    assert xerosync("export-csv", "--with-xero", "--output", "chart.csv").code == 0
    books.clear_log()
    edit("name: Bank Fees", "name: Bank Charges")
    fork = on_request("a" * 40, "stranger/books")
    planned = job("plan", "fork", fork, {"XEROSYNC_CURRENT": "chart.csv"}, secrets=False)
    assert planned.code == 0, planned.log
    assert "Bank Charges" in planned.summary
    assert books.requests == ()
    assert github.writes == [], "the token of a fork may only read"
    answer = xerosync("apply", str(planned.out / "plan.json"))
    assert_refused("a plan against a CSV, such as a fork's", answer.code, answer.err)


def test_a_re_run_of_an_old_apply_undoes_nothing_that_was_merged_since(
    request_7: str, github: GitHub, books: Sandbox, xerosync: Xerosync
) -> None:
    """Its file and plan match, and Xero is as before the plan: a revert was applied."""
    merged = merge(github, request_7, "kim")
    assert job("apply", "first", on_main(merged)).code == 0
    books.store.edit("404", name="Bank Fees")
    github.last = "d" * 40
    books.clear_log()
    again = job("apply", "again", on_main(merged), {"GITHUB_RUN_ATTEMPT": "2"})
    assert_refused("a re-run of an old apply, after later merges", again.code, again.log)
    assert writes(books) == []


def test_a_plan_that_apply_would_refuse_fails_the_job_and_is_annotated_at_its_line(
    repository: Path, github: GitHub
) -> None:
    before = "name: Bank Fees\n    type: EXPENSE\n    tax_type: NONE\n"
    edit(before, before.replace("NONE", "OUTPUT2"))
    text = Path("accounts.yaml").read_text(encoding="utf-8")
    line = text[: text.index("name: Bank Fees")].count("\n")
    blocked = job("plan", "blocked", on_request("a" * 40))
    assert blocked.code == 5, blocked.log
    mark = f"::error file=accounts.yaml,title=tax-rate-class,line={line},col=5::404 Bank Fees"
    assert mark in blocked.log
    assert "blocked" in github.comments[0]["body"]


@pytest.fixture
def gate(start: Callable[..., Sandbox]) -> Iterator[process.Gate]:
    """Serve an organisation that answers no write before the gate opens."""
    held = process.Gate(start)
    yield held
    held.open()


def test_of_two_applies_at_once_the_second_waits_or_is_refused(
    gate: process.Gate, xerosync: Xerosync, project: Path
) -> None:
    """In one directory a lock refuses the second; on GitHub the concurrency group lets it wait."""
    assert xerosync("pull").code == 0
    edit("name: Bank Fees", "name: Bank Charges")
    assert xerosync("plan", "--out", "plan.json").code == 0
    first = process.start("apply", "plan.json")
    gate.wait_for(1)
    second = xerosync("apply", "plan.json")
    assert_refused("a second apply at the same time, in one folder", second.code, second.err)
    gate.open()
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, out + err
    late = xerosync("apply", "plan.json")
    assert late.code == 5, "the plan is used up: whoever waited finds it stale"


def test_a_job_can_use_the_credentials_of_a_profile(repository: Path, github: GitHub) -> None:
    profile = {"XERO_PROFILE": "acme", "XERO_CLIENT_ID_ACME": "sandbox"}
    secret = {"XERO_CLIENT_SECRET_ACME": "sandbox"}
    planned = job("plan", "profile", on_request("a" * 40), profile, secret, secrets=False)
    assert planned.code == 0, planned.log
    assert "No changes" in planned.log


def test_every_documented_refusal_is_tested_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [what for what in refusals() if f'"{what}"' not in source] == []
