"""`xerosync ci` at GitLab: the same promises as at GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Xerosync

from ci.forges import GitLab

PIPELINE = {"id": 9, "project_id": 5}
MARKER = "<!-- xerosync:plan:tenant-1 -->"


def page(text: str) -> str:
    Path("page.md").write_text(f"{MARKER}\n\n{text}\n", encoding="utf-8")
    return "page.md"


@pytest.fixture
def request_job(gitlab: GitLab, project: Path, monkeypatch: pytest.MonkeyPatch) -> GitLab:
    monkeypatch.setenv("CI_MERGE_REQUEST_IID", "7")
    monkeypatch.delenv("CI_COMMIT_BRANCH")
    monkeypatch.setenv("CI_COMMIT_SHA", "a" * 40)
    return gitlab


@pytest.fixture
def merged(gitlab: GitLab, project: Path) -> GitLab:
    gitlab.files["/jobs/3/artifacts/plan.json"] = "the plan"
    gitlab.approved_by = ["kim"]
    return gitlab


def test_a_note_is_created_once_and_then_updated(request_job: GitLab, xerosync: Xerosync) -> None:
    request_job.notes = [{"id": 0, "author": {"id": 1}, "body": f"{MARKER}\nspoof"}]
    for text in ("first", "second"):
        assert xerosync("ci", "comment", page(text)).code == 0
    (note,) = request_job.notes[1:]
    assert note["body"].splitlines()[3:] == ["second", "", f"Planned at commit {'a' * 40}."]
    assert "spoof" in request_job.notes[0]["body"], "a stranger's note is left alone"


def test_a_failed_plan_changes_only_its_own_note(
    request_job: GitLab, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert xerosync("ci", "comment", page("A plan"), "--file", "a.yaml").code == 0
    (note,) = request_job.notes
    request_job.notes.append(note | {"id": 1, "author": {"id": 1}})
    assert "no earlier" in xerosync("ci", "comment", "--failed", "--file", "b.yaml").err
    before = note["body"]
    monkeypatch.setenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "d" * 40)
    request_job.request["sha"] = "d" * 40
    monkeypatch.setenv("CI_JOB_URL", "https://gitlab.example/-/jobs/9")
    assert xerosync("ci", "comment", "--failed", "--file", "a.yaml").code == 0
    said = f"no plan for commit {'d' * 40}: planning failed in [this job](https://gitlab.example/-/jobs/9)"
    assert said in note["body"]
    assert request_job.notes[1]["body"] == before, "a stranger's note is left alone"


def test_an_issue_is_opened_updated_and_closed(
    gitlab: GitLab, project: Path, xerosync: Xerosync
) -> None:
    for text in ("one", "two", "two"):
        xerosync("ci", "issue", page(text))
    assert [i["description"] for i in gitlab.issues] == [f"{MARKER}\n\ntwo\n"]
    xerosync("ci", "issue", page("gone"), "--resolved")
    assert gitlab.issues[0]["state"] == "closed"
    assert gitlab.said == [f"{MARKER}\n\ngone\n"]
    said = xerosync("ci", "issue", page("gone"), "--resolved")
    assert "No issue is open" in said.err


def test_the_reviewed_plan_is_fetched_with_its_approvers(
    merged: GitLab, xerosync: Xerosync
) -> None:
    said = xerosync("ci", "reviewed", "--out", "plan.json", "--require-approval")
    assert (said.code, said.out) == (0, "kim\n")
    assert Path("plan.json").read_text(encoding="utf-8") == "the plan"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"state": "opened"}, "is not the merge of a merge request"),
        ({"target_branch": "release"}, "is not the merge of a merge request"),
        ({"merge_commit_sha": "b" * 40}, "is not the merge of a merge request"),
        ({"head_pipeline": {"id": 9, "project_id": 6}}, "no saved plan for the last commit"),
        ({"head_pipeline": PIPELINE | {"sha": "b" * 40}}, "no saved plan for the last commit"),
        ({"sha": "d" * 40, "head_pipeline": PIPELINE | {"sha": "e" * 40}}, "no saved plan for the"),
        ({"head_pipeline": None}, "no saved plan for the last commit"),
    ],
)
def test_a_commit_that_was_not_merged_or_has_no_plan_is_refused(
    merged: GitLab, xerosync: Xerosync, change: dict[str, object], says: str
) -> None:
    merged.request |= change
    said = xerosync("ci", "reviewed", "--out", "plan.json")
    assert said.code == 5
    assert says in " ".join(said.err.split())
    assert not Path("plan.json").exists()


def test_a_merged_results_pipeline_counts_for_the_last_commit(
    merged: GitLab, xerosync: Xerosync
) -> None:
    merged.request["head_pipeline"] = PIPELINE | {"sha": "e" * 40}
    assert xerosync("ci", "reviewed", "--out", "plan.json").code == 0


def test_an_unmerged_branch_is_refused(
    merged: GitLab, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_COMMIT_BRANCH", "topic")
    said = xerosync("ci", "reviewed", "--out", "plan.json")
    assert said.code == 5
    assert "nothing is applied from an unmerged branch" in " ".join(said.err.split())


def test_a_re_run_is_refused_once_the_branch_has_newer_commits(
    merged: GitLab, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that only waited while others were merged is not a re-run."""
    monkeypatch.setenv("CI_JOB_NAME", "xerosync-apply")
    monkeypatch.setenv("CI_JOB_ID", "103")
    merged.last = "d" * 40
    merged.deploy("", sha="b" * 40)
    merged.deploy("", job="another")
    merged.deployments.append({"id": 1, "ref": "main", "sha": "c" * 40, "deployable": None})
    merged.deploy("")
    assert xerosync("ci", "reviewed", "--out", "waited.json").code == 0
    monkeypatch.setenv("CI_JOB_ID", "104")
    said = xerosync("ci", "reviewed", "--out", "again.json")
    assert said.code == 5
    assert "main has since moved to dddddddddddd" in " ".join(said.err.split())
    assert not Path("again.json").exists()
    merged.last = "c" * 40
    assert xerosync("ci", "reviewed", "--out", "last.json").code == 0


def test_require_approval_refuses_a_plan_without_approval(
    merged: GitLab, xerosync: Xerosync
) -> None:
    merged.approved_by = []
    assert xerosync("ci", "reviewed", "--out", "p.json", "--require-approval").code == 5
    assert xerosync("ci", "reviewed", "--out", "p.json").out == "\n"


def test_the_author_of_the_merge_request_is_not_an_approver(
    merged: GitLab, xerosync: Xerosync
) -> None:
    """Whether GitLab lets them approve is a setting of the project."""
    merged.approved_by = ["ann"]
    assert xerosync("ci", "reviewed", "--out", "p.json", "--require-approval").code == 5
    merged.approved_by = ["ann", "kim"]
    assert xerosync("ci", "reviewed", "--out", "p.json", "--require-approval").out == "kim\n"


def kept_journals() -> list[str]:
    return [p.read_text(encoding="utf-8") for p in sorted(Path(".xerosync/runs").iterdir())]


def test_journals_are_fetched_despite_later_nightly_jobs_and_refusals(
    gitlab: GitLab, project: Path, xerosync: Xerosync
) -> None:
    """They are found by the name of the job in `ci/gitlab.yml`, as the nightly job does."""
    said = xerosync("ci", "journals")
    assert (said.code, "0 journals" in said.err) == (0, True)
    for number in range(7):
        gitlab.deploy(f"{number}\n")
        gitlab.deploy("")
    gitlab.deploy("x", ref="topic")
    gitlab.deploy("x", job="another")
    gitlab.deployments.append({"id": 1, "ref": "main", "sha": "a" * 40, "deployable": None})
    assert xerosync("ci", "journals").code == 0
    assert kept_journals() == [f"{n}\n" for n in range(2, 7)]


def test_a_journal_that_cannot_be_read_is_an_error_that_says_to_delete_it(
    gitlab: GitLab, project: Path, xerosync: Xerosync
) -> None:
    gitlab.deploy("older")
    gitlab.deploy("\udcff")
    said = xerosync("ci", "journals")
    assert said.code == 1
    assert "/jobs/101/artifacts/result.jsonl is not text." in said.err
    assert "For a journal: delete it there, and run again without it." in said.err
    gitlab.files.popitem()
    assert xerosync("ci", "journals").code == 0
    assert kept_journals() == ["older"]


def test_the_option_kept_fetches_the_journals_of_a_job_with_another_name(
    gitlab: GitLab, project: Path, xerosync: Xerosync
) -> None:
    gitlab.deploy("mine", job="chart")
    assert xerosync("ci", "journals", "--kept", "chart").code == 0
    assert kept_journals() == ["mine"]


def test_the_option_this_run_is_refused_at_gitlab(merged: GitLab, xerosync: Xerosync) -> None:
    assert xerosync("ci", "reviewed", "--out", "p.json", "--this-run").code == 64
