"""`xerosync ci` at GitHub: comments are updated in place, and only reviewed plans are fetched."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from command_line import Xerosync

from ci.conftest import COMMIT
from ci.forges import PUSHED, TOKEN, GitHub, Pull, let_through, page_of, review
from ci.jobs import on_request
from xerosync.plan.saved.digest import digest
from xerosync.plan.saved.serialize import FORMAT_VERSION

MARKER = "<!-- xerosync:plan:tenant-1 -->"
HEAD = "a" * 40
OF_THIS_RUN = json.dumps({"format_version": FORMAT_VERSION, "plans": [], "digest": digest([])})


def page(text: str, name: str = "page.md", marker: str = MARKER) -> str:
    Path(name).write_text(f"{marker}\n\n{text}\n", encoding="utf-8")
    return name


@pytest.fixture
def pull(github: GitHub, project: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """Set the environment of a job on pull request 7."""
    monkeypatch.setenv("GITHUB_REF", "refs/pull/7/merge")
    return github


@pytest.fixture
def merged(github: GitHub, project: Path) -> GitHub:
    """Set the environment of the job after the merge of pull request 7, which kim approved."""
    reviews = [review("kim", "APPROVED", HEAD)]
    github.pulls = [Pull(6, "e" * 40), Pull(7, HEAD, COMMIT, reviews=reviews)]
    github.keep("xerosync-plan", {"plan.json": "the plan"}, head=HEAD, branch="topic")
    return github


def test_a_comment_is_created_once_and_then_updated(pull: GitHub, xerosync: Xerosync) -> None:
    pull.comments = [page_of(n, f"Talk {n}", "NONE", "User") for n in range(5)]
    assert xerosync("ci", "comment", page("first")).code == 0
    assert xerosync("ci", "comment", page("second")).code == 0
    (comment,) = pull.comments[5:]
    first, second, *text = comment["body"].splitlines()
    assert (first, second[:20]) == (MARKER, "<!-- xerosync:files:")
    job = "https://github.example/acme/books/actions/runs/11"
    assert text == ["", "second", "", f"Planned at commit {COMMIT} in [this job]({job})."]


def plan_page(forge: GitHub, xerosync: Xerosync, *files: str, tenant: str = "1") -> str:
    """Comment a plan of these files, and return the comment."""
    options = [word for file in files for word in ("--file", file)]
    marker = MARKER.replace("tenant-1", f"tenant-{tenant}")
    assert xerosync("ci", "comment", page("A plan", marker=marker), *options).code == 0
    return str(forge.comments[-1]["body"])


def test_a_failed_plan_changes_only_its_own_comment(
    pull: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = plan_page(pull, xerosync, "a.yaml", "b.yaml")
    other = plan_page(pull, xerosync, "other.yaml", tenant="2")
    strange = page_of(900, ours, "CONTRIBUTOR", "User")
    talk = page_of(901, "Talk", "MEMBER", "User")
    pull.comments += [strange, talk]
    monkeypatch.setenv("GITHUB_SHA", "d" * 40)
    failed = ("ci", "comment", "--failed", "-f", "a.yaml", "-f", "b.yaml")
    assert xerosync(*failed).code == 0
    now, *others = (comment["body"] for comment in pull.comments)
    assert others == [other, ours, "Talk"]
    assert now.splitlines()[:2] == ours.splitlines()[:2]
    assert f"There is no plan for commit {'d' * 40}: planning failed in [this job](https://" in now
    assert "A plan" not in now
    plan_page(pull, xerosync, "a.yaml", "b.yaml")
    assert len(pull.comments) == 4, "the next plan takes its place again"
    assert "it failed" not in pull.comments[0]["body"]


def test_a_job_without_a_pull_request_or_for_a_fork_changes_no_comment(
    github: GitHub, project: Path, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert xerosync("ci", "comment", "--failed").code == 0
    for name, value in on_request("a" * 40, "stranger/books").items():
        monkeypatch.setenv(name, value)
    said = xerosync("ci", "comment", "--failed")
    assert (said.code, "no earlier comment" in said.err) == (0, True)
    assert github.calls == []


def test_comment_needs_either_a_page_or_failed(pull: GitHub, xerosync: Xerosync) -> None:
    assert xerosync("ci", "comment").code == 64
    assert xerosync("ci", "comment", page("x"), "--failed").code == 64


@pytest.mark.parametrize(
    "server", ["https://github.example/a)b", "https://github.example/" + "x" * 300]
)
def test_a_job_address_that_is_unsafe_in_markdown_is_left_out(
    pull: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", server)
    assert plan_page(pull, xerosync).endswith(f"Planned at commit {COMMIT}.\n")


def test_each_organisation_has_its_own_comment(pull: GitHub, xerosync: Xerosync) -> None:
    xerosync("ci", "comment", page("one"))
    xerosync("ci", "comment", page("two", marker="<!-- xerosync:plan:tenant-2 -->"))
    assert len(pull.comments) == 2


def test_a_comment_of_a_stranger_with_our_marker_is_not_updated(
    pull: GitHub, xerosync: Xerosync
) -> None:
    """The author of a comment can edit it, and with it the plan."""
    pull.comments = [page_of(1, f"{MARKER}\nspoof", "CONTRIBUTOR", "User")]
    xerosync("ci", "comment", page("mine"))
    assert len(pull.comments) == 2
    assert "spoof" in pull.comments[0]["body"]


@pytest.mark.parametrize("association", ["OWNER", "MEMBER", "COLLABORATOR"])
def test_a_comment_that_a_member_has_planted_is_not_updated(
    pull: GitHub, xerosync: Xerosync, association: str
) -> None:
    """Its author could edit the plan in it later."""
    planted = page_of(1, f"{MARKER}\nhello", association, "User")
    namesake = page_of(3, f"{MARKER}\nhello") | {
        "user": {"login": "github-actions", "type": "User"}
    }
    other_app = page_of(2, f"{MARKER}\nhello") | {"user": {"login": "other[bot]", "type": "Bot"}}
    pull.comments = [planted, other_app, namesake]
    xerosync("ci", "comment", page("new"))
    assert [c["body"] for c in pull.comments[:3]] == [f"{MARKER}\nhello"] * 3
    assert len(pull.comments) == 4


@pytest.mark.parametrize("viewer", ["mia", "charts[bot]", "github-actions[bot]"])
@pytest.mark.parametrize("suffix", [True, False])
def test_a_comment_written_with_the_token_is_updated(
    pull: GitHub, xerosync: Xerosync, viewer: str, suffix: bool
) -> None:
    """The token is a person's or an app's; GitHub names an app with or without `[bot]`."""
    pull.viewer = viewer if suffix else viewer.removesuffix("[bot]")
    for text in ("old", "new"):
        pull.comments = [c | {"user": {"login": viewer, "type": "User"}} for c in pull.comments]
        xerosync("ci", "comment", page(text))
    assert len(pull.comments) == 1


@pytest.mark.parametrize("status", [200, 403])
def test_the_user_of_a_token_is_the_bot_of_jobs_unless_github_names_another(
    pull: GitHub, xerosync: Xerosync, status: int
) -> None:
    pull.spoil = lambda call, answer: {} if call.path == "/graphql" else answer
    pull.moved["POST /graphql"] = (status, "")
    for text in ("old", "new"):
        assert xerosync("ci", "comment", page(text)).code == 0
    assert len(pull.comments) == 1


@pytest.mark.parametrize("failed", [False, True])
def test_the_job_of_an_earlier_commit_does_not_replace_the_comment(
    pull: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, failed: bool
) -> None:
    """Its re-run would show reviewers another plan than the one that is applied."""
    monkeypatch.setenv("GITHUB_SHA", "1" * 40)
    assert xerosync("ci", "comment", page("harmless")).code == 0
    PUSHED.append("2" * 40)
    monkeypatch.setenv("GITHUB_SHA", "2" * 40)
    assert xerosync("ci", "comment", page("what is applied")).code == 0
    monkeypatch.setenv("GITHUB_SHA", "1" * 40)
    again = xerosync("ci", "comment", *(("--failed",) if failed else (page("harmless"),)))
    assert again.code == 0
    assert "Not commented: commit 111111111111 is no longer the latest." in again.err
    (comment,) = pull.comments
    assert "what is applied" in comment["body"]


def test_only_pages_of_xerosync_are_posted(pull: GitHub, xerosync: Xerosync) -> None:
    Path("x.md").write_text("secret\n", encoding="utf-8")
    assert xerosync("ci", "comment", "x.md").code == 64
    assert pull.writes == []


def test_a_token_without_permission_is_refused_with_the_reason(
    pull: GitHub, xerosync: Xerosync
) -> None:
    pull.forbidden = "POST"
    said = xerosync("ci", "comment", page("x"))
    assert said.code == 4
    assert "Resource not accessible by integration" in said.err
    assert "docs/ci.md" in said.err


def test_a_job_without_a_pull_request_cannot_comment(
    github: GitHub, project: Path, xerosync: Xerosync
) -> None:
    assert xerosync("ci", "comment", page("x")).code == 64


def test_an_issue_is_opened_updated_and_closed_once_each(
    github: GitHub, project: Path, xerosync: Xerosync
) -> None:
    marker = "<!-- xerosync:drift:tenant-1 -->"
    xerosync("ci", "issue", page("no drift", marker=marker), "--resolved")
    assert github.writes == []
    for text in ("one", "two", "two"):
        assert xerosync("ci", "issue", page(text, marker=marker)).code == 0
    assert [i["body"] for i in github.issues] == [f"{marker}\n\ntwo\n"]
    assert github.issues[0]["labels"] == ["xerosync-drift"]
    assert sum(w.startswith("PATCH") for w in github.writes) == 1, "the same text is not sent again"
    xerosync("ci", "issue", page("gone", marker=marker), "--resolved")
    assert github.issues[0]["state"] == "closed"
    assert github.said == [f"{marker}\n\ngone\n"]
    xerosync("ci", "issue", page("again", marker=marker))
    assert len(github.issues) == 2


def test_the_reviewed_plan_is_fetched_with_its_approvers(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.deployers = [let_through("lee")]
    said = xerosync("ci", "reviewed", "--out", "plan.json", "--require-approval")
    assert said.code == 0
    assert said.out == "kim, lee\n"
    assert Path("plan.json").read_text(encoding="utf-8") == "the plan"


def test_the_newest_plan_of_the_last_commit_is_fetched(merged: GitHub, xerosync: Xerosync) -> None:
    merged.keep("xerosync-plan", {"plan.json": "newer"}, head=HEAD)
    merged.keep("xerosync-plan", {"plan.json": "another commit"}, head="d" * 40)
    merged.keep("xerosync-plan", {"plan.json": "a fork's"}, head=HEAD, fork=True)
    merged.keep("xerosync-plan", {"plan.json": "expired"}, head=HEAD, expired=True)
    merged.keep("other", {"plan.json": "another name"}, head=HEAD)
    assert xerosync("ci", "reviewed", "--out", "plan.json").code == 0
    assert Path("plan.json").read_text(encoding="utf-8") == "newer"


def refused(forge: GitHub, xerosync: Xerosync, says: str, *options: str) -> None:
    said = xerosync("ci", "reviewed", "--out", "plan.json", *options)
    assert said.code == 5, said
    assert says in " ".join(said.err.split())
    assert not Path("plan.json").exists()
    assert forge.writes == []


@pytest.mark.parametrize(
    ("ref", "what"),
    [
        ("refs/heads/topic", "an unmerged branch"),
        ("refs/pull/7/merge", "an unmerged branch"),
        ("refs/tags/main", "a tag"),
    ],
)
@pytest.mark.parametrize("how", [(), ("--this-run",)])
def test_nothing_is_fetched_for_an_unmerged_branch_or_a_tag(
    merged: GitHub,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    ref: str,
    what: str,
    how: tuple[str, ...],
) -> None:
    monkeypatch.setenv("GITHUB_REF", ref)
    refused(merged, xerosync, f"nothing is applied from {what}", *how)


@pytest.mark.parametrize("how", [(), ("--this-run",)])
def test_a_pull_request_is_not_applied_in_a_job_of_its_target(
    merged: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    """A job for `pull_request_target` has the branch and the commit of the target."""
    merged.keep("xerosync-plan", {"plan.json": "of the pull request"}, head=HEAD)
    event = {"pull_request": {"head": {"repo": {"full_name": "acme/books"}, "sha": HEAD}}}
    Path("event.json").write_text(json.dumps(event), encoding="utf-8")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request_target")
    monkeypatch.setenv("GITHUB_EVENT_PATH", "event.json")
    refused(merged, xerosync, "This job is for a pull request, not for main: nothing is", *how)


@pytest.mark.parametrize(
    "pulls",
    [
        [],
        [Pull(7, HEAD)],
        [Pull(7, HEAD, "b" * 40)],
        [Pull(7, HEAD, COMMIT, base="release")],
    ],
)
def test_a_commit_that_is_not_a_merge_has_no_reviewed_plan(
    merged: GitHub, xerosync: Xerosync, pulls: list[Pull]
) -> None:
    merged.pulls = pulls
    refused(merged, xerosync, "is not the merge of a pull request into main")


def test_a_plan_of_an_earlier_commit_does_not_count(merged: GitHub, xerosync: Xerosync) -> None:
    merged.pulls[1].head = "f" * 40
    refused(merged, xerosync, "no saved plan for the last commit")


@pytest.mark.parametrize(
    "reviews",
    [
        [],
        [review("kim", "APPROVED", "d" * 40)],
        [review("kim", "APPROVED", HEAD), review("kim", "CHANGES_REQUESTED", HEAD)],
        [review("kim", "APPROVED", HEAD), review("kim", "DISMISSED", HEAD)],
        [review("kim", "COMMENTED", HEAD)],
        [review("reader", "APPROVED", HEAD), review("nobody", "APPROVED", HEAD)],
    ],
)
def test_require_approval_refuses_a_plan_without_approval_of_the_last_commit(
    merged: GitHub, xerosync: Xerosync, reviews: list[dict[str, object]]
) -> None:
    merged.pulls[1].reviews = reviews
    merged.permissions = {"reader": "read", "nobody": ""}
    refused(merged, xerosync, "Nobody has approved commit", "--require-approval")


def test_a_comment_after_an_approval_does_not_withdraw_it(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.pulls[1].reviews.append(review("kim", "COMMENTED", HEAD))
    assert xerosync("ci", "reviewed", "--out", "p.json", "--require-approval").out == "kim\n"


def test_the_plan_of_this_run_is_approved_by_the_environments_reviewers(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.keep("xerosync-plan", {"plan.json": OF_THIS_RUN}, head=COMMIT, run=11)
    refused(merged, xerosync, "Nobody has approved this run", "--this-run", "--require-approval")
    merged.deployers = [let_through("lee")]
    said = xerosync("ci", "reviewed", "--out", "p.json", "--this-run", "--require-approval")
    assert said.out == "lee\n"
    assert Path("p.json").read_text(encoding="utf-8") == OF_THIS_RUN


def test_reviewers_of_another_environment_have_not_approved_the_apply(
    merged: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged.keep("xerosync-plan", {"plan.json": OF_THIS_RUN}, head=COMMIT, run=11)
    merged.pulls[1].reviews = []
    merged.deployers = [let_through("lee", "staging"), let_through("lee", state="rejected")]
    for how in ((), ("--this-run",)):
        refused(merged, xerosync, "Nobody has approved", "--require-approval", *how)
    monkeypatch.setenv("XEROSYNC_ENVIRONMENT", "Staging")
    said = xerosync("ci", "reviewed", "--out", "p.json", "--require-approval")
    assert said.out == "lee\n"


def test_the_author_of_the_pull_request_is_not_an_approver(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.pulls[1].reviews = [review("ann", "APPROVED", HEAD)]
    merged.deployers = [let_through("ann")]
    refused(merged, xerosync, "Nobody has approved commit", "--require-approval")
    merged.deployers.append(let_through("lee"))
    said = xerosync("ci", "reviewed", "--out", "p.json", "--require-approval")
    assert said.out == "lee\n"


def test_a_run_without_a_plan_of_its_own_is_refused(merged: GitHub, xerosync: Xerosync) -> None:
    refused(merged, xerosync, "No earlier job of this run", "--this-run")


@pytest.mark.parametrize("how", [(), ("--this-run",)])
def test_a_second_attempt_is_refused_once_the_branch_has_newer_commits(
    merged: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    """Later, it would undo what was merged since, if its plan matches again."""
    merged.keep("xerosync-plan", {"plan.json": OF_THIS_RUN}, head=COMMIT, run=11)
    merged.keep("xerosync-result-1", {"started.txt": ""}, head=COMMIT, run=11)
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    assert xerosync("ci", "reviewed", "--out", "same.json", *how).code == 0
    merged.last = "d" * 40
    refused(merged, xerosync, "main has since moved to dddddddddddd", *how)
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "1")
    assert xerosync("ci", "reviewed", "--out", "waited.json", *how).code == 0


def test_an_artifact_without_a_readable_plan_is_an_error(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.zips[1] = b"junk"
    assert xerosync("ci", "reviewed", "--out", "plan.json").code == 1
    merged.keep("xerosync-plan", {"../../plan.json": "x"}, head=HEAD)
    said = xerosync("ci", "reviewed", "--out", "plan.json")
    assert said.code == 1
    assert "has no plan.json" in said.err


def test_journals_of_the_main_branch_are_fetched_in_order(
    github: GitHub, project: Path, xerosync: Xerosync
) -> None:
    for number in range(7):
        attempt = 3 if number == 4 else 1
        github.keep(f"xerosync-result-{attempt}", {"result.jsonl": f"{number}\n"})
    github.keep("xerosync-result-1", {"result.jsonl": "x"}, branch="topic")
    github.keep("xerosync-result-1", {"result.jsonl": "x"}, fork=True)
    github.keep("xerosync-result-1", {"result.jsonl": "of a fork that was deleted"})
    github.artifacts[-1]["workflow_run"]["head_repository_id"] = None
    assert xerosync("ci", "journals").code == 0
    paths = sorted(Path(".xerosync/runs").iterdir())
    assert [p.read_text(encoding="utf-8") for p in paths] == [f"{n}\n" for n in range(2, 7)]
    assert paths[0].name == "20261124T100003Z-3.jsonl"


def test_a_journal_that_cannot_be_read_is_an_error_that_says_to_delete_it(
    github: GitHub, project: Path, xerosync: Xerosync
) -> None:
    github.keep("xerosync-result-1", {"result.jsonl": "older\n"})
    github.keep("xerosync-result-1", {"result.jsonl": "no text"})
    github.keep("xerosync-result-1", {"result.jsonl": "damaged"})
    with zipfile.ZipFile(data := io.BytesIO(), "w") as archive:
        archive.writestr("result.jsonl", b"\xff")
    github.zips |= {2: data.getvalue(), 3: b"junk"}
    for number in (3, 2):
        said = xerosync("ci", "journals")
        assert said.code == 1
        assert f"xerosync-result-1 of run 100{number}" in said.err
        assert "For a journal: delete it there, and run again without it." in said.err
        github.artifacts.pop()
    assert xerosync("ci", "journals").code == 0
    (path,) = Path(".xerosync/runs").iterdir()
    assert path.read_text(encoding="utf-8") == "older\n"


def test_refused_applies_do_not_hide_the_journals_before_them(
    github: GitHub, project: Path, xerosync: Xerosync
) -> None:
    github.keep("xerosync-result-1", {"result.jsonl": "done\n"})
    for _ in range(6):
        github.keep("xerosync-result-1", {"plan.json": "refused as stale"})
    assert xerosync("ci", "journals").code == 0
    (path,) = Path(".xerosync/runs").iterdir()
    assert path.read_text(encoding="utf-8") == "done\n"


def test_reads_are_retried_and_writes_are_not(
    pull: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    pull.broken = [502, 503]
    assert xerosync("ci", "comment", page("x")).code == 0
    pull.comments.clear()
    pull.forbidden = "never"
    pull.calls.clear()
    pull.broken = [500, 500, 500]
    said = xerosync("ci", "comment", page("x"))
    assert said.code == 1
    assert "answered 500" in said.err
    assert len(pull.calls) == 3


def test_the_token_is_never_printed_and_netrc_is_ignored(
    pull: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    netrc = project / "netrc"
    netrc.write_text("machine 127.0.0.1 login evil password evil\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    said = xerosync("ci", "comment", page("x"), "--debug")
    assert said.code == 0
    monkeypatch.setenv("GITHUB_TOKEN", "wrong-marker")
    wrong = xerosync("ci", "comment", page("x"), "--debug")
    assert wrong.code == 4
    assert TOKEN not in said.out + said.err
    assert "wrong-marker" not in wrong.out + wrong.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_REPOSITORY", "acme/books?x=1"),
        ("GITHUB_REPOSITORY", "../other"),
        ("GITHUB_API_URL", "http://forge.example"),
        ("GITHUB_TOKEN", "two words"),
        ("GITHUB_TOKEN", ""),
    ],
)
def test_an_unsafe_environment_is_refused(
    pull: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert xerosync("ci", "comment", page("x")).code == 64
    assert pull.calls == []


def test_outside_a_job_every_command_is_refused(
    project: Path, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_REPOSITORY", "GITLAB_CI", "CI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    said = xerosync("ci", "comment", page("x"))
    assert said.code == 64
    assert "not a job of GitHub or GitLab" in said.err
