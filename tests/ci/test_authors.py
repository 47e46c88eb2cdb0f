"""Nobody approves what they wrote, and no approval or plan counts for another run or request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync

from ci.conftest import COMMIT
from ci.forges import RUN, GitHub, GitLab, Pull, let_through, review
from ci.test_approval import FETCH, HEAD, LINE, PLAN, comment, refused
from xerosync.ci.connect import changes_to_approve
from xerosync.desired import DesiredChart
from xerosync.plan.saved.digest import digest
from xerosync.plan.saved.serialize import desired_to_json

FIRST, OTHER, README = "1" * 40, "2" * 40, "3" * 40


@pytest.fixture
def merged(github: GitHub, project: Path) -> GitHub:
    """Set the environment of the job after the merge of pull request 7, which kim approved."""
    reviews = [review("kim", "APPROVED", HEAD)]
    github.pulls = [Pull(7, HEAD, COMMIT, reviews=reviews, earlier=(FIRST,))]
    github.keep("xerosync-plan", {"plan.json": PLAN}, head=HEAD, run=2)
    return github


@pytest.mark.parametrize("people", [("kim", "ann"), ("ann", "kim")])
def test_whoever_wrote_any_commit_does_not_approve_the_pull_request(
    merged: GitHub, xerosync: Xerosync, people: tuple[str, str]
) -> None:
    """The last commit can be a merge: ann has pressed "Update branch"."""
    merged.committers[FIRST] = people
    refused(xerosync, "Whoever took part in the changes or started a run cannot approve: ann, kim.")
    merged.pulls[0].reviews.append(review("lee", "APPROVED", HEAD))
    assert xerosync(*FETCH).out == "lee\n"


def test_a_co_author_of_any_commit_does_not_approve_the_pull_request(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.messages[FIRST] = "Rename\n\nCo-authored-by: Kim <kim@example.com>"
    merged.accounts = [{"login": "kim"}]
    refused(xerosync, "Whoever took part in the changes or started a run cannot approve: ann, kim.")


@pytest.mark.parametrize("head", [FIRST, HEAD])
def test_whoever_pushed_any_commit_does_not_approve_the_pull_request(
    merged: GitHub, xerosync: Xerosync, head: str
) -> None:
    """The newest run may be somebody else's, who has reopened the pull request."""
    merged.runs[2] = {"actor": {"login": "kim"}, "head_sha": head, "head_branch": "topic"}
    merged.keep("xerosync-plan", {"plan.json": PLAN}, head=HEAD, run=3)
    merged.runs[3] = {"actor": {"login": "lee"}}
    refused(
        xerosync, "Whoever took part in the changes or started a run cannot approve: ann, kim, lee."
    )


def test_whoever_pushed_to_an_earlier_branch_of_the_same_name_is_not_an_author(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.keep("xerosync-plan", {"plan.json": "old"}, head=OTHER, run=3)
    merged.runs[3] = {"actor": {"login": "kim"}}
    assert xerosync(*FETCH).out == "kim\n"


def test_a_pull_request_with_more_commits_than_github_lists_is_refused(
    merged: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ci.forges.PAGE", 100)
    merged.pulls[0].earlier = tuple(f"{n:040}" for n in range(249))
    refused(xerosync, "GitHub does not list the authors of all of them")


def test_objections_after_thousands_of_comments_are_not_overlooked(
    merged: GitHub, xerosync: Xerosync
) -> None:
    """Anybody who can read the repository can review."""
    strangers = [review(f"stranger{n}", "COMMENTED", HEAD) for n in range(40)]
    merged.pulls[0].reviews += [*strangers, review("lee", "CHANGES_REQUESTED", HEAD)]
    assert "has more than 20 pages" in xerosync(*FETCH).err
    assert not Path("plan.json").exists()


@pytest.mark.parametrize("base", ["evil-base", "main"])
def test_a_plan_that_may_be_of_another_pull_request_is_not_taken(
    merged: GitHub, xerosync: Xerosync, base: str
) -> None:
    """The base of a pull request can bring another workflow, and can be changed later."""
    merged.pulls.append(Pull(8, HEAD, base=base))
    refused(xerosync, "Pull request 8 has the same last commit as pull request 7")
    merged.pulls[1].head = OTHER
    assert xerosync(*FETCH).out == "kim\n", "a branch can have had another pull request before"


def test_a_plan_of_the_same_commit_on_another_branch_is_not_taken(
    merged: GitHub, xerosync: Xerosync
) -> None:
    merged.pulls.append(Pull(8, HEAD, base="evil-base", branch="other"))
    merged.keep("xerosync-plan", {"plan.json": "forged"}, head=HEAD, branch="other", run=3)
    assert xerosync(*FETCH).code == 0
    assert Path("plan.json").read_text(encoding="utf-8") == PLAN


@pytest.fixture
def this_run(merged: GitHub) -> GitHub:
    """Save a plan of this run; its history is two merges, of kim's change and of ann's README."""
    merged.keep("xerosync-plan", {"plan.json": PLAN}, head=COMMIT, run=RUN)
    merged.pulls = [Pull(7, README, COMMIT), Pull(6, HEAD, FIRST, author="kim")]
    merged.committers = {HEAD: ("kim", "kim"), FIRST: ("lee", "web-flow")}
    merged.history = [COMMIT, FIRST, OTHER]
    merged.commit_comments = [comment("kim", LINE)]
    return merged


AGAIN = (*FETCH, "--this-run", "--file", "accounts.yaml")


def test_the_author_of_a_change_does_not_approve_it_after_somebody_elses_merge(
    this_run: GitHub, xerosync: Xerosync
) -> None:
    err = refused(xerosync, "Nobody has approved this run", *AGAIN[len(FETCH) :])
    assert "Whoever took part in the changes or started a run cannot approve: ann, kim." in err
    this_run.commit_comments.append(comment("lee", LINE))
    assert xerosync(*AGAIN).out == "lee\n", "whoever merged it is not its author"


@pytest.mark.parametrize(
    ("file", "path"),
    [("charts/../accounts.yaml", "accounts.yaml"), ("link.yaml", None), ("../x.yaml", None)],
)
def test_without_a_last_apply_all_authors_of_the_chart_file_are_authors(
    this_run: GitHub, xerosync: Xerosync, file: str, path: str | None
) -> None:
    """If the chart's path in the repository is not certain, the authors of any file count."""
    Path("accounts.yaml").touch()
    Path("link.yaml").symlink_to("accounts.yaml")
    refused(xerosync, "Nobody has approved", "--this-run", "--file", file)
    listed = [call for call in this_run.calls if call.path.endswith("/books/commits")]
    assert {call.query.get("path") for call in listed} == {path}


@pytest.mark.parametrize(
    ("files", "standards", "since", "paths"),
    [
        (["a.yaml"], [], FIRST, ["a.yaml"]),
        (["a.yaml"], ["standard.yaml"], "", ["a.yaml", "standard.yaml"]),
        (["a.yaml", "b.yaml"], [], "", ["a.yaml", "b.yaml"]),
        (["charts"], [], "", ["charts"]),
        (["a.yaml", "charts/*.yaml"], [], "", ["a.yaml", ""]),
        (["charts/*.yaml"], [], "", [""]),
        (["[a].yaml"], [], FIRST, ["[a].yaml"]),
        (["../a.yaml"], [], FIRST, [""]),
        ([], [], FIRST, [""]),
    ],
)
def test_the_last_apply_counts_for_one_file_and_every_commit_for_a_pattern(
    project: Path, files: list[str], standards: list[str], since: str, paths: list[str]
) -> None:
    Path("charts").mkdir()
    Path("[a].yaml").touch()
    folder = Path(".xerosync/runs")
    folder.mkdir(parents=True)
    (folder / "20261124T100000Z-1.jsonl").write_text(journal(FIRST, left=0), encoding="utf-8")
    needed = list(map(Path, standards))
    found = changes_to_approve(list(map(Path, files)), lambda _: needed, print)
    assert found == (since, paths)


def test_whoever_started_the_run_does_not_approve_it(this_run: GitHub, xerosync: Xerosync) -> None:
    this_run.commit_comments = [comment("lee", LINE)]
    this_run.runs[RUN] = {"actor": {"login": "lee"}}
    refused(
        xerosync,
        "Whoever took part in the changes or started a run cannot approve: ann, kim, lee.",
        *AGAIN[len(FETCH) :],
    )


def journal(commit: str, *, left: int, proof: str = "as planned") -> str:
    """Return the journal of an apply of a commit that left this many changes undone."""
    begin = {
        "event": "begin", "at": "2026-11-24T10:00:00.000Z", "format_version": "1.0",
        "file": "accounts.yaml", "organisation": {"tenant_id": "t", "name": "Kauri"},
        "digest": "sha256:0", "actor": "ann", "commit": commit, "steps": 0, "left": left,
        "desired": desired_to_json(DesiredChart("accounts.yaml", ())),
    }  # fmt: skip
    end = {"event": "end", "at": "2026-11-24T10:00:01.000Z", "proof": proof, "accounts": []}
    return "".join(json.dumps(line) + "\n" for line in (begin, end))


@pytest.mark.parametrize(
    ("last", "approvers"),
    [
        (journal(FIRST, left=0), "kim\n"),
        (journal(FIRST, left=1), ""),
        (journal(FIRST, left=0, proof="404: update is still needed."), ""),
        (journal(OTHER, left=0), ""),
        (journal(FIRST, left=0).replace('"left": 0, ', ""), ""),
    ],
    ids=["all applied", "some left", "not proved", "before the change", "older version"],
)
def test_authors_of_changes_applied_in_full_can_approve_the_remaining_changes(
    this_run: GitHub, xerosync: Xerosync, last: str, approvers: str
) -> None:
    folder = Path(".xerosync/runs")
    folder.mkdir(parents=True)
    (folder / "20261124T100000Z-1.jsonl").write_text(last, encoding="utf-8")
    said = xerosync(*AGAIN)
    assert (said.code, said.out) == (0 if approvers else 5, approvers), said.err


def test_more_than_300_commits_since_the_last_apply_are_refused(
    this_run: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ci.forges.PAGE", 100)
    this_run.history = [*(f"{n:040}" for n in range(299)), FIRST]
    this_run.commit_comments.append(comment("lee", LINE))
    assert xerosync(*AGAIN).out == "lee\n", "kim wrote the first commit"
    Path("plan.json").unlink()
    for more in (["f" * 40], [f"{n:040}" for n in range(300, 2_200)]):
        this_run.history += more
        err = refused(xerosync, "does not look up the authors of so many", *AGAIN[len(FETCH) :])
        assert "In another pull request, change every chart that is not yet applied" in err


def test_an_approval_comment_does_not_approve_a_later_plan_of_the_same_changes(
    this_run: GitHub, xerosync: Xerosync
) -> None:
    """Else an account that was created, and then deleted in Xero on purpose, would come back."""
    plan = json.loads(PLAN)
    for at, code in (("2026-11-26T10:00:00Z", 0), ("2026-11-26T11:00:00Z", 5)):
        plan |= {"created_at": at, "digest": digest([], at)}
        this_run.artifacts = [a for a in this_run.artifacts if a["workflow_run"]["id"] != RUN]
        this_run.keep("xerosync-plan", {"plan.json": json.dumps(plan)}, head=COMMIT, run=RUN)
        if not code:
            line = f"approve {plan['digest']}"
            this_run.commit_comments = [comment("lee", line)]
        assert xerosync(*AGAIN).code == code


def test_only_the_first_attempt_is_approved_by_a_reviewer_of_the_environment(
    this_run: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub does not say which attempt, and so which plan, somebody has approved."""
    this_run.deployers = [let_through("lee")]
    assert xerosync(*AGAIN).out == "lee\n"
    Path("plan.json").unlink()
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    err = refused(xerosync, "Nobody has approved this run", *AGAIN[len(FETCH) :])
    assert "counts only in the first attempt of a run" in err
    this_run.commit_comments.append(comment("lee", LINE))
    assert xerosync(*AGAIN).out == "lee\n", "the comment names the plan"


@pytest.mark.parametrize(
    ("later", "code"),
    [
        ([{"filename": "README.md"}], 0),
        ([{"filename": "README.md"}, {"filename": "charts/uk.yaml"}], 5),
        ([{"filename": "old.yaml", "previous_filename": "charts/uk.yaml"}], 5),
        ([{"filename": "charts"}], 5),
        ([{"filename": f"{n}.md"} for n in range(300)], 5),
    ],
    ids=["other file", "changed", "moved", "submodule", "too many to list"],
)
def test_a_re_run_after_a_comment_is_refused_only_if_the_chart_has_changed_since(
    this_run: GitHub,
    xerosync: Xerosync,
    monkeypatch: pytest.MonkeyPatch,
    later: list[dict[str, str]],
    code: int,
) -> None:
    """In a busy repository, main moves while somebody reads the plan."""
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    this_run.commit_comments = [comment("lee", LINE)]
    this_run.last, this_run.later = "d" * 40, later
    assert xerosync(*FETCH, "--this-run", "--file", "charts/uk.yaml").code == code
    assert xerosync(*FETCH, "--this-run").code == 5, "it is not known which file counts"
    this_run.strays = {COMMIT}
    assert xerosync(*FETCH, "--this-run", "--file", "charts/uk.yaml").code == 5


def test_a_reviewer_of_the_environment_does_not_count_in_a_re_run(
    merged: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged.keep("xerosync-result-1", {"started.txt": ""}, run=RUN)
    merged.pulls[0].reviews = []
    merged.deployers = [let_through("lee")]
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    refused(xerosync, "In a re-run only reviews of the pull request count")


def test_a_second_attempt_is_refused_if_the_record_of_the_first_is_gone(
    merged: GitHub, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have applied the plan, and somebody may have undone that in Xero on purpose."""
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    merged.keep("xerosync-result-1", {"result.jsonl": ""}, run=RUN + 1)
    merged.keep("xerosync-result-uk-1", {"result.jsonl": ""}, run=RUN)
    merged.keep("xerosync-plan-uk", {"plan.json": PLAN}, head=HEAD, run=2)
    refused(xerosync, "there is no record of the first attempt")
    assert xerosync(*FETCH, "--kept", "xerosync-plan-uk").code == 0


@pytest.mark.parametrize(
    "run",
    [
        {"path": ".github/workflows/evil.yml"},
        {"event": "pull_request"},
        {"event": "workflow_run"},
        {"head_branch": "topic"},
    ],
)
def test_a_journal_of_another_workflow_is_not_fetched(
    github: GitHub, project: Path, xerosync: Xerosync, run: dict[str, str]
) -> None:
    branch = run.get("head_branch", "main")
    github.keep("xerosync-result-1", {"result.jsonl": "forged"}, branch=branch, run=77)
    github.runs[77] = run
    assert "0 journals" in xerosync("ci", "journals").err
    github.runs[78] = {"path": ".github/workflows/mine.yml", "event": "workflow_dispatch"}
    github.keep("xerosync-result-1", {"result.jsonl": "mine"}, run=78)
    assert "1 journal " in xerosync("ci", "journals", "--workflow", "mine.yml").err


def test_a_journal_of_a_tag_with_the_branchs_name_is_not_fetched(
    github: GitHub, project: Path, xerosync: Xerosync
) -> None:
    """GitHub gives the name of the tag as that of the branch; its commit is not on it."""
    github.keep("xerosync-result-1", {"result.jsonl": "forged"}, head="f" * 40)
    github.strays = {"f" * 40}
    assert "0 journals" in xerosync("ci", "journals").err


def test_a_journal_of_a_tag_is_not_fetched_at_gitlab(
    gitlab: GitLab, project: Path, xerosync: Xerosync
) -> None:
    gitlab.deploy("forged", tag=True)
    gitlab.deploy("mine")
    assert "1 journal " in xerosync("ci", "journals").err
    assert [p.read_text(encoding="utf-8") for p in Path(".xerosync/runs").iterdir()] == ["mine"]


def test_at_gitlab_whoever_wrote_any_commit_or_pushed_once_does_not_approve(
    gitlab: GitLab, project: Path, xerosync: Xerosync
) -> None:
    """After a rebase, the last commit and the last pipeline are of whoever has rebased."""
    gitlab.files["/jobs/3/artifacts/plan.json"] = PLAN
    gitlab.approved_by = ["kim", "lee"]
    gitlab.commits = [gitlab.commit, gitlab.commit | {"id": FIRST, "author_name": "kim"}]
    gitlab.pipelines = [{"id": 1, "user": {"username": "lee"}}]
    refused(
        xerosync, "Whoever took part in the changes or started a run cannot approve: ann, lee, kim."
    )
    gitlab.approved_by.append("mia")
    assert xerosync(*FETCH).out == "mia\n"


def test_the_job_of_an_earlier_commit_does_not_replace_the_note_at_gitlab(
    gitlab: GitLab, project: Path, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_IID", "7")
    monkeypatch.setenv("CI_COMMIT_SHA", FIRST)
    Path("page.md").write_text("<!-- xerosync:plan:tenant-1 -->\n\nold\n", encoding="utf-8")
    assert "is no longer the latest" in xerosync("ci", "comment", "page.md").err
    assert gitlab.notes == []
