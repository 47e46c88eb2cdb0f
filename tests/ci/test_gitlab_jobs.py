"""The jobs of `ci/gitlab.yml`, run as they are against a local GitLab and a sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync
from end_to_end.conftest import writes

from ci.forges import GitLab
from ci.jobs import Ended, edit, first_commit, gitlab_job
from xerosync.sandbox import Sandbox

MERGED = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": "c" * 40, "CI_COMMIT_BRANCH": "main"}
NIGHT = {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}


def on_request(source: str = "5", project: str = "5") -> dict[str, str]:
    """Return the variables of a job on merge request 7, from one project into another."""
    return {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_COMMIT_BRANCH": "",
        "CI_COMMIT_SHA": "a" * 40,
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": source,
        "CI_MERGE_REQUEST_PROJECT_ID": project,
    }


@pytest.fixture
def repository(
    gitlab: GitLab,
    books: Sandbox,
    xerosync: Xerosync,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Make a checkout with the chart of Xero, and set the variables of the project."""
    folder = project / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    first_commit(lambda: xerosync("pull").code)
    books.clear_log()
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"XERO_READ_{name}", "sandbox")
    return folder


def keep(gitlab: GitLab, planned: Ended) -> None:
    """Save the plan as GitLab does, and approve it."""
    gitlab.files["/jobs/3/artifacts/plan.json"] = planned.kept()["plan.json"]
    gitlab.approved_by = ["kim"]


@pytest.mark.usefixtures("installed")
def test_a_change_is_planned_reviewed_merged_applied_and_checked_at_night(
    repository: Path, gitlab: GitLab, books: Sandbox
) -> None:
    edit("name: Bank Fees", "name: Bank Charges")
    for push in ("1", "2"):
        planned = gitlab_job("xerosync-plan", f"plan-{push}", on_request())
        assert planned.code == 0, planned.log
    (note,) = gitlab.notes
    assert "Bank Charges" in note["body"]
    assert json.loads(planned.kept()["gl-code-quality-report.json"]) == []
    assert writes(books) == []
    keep(gitlab, planned)

    applied = gitlab_job("xerosync-apply", "apply", MERGED)
    assert applied.code == 0, applied.log
    assert "kim" in applied.kept()["result.html"]
    assert len(writes(books)) == 1
    gitlab.deploy(applied.kept()["result.jsonl"])
    again = gitlab_job("xerosync-apply", "again", MERGED)
    assert again.code == 5, "the plan is used up"
    gitlab.deploy("")

    quiet = gitlab_job("xerosync-drift", "quiet", NIGHT)
    assert quiet.code == 0, quiet.log
    assert "1 journal of earlier applies fetched" in quiet.log
    assert "No drift since the last apply" in quiet.log
    books.store.edit("404", name="Fees of Banks")
    loud = gitlab_job("xerosync-drift", "loud", NIGHT)
    assert loud.code == 0, loud.log
    (issue,) = gitlab.issues
    assert "Edited in Xero" in issue["description"]
    books.store.edit("404", name="Bank Charges")
    assert gitlab_job("xerosync-drift", "over", NIGHT).code == 0
    assert issue["state"] == "closed"


def test_a_plan_that_apply_would_refuse_fails_the_job_and_is_reported_at_its_line(
    repository: Path, gitlab: GitLab
) -> None:
    before = "name: Bank Fees\n    type: EXPENSE\n    tax_type: NONE\n"
    edit(before, before.replace("NONE", "OUTPUT2"))
    text = Path("accounts.yaml").read_text(encoding="utf-8")
    line = text[: text.index("name: Bank Fees")].count("\n")
    blocked = gitlab_job("xerosync-plan", "blocked", on_request())
    assert blocked.code == 5, blocked.log
    assert "apply would refuse this plan:" in blocked.log
    assert "1 change cannot be made (see the blocked one above)" in blocked.log
    (found,) = json.loads(blocked.kept()["gl-code-quality-report.json"])
    assert found["location"] == {"path": "accounts.yaml", "lines": {"begin": line}}
    assert (found["severity"], found["check_name"]) == ("major", "tax-rate-class")
    assert "blocked" in gitlab.notes[0]["body"]


def test_a_failed_plan_replaces_the_plan_of_an_earlier_commit(
    repository: Path, gitlab: GitLab
) -> None:
    edit("name: Bank Fees", "name: Bank Charges")
    assert gitlab_job("xerosync-plan", "good", on_request()).code == 0
    (note,) = gitlab.notes
    assert f"Planned at commit {'a' * 40}. The digest of the saved plan is `sha256:" in note["body"]
    good = Path("accounts.yaml").read_text(encoding="utf-8")
    Path("accounts.yaml").write_text(f"{good}  nonsense: 1\n", encoding="utf-8")
    gitlab.request["sha"] = "d" * 40
    bad = gitlab_job("xerosync-plan", "bad", {**on_request(), "CI_COMMIT_SHA": "d" * 40})
    assert bad.code == 3
    assert f"no plan for commit {'d' * 40}" in note["body"]
    gitlab.request["sha"] = "a" * 40
    Path("accounts.yaml").write_text(good, encoding="utf-8")
    assert gitlab_job("xerosync-plan", "mended", on_request()).code == 0
    assert "Bank Charges" in note["body"]
    before = "name: Bank Charges\n    type: EXPENSE\n    tax_type: NONE\n"
    edit(before, before.replace("NONE", "OUTPUT2"))
    assert gitlab_job("xerosync-plan", "blocked", on_request()).code == 5
    assert "blocked" in note["body"], "a plan that apply would refuse is a plan"


def test_an_invalid_file_is_reported_at_its_line(repository: Path, gitlab: GitLab) -> None:
    text = Path("accounts.yaml").read_text(encoding="utf-8")
    Path("accounts.yaml").write_text(f'{text}  - code: "404"\n    nmae: Twice\n', encoding="utf-8")
    bad = gitlab_job("xerosync-plan", "bad", on_request("6", "5"), secrets=False)
    assert bad.code == 3
    assert "accounts.yaml:" in bad.log
    report = json.loads(bad.kept()["gl-code-quality-report.json"])
    where = {one["check_name"]: one["location"]["lines"]["begin"] for one in report}
    assert where["unknown-field"] == text.count("\n") + 2


def test_a_fork_is_validated_or_planned_against_an_export(
    repository: Path, gitlab: GitLab, books: Sandbox, xerosync: Xerosync
) -> None:
    """Its pipeline belongs to the fork, so the project's number is the fork's."""
    assert xerosync("export-csv", "--with-xero", "--output", "chart.csv").code == 0
    books.clear_log()
    edit("name: Bank Fees", "name: Bank Charges")
    fork = {**on_request("6", "5"), "CI_PROJECT_ID": "6", "GITLAB_TOKEN": ""}
    checked = gitlab_job("xerosync-plan", "checked", fork, secrets=False)
    assert checked.code == 0, checked.log
    assert "its chart is valid, but there is no plan" in checked.log
    assert set(checked.kept()) == set()
    planned = gitlab_job("xerosync-plan", "csv", fork, {"CURRENT": "chart.csv"}, secrets=False)
    assert planned.code == 0, planned.log
    assert "Bank Charges" in planned.kept()["plan.md"]
    assert books.requests == ()
    assert gitlab.calls == []


def test_a_fork_with_the_projects_secrets_is_refused(
    repository: Path, gitlab: GitLab, books: Sandbox
) -> None:
    """Members can start a fork's pipeline in the parent project, which has the variables."""
    refused = gitlab_job("xerosync-plan", "refused", on_request("6", "5"))
    assert refused.code == 5
    assert "it holds XERO_CLIENT_SECRET, XERO_READ_CLIENT_SECRET" in " ".join(refused.log.split())
    assert books.requests == ()
    assert gitlab.calls == []


def test_missing_variables_fail_the_job(repository: Path, gitlab: GitLab) -> None:
    failed = gitlab_job("xerosync-plan", "failed", on_request(), secrets=False)
    assert failed.code == 4
    assert "XERO_READ_CLIENT_SECRET" in failed.log
    half = {"XERO_READ_CLIENT_ID": ""}
    assert gitlab_job("xerosync-plan", "half", on_request(), half).code == 4
    assert gitlab_job("xerosync-drift", "night", NIGHT, secrets=False).code == 4


def test_a_stale_plan_an_unmerged_branch_and_a_plan_without_approval_are_refused(
    repository: Path, gitlab: GitLab, books: Sandbox
) -> None:
    edit("name: Bank Fees", "name: Bank Charges")
    planned = gitlab_job("xerosync-plan", "plan", on_request())
    keep(gitlab, planned)
    branch = {**MERGED, "CI_COMMIT_BRANCH": "topic"}
    gitlab.approved_by = []
    for number, where in {"branch": branch, "unapproved": MERGED}.items():
        assert gitlab_job("xerosync-apply", number, where).code == 5
    gitlab.approved_by = ["kim"]
    books.store.edit("404", name="Fees of Banks")
    stale = gitlab_job("xerosync-apply", "stale", MERGED)
    assert stale.code == 5
    assert "Xero has changed since this plan" in stale.log
    assert writes(books) == []
