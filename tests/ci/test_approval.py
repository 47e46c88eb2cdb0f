"""Who can approve a plan, and which workflow may have made it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync

from ci.conftest import COMMIT
from ci.forges import Call, GitHub, GitLab, Pull, let_through, review
from xerosync.plan.saved.digest import digest
from xerosync.plan.saved.serialize import FORMAT_VERSION

HEAD = "a" * 40
PLAN = json.dumps({"format_version": FORMAT_VERSION, "plans": [], "digest": digest([])})
LINE = f"approve {digest([])}"
FETCH = ("ci", "reviewed", "--out", "plan.json", "--require-approval")


@pytest.fixture
def merged(github: GitHub, project: Path) -> GitHub:
    """Set the environment of the job after the merge of pull request 7, which kim approved."""
    github.pulls = [Pull(7, HEAD, COMMIT, reviews=[review("kim", "APPROVED", HEAD)])]
    github.keep("xerosync-plan", {"plan.json": PLAN}, head=HEAD, branch="topic", run=2)
    return github


def refused(xerosync: Xerosync, says: str, *options: str) -> str:
    said = xerosync(*FETCH, *options)
    assert said.code == 5, said
    assert says in " ".join(said.err.split())
    assert not Path("plan.json").exists()
    return " ".join(said.err.split())


@pytest.mark.parametrize("people", [("kim", "web-flow"), ("bob", "kim"), ("Kim", "web-flow")])
def test_whoever_wrote_or_committed_the_last_commit_does_not_approve_it(
    merged: GitHub, xerosync: Xerosync, people: tuple[str, str]
) -> None:
    merged.committers[HEAD] = people
    err = refused(xerosync, "Nobody has approved commit")
    assert "Whoever took part in the changes or started a run cannot approve: ann" in err
    assert "A review of an earlier commit does not count. Plan and apply what is left in a" in err
    merged.pulls[0].reviews.append(review("lee", "APPROVED", HEAD))
    assert xerosync(*FETCH).out == "lee\n"


def test_whoever_pushed_the_last_commit_does_not_approve_it(
    merged: GitHub, xerosync: Xerosync
) -> None:
    """The address in the commit may belong to no account at GitHub."""
    merged.runs[2] = {"actor": {"login": "kim"}}
    refused(xerosync, "Nobody has approved commit")


TRAILER = "Rename an account\n\nCo-Authored-By: Kim <kim@example.com>"


def test_a_co_author_of_the_last_commit_does_not_approve_it(
    merged: GitHub, xerosync: Xerosync
) -> None:
    """A trailer has no account; GitHub says whose address it is."""
    merged.messages[HEAD] = TRAILER
    merged.accounts = [{"login": "ann"}, {"login": "kim"}, None]
    err = refused(xerosync, "Nobody has approved commit")
    assert "Whoever took part in the changes or started a run cannot approve: ann, kim." in err
    merged.pulls[0].reviews.append(review("lee", "APPROVED", HEAD))
    assert xerosync(*FETCH).out == "lee\n"


def test_a_plan_is_not_taken_if_github_does_not_say_who_the_co_authors_are(
    merged: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged.messages[HEAD] = TRAILER
    errors = {"data": None, "errors": [{"message": "Resource not accessible"}]}
    monkeypatch.setattr(merged, "_authors", lambda _: (200, errors))
    said = xerosync(*FETCH)
    assert said.code == 1
    assert "did not say who the co-authors" in said.err
    assert not Path("plan.json").exists()


def test_the_enterprise_address_of_graphql_is_beside_that_of_rest(
    merged: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged.messages[HEAD] = TRAILER
    merged.accounts = [{"login": "kim"}]
    at = merged.answer

    def below_api(call: Call) -> tuple[int, Any]:
        for start in ("/api/v3", "/api"):
            if call.path.startswith(start):
                call.path = call.path.removeprefix(start)
                return at(call)
        return 404, {}

    monkeypatch.setattr(merged, "answer", below_api)
    monkeypatch.setenv("GITHUB_API_URL", f"{merged.url}/api/v3")
    refused(xerosync, "Nobody has approved commit")


@pytest.mark.parametrize(
    "run",
    [
        {"path": ".github/workflows/other.yml"},
        {"path": ".github/workflows/x/plan.yml"},
        {"path": "dynamic/plan.yml"},
        {"event": "push"},
        {"event": "workflow_dispatch"},
    ],
)
def test_a_plan_of_another_workflow_is_not_taken(
    merged: GitHub, xerosync: Xerosync, run: dict[str, str]
) -> None:
    merged.keep("xerosync-plan", {"plan.json": "forged"}, head=HEAD, branch="topic", run=3)
    merged.runs[3] = run
    assert xerosync(*FETCH).code == 0
    assert Path("plan.json").read_text(encoding="utf-8") == PLAN
    Path("plan.json").unlink()
    merged.runs[2] = run
    refused(xerosync, "no saved plan for the last commit")


def test_the_plan_workflow_can_have_another_name(merged: GitHub, xerosync: Xerosync) -> None:
    merged.runs[2] = {"path": ".github/workflows/books.yml@refs/pull/7/merge"}
    refused(xerosync, "no saved plan for the last commit")
    assert xerosync(*FETCH, "--workflow", "books.yml").code == 0


def test_a_failed_job_of_one_organisation_does_not_hide_the_plan_of_another(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.runs[2] = {"conclusion": "failure"}
    merged.keep("xerosync-plan-nz", {"plan.json": PLAN}, head=HEAD, run=2)
    merged.keep("xerosync-failed-plan-uk", {"plan.json": PLAN}, head=HEAD, run=2)
    assert xerosync(*FETCH, "--kept", "xerosync-plan-nz").code == 0
    Path("plan.json").unlink()
    refused(xerosync, "no saved plan for the last commit", "--kept", "xerosync-plan-uk")
    merged.keep("xerosync-failed-plan-nz", {"failed.txt": ""}, head=HEAD, run=2)
    refused(xerosync, "no saved plan for the last commit", "--kept", "xerosync-plan-nz")


def comment(login: str, body: str, **more: Any) -> dict[str, Any]:
    at = "2026-11-26T10:00:00Z"
    return {"user": {"login": login}, "body": body, "created_at": at, "updated_at": at} | more


@pytest.fixture
def this_run(merged: GitHub) -> GitHub:
    """Save a plan of this run, which no reviewer of an environment can approve."""
    merged.keep("xerosync-plan", {"plan.json": PLAN}, head=COMMIT, run=11)
    return merged


def test_a_comment_on_the_commit_approves_the_plan_of_this_run(
    this_run: GitHub, xerosync: Xerosync
) -> None:
    err = refused(xerosync, "Nobody has approved this run", "--this-run")
    act = f"add the comment `{LINE}` to commit {COMMIT[:12]}; then run the failed job again."
    assert act in err
    this_run.commit_comments = [comment("kim", f"`{LINE}`\r\n")]
    assert xerosync(*FETCH, "--this-run").out == "kim\n"


@pytest.mark.parametrize(
    "said",
    [
        comment("ann", LINE),
        comment("kim", LINE, updated_at="2026-11-26T10:05:00Z"),
        comment("kim", "approve sha256:" + "0" * 64),
        comment("kim", f"Do not {LINE}"),
        comment("kim", f"I do not approve this:\n```\n{LINE}\n```"),
        comment("kim", ""),
        comment("kim", "") | {"body": None},
        comment("kim", LINE, user=None),
        comment("reader", LINE),
    ],
)
def test_only_a_comment_of_another_writer_on_just_this_plan_approves_it(
    this_run: GitHub, xerosync: Xerosync, said: dict[str, Any]
) -> None:
    """Whoever may write can edit the comments of others."""
    this_run.permissions = {"reader": "read"}
    this_run.commit_comments = [said]
    refused(xerosync, "Nobody has approved this run", "--this-run")


def test_the_author_of_the_change_does_not_approve_its_run_in_any_way(
    this_run: GitHub, xerosync: Xerosync
) -> None:
    this_run.committers = {HEAD: ("bob", "web-flow"), COMMIT: ("kim", "web-flow")}
    this_run.commit_comments = [comment("ann", LINE), comment("bob", LINE)]
    this_run.deployers = [let_through("ann")]
    refused(
        xerosync,
        "Whoever took part in the changes or started a run cannot approve: ann, bob.",
        "--this-run",
    )
    this_run.commit_comments.append(comment("kim", LINE))
    said = xerosync(*FETCH, "--this-run")
    assert said.out == "kim\n", "whoever merged it is not its author"


def test_whoever_pushed_a_commit_without_a_pull_request_does_not_approve_it(
    this_run: GitHub, xerosync: Xerosync
) -> None:
    this_run.pulls = []
    this_run.committers = {COMMIT: ("kim", "web-flow")}
    this_run.commit_comments = [comment("kim", LINE)]
    refused(
        xerosync,
        "Whoever took part in the changes or started a run cannot approve: kim.",
        "--this-run",
    )


def test_at_gitlab_whoever_started_the_last_pipeline_does_not_approve_it(
    gitlab: GitLab, project: Path, xerosync: Xerosync
) -> None:
    gitlab.files["/jobs/3/artifacts/plan.json"] = PLAN
    gitlab.approved_by = ["kim"]
    gitlab.request["head_pipeline"]["user"] = {"username": "kim"}
    err = refused(
        xerosync, "Whoever took part in the changes or started a run cannot approve: ann, kim."
    )
    assert "Open a merge request that touches a chart file, even if only by a comment:" in err
    gitlab.approved_by.append("lee")
    assert xerosync(*FETCH).out == "lee\n"


@pytest.mark.parametrize(
    "commit",
    [
        {"author_name": "kim chang"},
        {"author_name": "kim"},
        {"committer_name": "Kim Chang"},
        {"author_email": "7-kim@users.noreply.gitlab.com"},
        {"committer_email": "Kim@users.noreply.gitlab.example"},
        {"message": "Rename\n\nCo-authored-by: Kim Chang <k@example.com>\n"},
        {"message": "Rename\n\nCo-authored-by: K <7-kim@users.noreply.gitlab.com>"},
    ],
)
def test_at_gitlab_a_person_named_as_author_of_the_last_commit_does_not_approve_it(
    gitlab: GitLab, project: Path, xerosync: Xerosync, commit: dict[str, str]
) -> None:
    """GitLab does not say which user a name or an address in a commit is."""
    gitlab.files["/jobs/3/artifacts/plan.json"] = PLAN
    gitlab.approved_by, gitlab.names = ["kim"], {"kim": "Kim Chang"}
    assert xerosync(*FETCH).out == "kim\n"
    Path("plan.json").unlink()
    gitlab.commit |= commit
    refused(xerosync, "Whoever took part in the changes or started a run cannot approve: ann, kim.")
    gitlab.approved_by.append("lee")
    assert xerosync(*FETCH).out == "lee\n"


def test_at_gitlab_a_plan_of_another_kind_of_pipeline_is_not_taken(
    gitlab: GitLab, project: Path, xerosync: Xerosync
) -> None:
    gitlab.files["/jobs/3/artifacts/plan.json"] = PLAN
    gitlab.approved_by = ["kim"]
    gitlab.request["head_pipeline"]["source"] = "api"
    refused(xerosync, "no saved plan for the last commit")
